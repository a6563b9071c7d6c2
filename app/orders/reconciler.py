"""Resolve what is unknown, or was left by a worker that died: the job of the one worker that leads."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from app.errors import AccountNotFound, GatewayError, StorageUnavailable
from app.leadership import Term
from app.orders.context import OrderContext
from app.orders.doubt import FRESH_MS, FRESH_PAUSE_MS, WATCHED_MS
from app.orders.fates import Fate, get_fate
from app.orders.matching import get_lookback_ms
from app.orders.placing import get_result
from app.orders.records import CommandRecord
from app.orders.results import CommandResult
from app.orders.states import RESOLVED, State
from app.tiger.sessions import Session, Sessions
from app.tiger.trading.order_listing import OrderFilter, iterate_orders
from app.tiger.trading.orders import Order

BATCH: Final = 50
FOLLOWED: Final = 500
"""So many accepted orders are looked at in one round."""
FIRST_PAUSE_MS: Final = 1_000
LONGEST_PAUSE_MS: Final = 60_000
FOLLOWING_PAUSE_MS: Final = 3_000

logger = logging.getLogger(__name__)


class Reconciler:
    """Look at Tiger for each command that is due, with growing pauses; nothing is ever sent from here.

    Placing an order whose client has gone would place it at a moment that nobody chose.
    """

    def __init__(self, context: OrderContext, fetch_sessions: Callable[[], Sessions]) -> None:
        self._context = context
        self._journal = context.journal
        self._fetch_sessions = fetch_sessions

    def run(self, term: Term) -> None:
        """Resolve what is due; one account that Tiger does not answer for leaves the others on time."""
        failed: set[str] = set()
        try:
            while True:
                due = self._journal.list_due(BATCH, without=failed)
                seen = len(failed)
                for record in due:
                    term.confirm()
                    if record.account not in failed and not self._resolve(record):
                        failed.add(record.account)
                if len(failed) == seen:
                    break
            self._follow(term, failed)
        except StorageUnavailable as error:
            logger.warning("Orders in doubt cannot be resolved now: %s", error.message)

    def _resolve(self, record: CommandRecord) -> bool:
        """Look at one command, and return whether Tiger answered."""
        try:
            session = self._fetch_sessions().session(record.account)
        except AccountNotFound:
            # Its credential was taken out of the configuration: nobody can tell what became of it.
            self._journal.postpone(record, get_pause(record, None))
            return True
        try:
            current = self._context.resolve(session, record, session.lookup_deadline())
        except StorageUnavailable:
            raise
        except GatewayError as error:
            logger.info("Tiger cannot be asked about %s %s: %s", record.kind, record.id, error.code)
            self._journal.postpone(record, get_pause(record, session.tiger_now))
            return False
        except Exception:
            # A row that this release cannot read, or a bug of ours, must not keep all others from being resolved.
            logger.exception("%s %s of account %s cannot be resolved", record.kind, record.id, record.account)
            self._journal.postpone(record, get_pause(record, session.tiger_now))
            return True
        if current.state in RESOLVED:
            logger.info("Resolved %s %s of account %s: %s", record.kind, record.id, record.account, current.state)
        elif current.revision == record.revision:
            self._journal.postpone(current, self._get_next_look(current, session.tiger_now), session.tiger_now)
        return True

    def _follow(self, term: Term, failed: set[str]) -> None:
        """Look whether Tiger refused orders that it had taken: one list for each account, however many there are."""
        by_account: dict[str, list[CommandRecord]] = {}
        for record in self._journal.list_due(FOLLOWED, without=failed, accepted=True):
            by_account.setdefault(record.account, []).append(record)
        for account, records in by_account.items():
            term.confirm()
            tiger_now = None
            try:
                session = self._fetch_sessions().session(account)
                tiger_now = session.tiger_now
                orders = _list_orders(session, records)
            except StorageUnavailable:
                raise
            except GatewayError as error:
                logger.info("Accepted orders of account %s cannot be looked at: %s", account, error.code)
                pauses = [_get_pause_after_failure(record, tiger_now) for record in records]
                self._journal.postpone_all(list(zip(records, pauses, strict=True)))
                continue
            self._context.transitions.follow(
                [_see(record, orders.get(record.order_id)) for record in records], session.tiger_now
            )

    def _get_next_look(self, record: CommandRecord, tiger_now: int | None) -> int | None:
        if record.state is State.ABSENT and record.get_age_ms(tiger_now) > WATCHED_MS:
            return None
        pause = get_pause(record, tiger_now)
        # The look that may decide comes as soon as it can.
        decides_in = self._context.doubt.get_milliseconds_until_decision(record)
        return min(pause, decides_in) if decides_in > 0 else pause


def get_pause(record: CommandRecord, tiger_now: int | None) -> int:
    """Return how long to wait after another look in vain, in milliseconds."""
    is_fresh = record.state is not State.ABSENT and _is_fresh(record, tiger_now)
    longest = FRESH_PAUSE_MS if is_fresh else LONGEST_PAUSE_MS
    return int(min(longest, FIRST_PAUSE_MS * 2.0 ** min(record.looks, 10)))


def _get_pause_after_failure(record: CommandRecord, tiger_now: int | None) -> int | None:
    """Return when to look again at an accepted order that could not be looked at."""
    return FOLLOWING_PAUSE_MS if _is_fresh(record, tiger_now) else None


def _is_fresh(record: CommandRecord, tiger_now: int | None) -> bool:
    """Return whether a command is looked at often, by Tiger's clock where the journal's was set forward."""
    age_ms = record.read_at - record.created_at if tiger_now is None else record.get_age_ms(tiger_now)
    return age_ms < FRESH_MS


def _list_orders(session: Session, records: Sequence[CommandRecord]) -> dict[str | None, Order]:
    """Return the orders of the time since the oldest of these commands, by their ids.

    Raises:
        GatewayError: Tiger could not be asked.
    """
    now = session.tiger_now
    start_ms = None if now is None else now - max(map(get_lookback_ms, records))
    orders = iterate_orders(session, OrderFilter(start_ms=start_ms), session.lookup_deadline())
    return {order.order_id: order for order in orders}


def _see(record: CommandRecord, order: Order | None) -> tuple[CommandRecord, CommandResult | None, bool]:
    """Return what the list says of an accepted order: how it stands, and whether that is for good."""
    if order is None:
        return record, None, False
    return record, get_result(record, order), get_fate(order) is not Fate.LIVING
