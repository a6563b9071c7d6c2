"""The orders of one examination: sent far from the market, known by their marks, and cancelled whatever happens."""

import secrets
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from app.errors import GatewayError
from app.tiger.instrument import Instrument
from app.tiger.market.bars import fetch_bars
from app.tiger.plain import RawAnswer, ask, ask_at_once
from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol
from app.tiger.trading.order_listing import OrderFilter, iterate_orders
from app.tiger.trading.order_reads import DAY_MS
from app.tiger.trading.order_statuses import CANCELLED, FILLED, INACTIVE, INVALID
from app.tiger.trading.orders import Order
from app.tiger.trading.tradable_contracts import fetch_tradable_contract
from app.tiger.wire.values import identifier, rows

FAR_SHARE: Final = Decimal("0.5")
"""Orders buy at this part of the last price, which a market does not lose in seconds."""
OVER: Final = frozenset({FILLED, CANCELLED, INACTIVE, INVALID})
"""A state that nobody knows may be open."""
CLEANING_SECONDS: Final = 40.0
CLEANING_PAUSE_SECONDS: Final = 1.0
HIDDEN_SECONDS: Final = 10.0
"""How long an order is looked for that Tiger does not show, whether it answered its placement or not."""


class NotAsked(Exception):
    """Say why a question was not asked."""


def find_objection(session: Session) -> str | None:
    """Return by which sign the account is no paper account, or None."""
    if session.account.type != "demo":
        return "the settings call it live"
    if not session.link.is_paper:
        return "its number is not one of a paper account"
    told = rows(ask(session, "accounts", {}).data)
    kinds = {item.get("accountType") for item in told if identifier(item.get("account")) == session.account.account}
    return None if kinds <= {"PAPER", None} else "Tiger tells that it is of another kind"


class Trial:
    """Send an examination's requests; each order bears a mark of its own, noted before it is sent, and cannot fill."""

    def __init__(self, session: Session, symbol: str, give_back: Callable[[], object] | None = None) -> None:
        """Find out the market's price; without ``give_back`` the quote permission is not grabbed.

        Raises:
            NotAsked: Half of it is no price.
            GatewayError: Tiger could not be asked.
        """
        self.session, self.give_back = session, give_back
        self._contract = fetch_tradable_contract(session, Instrument(get_symbol(symbol)), session.order_deadline())
        bars = fetch_bars(session, symbol, "day", None, None, 1)["bars"]
        self.price = int(Decimal(str(bars[-1]["close"])) * FAR_SHARE) if bars else 0
        if not self.price:
            raise NotAsked(f"{symbol} has no price to stay far from: name another --symbol")
        self.symbol, self.lot = self._contract.symbol, int(self._contract.lot_size or 1)
        self.prefix = f"certify-{secrets.token_hex(4)}-"
        self.number: int | None = None
        self.first = RawAnswer(None, "it was not sent")
        self.unaffordable: tuple[RawAnswer, RawAnswer] | None = None
        self._marks: set[str] = set()
        self._unanswered: set[str] = set()
        self._ids: set[str] = set()
        """Of the orders that answers named; not all need be ours."""
        self._placed_at = 0.0

    def ask(self, method: str, device_id: str | None = None, **fields: Any) -> RawAnswer:
        """Ask anything but for a new order."""
        return ask(self.session, method, fields, device_id)

    def describe(self, **changes: Any) -> dict[str, Any]:
        """Return the fields of an order; a day later it is gone even if nobody cancels it."""
        contract = {"symbol": self.symbol, "currency": self._contract.currency, "sec_type": "STK"}
        order = {"action": "BUY", "order_type": "LMT", "limit_price": float(self.price), "total_quantity": self.lot}
        return {**contract, **order, "time_in_force": "DAY", "outside_rth": False, **changes}

    def place(self, count: int = 1, **changes: Any) -> list[RawAnswer]:
        """Place an order once, whatever becomes of it, or several in one moment, for which Tiger chooses numbers."""
        marks = [f"{self.prefix}{len(self._marks) + turn}" for turn in range(count)]
        # Before they go out: an interruption may come at any moment after that.
        self._marks.update(marks)
        self._unanswered.update(marks)
        self._placed_at = time.monotonic()
        orders = [self.describe(user_mark=mark, **changes) for mark in marks]
        answers = ask_at_once(self.session, "place_order", orders)
        self._unanswered -= {mark for mark, answer in zip(marks, answers, strict=True) if answer.code is not None}
        self._ids.update(answer.order_id for answer in answers if answer.order_id is not None)
        return answers

    def require_first(self) -> RawAnswer:
        """Return the order that most questions are about.

        Raises:
            NotAsked: There is none, or Tiger answered with somebody else's.
        """
        if self.first.order_id is None:
            raise NotAsked(f"no order could be placed far from the market: {self.first.code} {self.first.text}")
        order = self.first.order or self.ask("orders", id=int(self.first.order_id)).order
        if order is None or not self._is_ours(order):
            raise NotAsked("the order placed far from the market was answered with another one")
        return self.first

    def iterate_history(self, days: int) -> Iterator[Order]:
        """Yield the account's orders, newest first."""
        now = self.session.tiger_now
        wanted = OrderFilter(start_ms=None if now is None else now - days * DAY_MS)
        return iterate_orders(self.session, wanted, self.session.read_deadline())

    def clean(self) -> int | None:
        """Cancel every order of this examination; return how many are left, None where nobody can say."""
        ends, left = time.monotonic() + CLEANING_SECONDS, None
        while time.monotonic() < ends:
            try:
                shown = list(self.iterate_history(1))
            except GatewayError:
                left = None
            else:
                ours = [order for order in shown if self._is_ours(order)]
                still_open = [order for order in ours if order.status not in OVER]
                for order in still_open:
                    self.ask("cancel_order", id=int(order.order_id or 0))
                left = len(still_open)
                # What was answered is there, though it may not be listed yet; of what was not, nobody knows.
                unlisted = self._ids - {order.order_id for order in shown}
                hidden = unlisted | (self._unanswered - {order.user_mark for order in ours})
                if not left and (not hidden or time.monotonic() > self._placed_at + HIDDEN_SECONDS):
                    return None if unlisted else 0
            # A cancellation takes its time, and an order whose answer was lost may be shown late.
            time.sleep(CLEANING_PAUSE_SECONDS)
        return left

    def _is_ours(self, order: Order) -> bool:
        if order.user_mark:
            return order.user_mark in self._marks
        return order.order_id in self._ids and order.limit_price == self.price
