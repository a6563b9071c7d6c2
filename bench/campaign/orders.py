"""The orders of a campaign: what each client wants, how patient it is, and what it was told."""

import enum
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.campaign.asking import ACCEPTED, Reply
from bench.campaign.kinds import ACCOUNTS, NAMED, Instruments, Kind, get_partner_figure

SYMBOL = "AAPL"
UNAFFORDABLE_QUANTITY = 10_000_000
CHANGED_QUANTITY = 2
MOST_AT_MARKET = 20
"""For each account: such an order is known by its quantity, and the money is not endless."""

Name = tuple[str, str, float]
"""Account, type, and the limit price (of an order at the market: its quantity or amount), which no other order has."""


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
KIND_SHARE = 0.5
"""So many are of a kind of their own, where kinds are mixed."""
BRACKETS = 4
LEGS = 2
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
    kind: Kind | None = None
    instruments: Instruments = field(default_factory=lambda: NAMED)
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
        if self.kind is not None:
            return self.account, self.kind.at_tiger, self.figure
        return self.account, "MKT" if self.wish is Wish.AT_MARKET else "LMT", self.figure

    @property
    def partner(self) -> Name | None:
        """Return what the order is known by of which this one's fill is the end."""
        is_pair = self.kind is not None and self.kind.is_pair
        return (self.account, "STP", get_partner_figure(self.figure)) if is_pair else None

    @property
    def kind_name(self) -> str:
        """Return what it is counted as."""
        return self.kind.name if self.kind is not None else "bracket" if self.is_bracket else "plain"

    @property
    def path(self) -> str:
        """Return where the client sends it."""
        return "place-order" if self.kind is None else self.kind.get_path()

    @property
    def attached(self) -> int:
        """Return how many others are attached to it."""
        return self.kind.attached if self.kind is not None else LEGS * self.is_bracket

    @property
    def is_bracket(self) -> bool:
        """Tell whether other orders come with it: a quarter of those that rest or fill, and are not changed."""
        may_be = self.wish in {Wish.RESTS, Wish.FILLS} and self.amendment is not Amendment.MODIFY
        return may_be and self.kind is None and self.number % BRACKETS == 0

    @property
    def must_exist(self) -> bool:
        """Tell whether this client repeats it until Tiger has it."""
        return self.wish in SURE and not self.is_hasty

    @property
    def body(self) -> dict[str, Any]:
        """Return what the client sends."""
        if self.kind is not None:
            return self.kind.get_body(self.account, self.figure, self.instruments)
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


def make_orders(
    count: int,
    seed: int,
    wishes: Mapping[Wish, int] = WISHES,
    kinds: Sequence[Kind] = (),
    instruments: Instruments = NAMED,
) -> list[ClientOrder]:
    """Return the orders of a campaign, the kinds one after the other among those that are of none."""
    chance = random.Random(f"orders {seed}")  # noqa: S311 - repeatable, not secret.
    at_market: Counter[str] = Counter()
    mixed = Mixed(kinds, random.Random(f"kinds {seed}"))  # noqa: S311 - repeatable, not secret.
    orders = []
    for number in range(count):
        account = ACCOUNTS[number % len(ACCOUNTS)]
        wish = chance.choices(list(wishes), list(wishes.values()))[0]
        if wish is Wish.AT_MARKET and at_market[account] == MOST_AT_MARKET:
            wish = Wish.RESTS
        kind, turn = mixed.draw(account)
        if kind is not None:
            wish = Wish.RESTS if kind.rests else Wish.FILLS
        at_market[account] += wish is Wish.AT_MARKET
        is_hasty = chance.random() < HASTY_SHARE
        is_amended = wish is Wish.RESTS and not is_hasty and chance.random() < AMENDED_SHARE
        amendment = chance.choice(list(Amendment)) if is_amended else None
        if kind is not None:
            amendment = Amendment.CANCEL if is_amended and not kind.may_end else None
            figure = kind.get_figure(number, turn)
        else:
            figure = {
                Wish.AT_MARKET: float(at_market[account]),
                Wish.FILLS: 1_000 + number / 100,
                Wish.IMMEDIATE: 1_000 + number / 100,
            }.get(wish, 1 + number / 100)
        key = f"campaign-{seed}-{number}"
        orders.append(ClientOrder(number, account, wish, round(figure, 4), key, is_hasty, amendment, kind, instruments))
    return orders


class Mixed:
    """Deal kinds out: of those that an account may send, the one that it has sent least often."""

    def __init__(self, kinds: Sequence[Kind], chance: random.Random) -> None:
        self._kinds, self._chance = kinds, chance
        self._dealt: Counter[str] = Counter()
        self._turns: Counter[tuple[str, str]] = Counter()

    def draw(self, account: str) -> tuple[Kind | None, int]:
        """Return the kind of the next order, None for one of none, and how many of it the account has sent."""
        if self._chance.random() >= KIND_SHARE:
            return None, 0
        left = [
            kind for kind in self._kinds if account in kind.accounts and self._turns[account, kind.name] < kind.most
        ]
        if not left:
            return None, 0
        kind = min(left, key=lambda each: (self._dealt[each.name], self._chance.random()))
        turn = self._turns[account, kind.name]
        self._dealt[kind.name] += 1
        self._turns[account, kind.name] += 1
        return kind, turn
