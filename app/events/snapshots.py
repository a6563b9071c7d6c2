"""How an account stands when a client begins to listen: what is open, what is held, what it is worth."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.errors import GatewayError, StorageUnavailable, TooBusy
from app.events.event_log import EventLog, Head
from app.events.told_states import ToldStates
from app.orders.service import OrderService
from app.tiger.instrument_filter import ANY
from app.tiger.sessions import Session
from app.tiger.trading.assets import fetch_assets
from app.tiger.trading.open_orders import fetch_open_orders
from app.tiger.trading.orders import Order
from app.tiger.trading.positions import ALL_TYPES

SHORT_SECONDS: Final = 0.25
AGAIN_SECONDS: Final = 1.0
KEPT_SECONDS: Final = 5.0
"""So long a snapshot serves those who come: it stays true for its event, and what came later follows it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read of an account after it had the events up to its head."""

    head: Head
    taken_at: float
    content: dict[str, Any]


class Snapshots:
    """Read each account once for all who begin to listen at the same time."""

    def __init__(self, log: EventLog, told: ToldStates, orders: OrderService) -> None:
        self._log = log
        self._told = told
        self._orders = orders
        self._lock = threading.Lock()
        self._reading: dict[str, threading.Lock] = {}
        self._kept: dict[str, Snapshot] = {}

    def fetch(self, session: Session) -> Snapshot:
        """Return how the account of the session stands; what Tiger does not tell is null, and ``missing`` names it.

        Raises:
            TooBusy: Others read it, and too many threads wait already, or they take too long.
            StorageUnavailable: The database does not answer.
        """
        account = session.account.account
        with self._lock:
            reading = self._reading.setdefault(account, threading.Lock())
        self._wait_for(reading, session)
        try:
            kept = self._kept.get(account)
            if kept is not None and time.monotonic() - kept.taken_at < KEPT_SECONDS:
                return kept
            taken = self._kept[account] = self._take(session, time.monotonic())
            return taken
        finally:
            reading.release()

    def _wait_for(self, reading: threading.Lock, session: Session) -> None:
        """Take the lock; who waits longer than a moment waits for Tiger, and has a place for that."""
        if reading.acquire(timeout=SHORT_SECONDS):
            return
        with session.link.pipeline.bulkhead.entered(is_urgent=False):
            if not reading.acquire(timeout=session.read_deadline().remaining()):
                raise TooBusy("Too many clients begin to listen to this account.", retry_after=AGAIN_SECONDS)

    def _take(self, session: Session, now: float) -> Snapshot:
        # First how far the events go: what happens from here on is told, whether or not it is in here already.
        head = self._log.fetch_head(session.account.account)
        missing: list[dict[str, str]] = []

        def read(name: str, ask: Callable[[], Any]) -> Any:
            try:
                return ask()
            except StorageUnavailable:
                raise
            except GatewayError as error:
                missing.append({"name": name, "code": error.code, "error": error.message})
                return None

        open_orders = read("orders", lambda: fetch_open_orders(session, ANY, session.read_deadline()))
        # A position that was told before the snapshot's id is not told again.
        shown = {name.partition(":")[0] for name in self._told.fetch_held(session.account.account)}
        held = read("positions", lambda: self._orders.history.fetch_positions(session, ALL_TYPES, ANY, shown))
        content = {
            "orders": None if open_orders is None else self._show(session, open_orders),
            "positions": None if held is None else held["positions"],
            "assets": read("assets", lambda: fetch_assets(session)),
            "missing": missing,
        }
        return Snapshot(head, now, content)

    def _show(self, session: Session, open_orders: Sequence[Order]) -> list[dict[str, Any]]:
        """Return the orders, each with the client's own id where it was placed with one."""
        ids = [order.order_id for order in open_orders if order.order_id is not None]
        named = self._orders.journal.find_client_ids(session.account.account, ids) if ids else {}
        return [{**order.to_dict(), "client_order_id": named.get(order.order_id or "")} for order in open_orders]
