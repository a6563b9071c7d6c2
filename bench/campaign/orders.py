"""The orders of a campaign: what each client wants, how patient it is, and what it was told."""

import enum
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.campaign.asking import ACCEPTED, Reply

SYMBOL = "AAPL"
ACCOUNTS = ("67686635", "66804149", "20240830213609658")
UNAFFORDABLE_QUANTITY = 10_000_000
CHANGED_QUANTITY = 2
MOST_AT_MARKET = 20
"""For each account: such an order is known by its quantity, and the money is not endless."""

Name = tuple[str, str, float]
"""Account, type, and the limit price (of an order at the market: the quantity), which no other order has."""


class Wish(enum.Enum):
    """What an order is: in the book, filled at once, at the market, immediate or cancelled, or beyond the money."""

    RESTS = "rests"
    FILLS = "fills"
    AT_MARKET = "at market"
    IMMEDIATE = "immediate"
    UNAFFORDABLE = "unaffordable"


class Amendment(enum.Enum):
    """What a client does with its order afterwards, under a key of its own."""

    CANCEL = "cancel"
    MODIFY = "modify"


WISHES: Mapping[Wish, int] = {
    Wish.RESTS: 70,
    Wish.FILLS: 10,
    Wish.AT_MARKET: 3,
    Wish.IMMEDIATE: 7,
    Wish.UNAFFORDABLE: 10,
}
"""How many of a hundred; what Tiger may refuse is whatever follows from its readings."""
SURE = frozenset({Wish.RESTS, Wish.FILLS, Wish.AT_MARKET})
"""What Tiger takes under every reading."""
BRACKETS = 4
"""One in so many orders has others attached to it."""
HASTY_SHARE = 0.25
AMENDED_SHARE = 0.2


@dataclass
class ClientOrder:
    """One order that a client wants exactly once.

    Who is hasty gives up at the first answer that is no 202. ``told`` is what order-status says in the end, ``repeat``
    what the same request with the same key is answered then, ``expired`` what order-status says a day later.
    """

    number: int
    account: str
    wish: Wish
    figure: float
    idempotency_key: str
    is_hasty: bool
    amendment: Amendment | None
    replies: list[Reply] = field(default_factory=list)
    amendment_replies: list[Reply] = field(default_factory=list)
    told: Reply | None = None
    repeat: Reply | None = None
    expired: Reply | None = None

    @property
    def last(self) -> Reply:
        """Return the last answer the client got."""
        return self.replies[-1]

    @property
    def last_of_amendment(self) -> Reply | None:
        """Return the last answer to the cancellation or change."""
        return self.amendment_replies[-1] if self.amendment_replies else None

    @property
    def was_accepted(self) -> bool:
        """Tell whether the client was told so."""
        return self.last.status == ACCEPTED

    @property
    def name(self) -> Name:
        """Return what it is known by at Tiger."""
        return self.account, "MKT" if self.wish is Wish.AT_MARKET else "LMT", self.figure

    @property
    def is_bracket(self) -> bool:
        """Tell whether other orders come with it: a quarter of those that rest or fill, and are not changed."""
        is_kind = self.wish in {Wish.RESTS, Wish.FILLS} and self.amendment is not Amendment.MODIFY
        return is_kind and self.number % BRACKETS == 0

    @property
    def must_exist(self) -> bool:
        """Tell whether this client repeats it until Tiger has it."""
        return self.wish in SURE and not self.is_hasty

    @property
    def body(self) -> dict[str, Any]:
        """Return what the client sends."""
        body: dict[str, Any] = {"account": self.account, "symbol": SYMBOL, "action": "BUY", "quantity": 1}
        if self.wish is Wish.AT_MARKET:
            return body | {"order_type": "MKT", "quantity": int(self.figure)}
        body |= {"order_type": "LMT", "limit_price": self.figure}
        if self.is_bracket:
            body |= {"take_profit": {"limit_price": 9_000}, "stop_loss": {"stop_price": 0.5}}
        if self.wish is Wish.UNAFFORDABLE:
            body["quantity"] = UNAFFORDABLE_QUANTITY
        if self.wish is Wish.IMMEDIATE:
            body["time_in_force"] = "IOC" if self.number % 2 else "FOK"
        return body


def make_orders(count: int, seed: int, wishes: Mapping[Wish, int] = WISHES) -> list[ClientOrder]:
    """Return the orders of a campaign."""
    chance = random.Random(f"orders {seed}")  # noqa: S311 - repeatable, not secret.
    at_market: Counter[str] = Counter()
    orders = []
    for number in range(count):
        account = ACCOUNTS[number % len(ACCOUNTS)]
        wish = chance.choices(list(wishes), list(wishes.values()))[0]
        if wish is Wish.AT_MARKET and at_market[account] == MOST_AT_MARKET:
            wish = Wish.RESTS
        at_market[account] += wish is Wish.AT_MARKET
        is_hasty = chance.random() < HASTY_SHARE
        is_amended = wish is Wish.RESTS and not is_hasty and chance.random() < AMENDED_SHARE
        amendment = chance.choice(list(Amendment)) if is_amended else None
        figure = {
            Wish.AT_MARKET: float(at_market[account]),
            Wish.FILLS: 1_000 + number / 100,
            Wish.IMMEDIATE: 1_000 + number / 100,
        }.get(wish, 1 + number / 100)
        orders.append(
            ClientOrder(number, account, wish, round(figure, 2), f"campaign-{seed}-{number}", is_hasty, amendment)
        )
    return orders
