"""Settle what is unknown, or was left by a worker that died: the duty of the one worker that leads."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from app.errors import AccountNotFound, GatewayError, StorageUnavailable
from app.leadership import Lead
from app.orders.bookkeeping import Bookkeeping
from app.orders.clerk import Clerk
from app.orders.entries import Entry
from app.orders.errands import Outcome
from app.orders.fates import Fate, get_fate
from app.orders.placing import LONGEST_LOOKBACK_MS, MARK_LOOKBACK_MS, get_outcome
from app.orders.states import SETTLED, State
from app.tiger.sessions import Session, Sessions
from app.tiger.trading.order_listing import OrderFilter, iterate_orders
from app.tiger.trading.orders import Order

BATCH: Final = 50
FOLLOWED: Final = 500
"""So many accepted orders are looked at in one round."""
FIRST_PAUSE_MS: Final = 1_000
LONGEST_PAUSE_MS: Final = 60_000
FRESH_PAUSE_MS: Final = 10_000
FOLLOWING_PAUSE_MS: Final = 3_000
FRESH_MS: Final = 900_000
"""So long what is in doubt is looked for often: once whatever failed is over it is settled within half a minute."""
WATCHED_MS: Final = 3_600_000
"""How long an order that never arrived is still looked for, should it surface after all."""

logger = logging.getLogger(__name__)


class Reconciler:
    """Look at Tiger for each command that is due, with growing pauses; nothing is ever sent from here.

    Placing an order whose client has gone would place it at a moment that nobody chose.
    """

    def __init__(self, books: Bookkeeping, clerk: Clerk, fetch_sessions: Callable[[], Sessions]) -> None:
        self._books = books
        self._journal = books.journal
        self._clerk = clerk
        self._fetch_sessions = fetch_sessions

    def run(self, lead: Lead) -> None:
        """Settle what is due; one account that Tiger does not answer for leaves the others on time."""
        failed: set[str] = set()
        try:
            while True:
                due = self._journal.list_due(BATCH, without=failed)
                seen = len(failed)
                for entry in due:
                    lead.confirm()
                    if entry.account not in failed and not self._settle(entry):
                        failed.add(entry.account)
                if len(failed) == seen:
                    break
            self._follow(lead, failed)
        except StorageUnavailable as error:
            logger.warning("Orders in doubt cannot be settled now: %s", error.message)

    def _settle(self, entry: Entry) -> bool:
        """Look at one command, and tell whether Tiger answered."""
        try:
            session = self._fetch_sessions().session(entry.account)
        except AccountNotFound:
            # Its credential was taken out of the configuration: nobody can tell what became of it.
            self._journal.postpone(entry, LONGEST_PAUSE_MS)
            return True
        try:
            current = self._clerk.settle(session, entry, session.lookup_deadline())
        except StorageUnavailable:
            raise
        except GatewayError as error:
            logger.info("Tiger cannot be asked about %s %s: %s", entry.kind, entry.id, error.code)
            self._journal.postpone(entry, get_pause(entry))
            return False
        except Exception:
            # A row that this release cannot read, or a bug of ours, must not keep all others from being settled.
            logger.exception("%s %s of account %s cannot be settled", entry.kind, entry.id, entry.account)
            self._journal.postpone(entry, get_pause(entry))
            return True
        if current.state in SETTLED:
            logger.info("Settled %s %s of account %s: %s", entry.kind, entry.id, entry.account, current.state)
        elif current.revision == entry.revision:
            self._journal.postpone(current, self._get_next_look(current, session.tiger_now), session.tiger_now)
        return True

    def _follow(self, lead: Lead, failed: set[str]) -> None:
        """Look whether Tiger refused orders that it had taken: one list for each account, however many there are."""
        by_account: dict[str, list[Entry]] = {}
        for entry in self._journal.list_due(FOLLOWED, without=failed, accepted=True):
            by_account.setdefault(entry.account, []).append(entry)
        for account, entries in by_account.items():
            lead.confirm()
            try:
                orders = _list_orders(self._fetch_sessions().session(account), entries)
            except StorageUnavailable:
                raise
            except GatewayError as error:
                logger.info("Accepted orders of account %s cannot be looked at: %s", account, error.code)
                self._journal.postpone_all([(entry, _get_pause_after_failure(entry)) for entry in entries])
                continue
            session = self._fetch_sessions().session(account)
            self._books.follow([_see(entry, orders.get(entry.order_id)) for entry in entries], session.tiger_now)

    def _get_next_look(self, entry: Entry, tiger_now: int | None) -> int | None:
        if entry.state is State.ABSENT and entry.get_age_ms(tiger_now) > WATCHED_MS:
            return None
        pause = get_pause(entry)
        # The look that may decide comes as soon as it can.
        decides_in = self._books.get_milliseconds_until_decision(entry)
        return min(pause, decides_in) if decides_in > 0 else pause


def get_pause(entry: Entry) -> int:
    """Return how long to wait after another look in vain, in milliseconds."""
    is_fresh = entry.state is not State.ABSENT and entry.read_at - entry.created_at < FRESH_MS
    longest = FRESH_PAUSE_MS if is_fresh else LONGEST_PAUSE_MS
    return int(min(longest, FIRST_PAUSE_MS * 2.0 ** min(entry.looks, 10)))


def _get_pause_after_failure(entry: Entry) -> int | None:
    """Return when to look again at an accepted order that could not be looked at."""
    return FOLLOWING_PAUSE_MS if entry.read_at - entry.created_at < FRESH_MS else None


def _list_orders(session: Session, entries: Sequence[Entry]) -> dict[str | None, Order]:
    """Return the orders of the time since the oldest of these commands, by their ids.

    Raises:
        GatewayError: Tiger could not be asked.
    """
    age_ms = max(max(0, entry.read_at - entry.created_at) for entry in entries)
    now = session.tiger_now
    start_ms = None if now is None else now - min(age_ms, LONGEST_LOOKBACK_MS) - MARK_LOOKBACK_MS
    orders = iterate_orders(session, OrderFilter(start_ms=start_ms), session.lookup_deadline())
    return {order.order_id: order for order in orders}


def _see(entry: Entry, order: Order | None) -> tuple[Entry, Outcome | None, bool]:
    """Return what the list says of an accepted order: how it stands, and whether that is for good."""
    if order is None:
        return entry, None, False
    return entry, get_outcome(entry, order), get_fate(order) is not Fate.LIVING
