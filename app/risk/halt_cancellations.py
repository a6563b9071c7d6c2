"""Cancel what is open where a halt says so, until nothing of it is open or in doubt, whoever dies meanwhile.

The halt's row says when to try next. The request that halts tries first, and the worker that leads goes on from there:
one request does not get through many orders, its worker may be killed, and an order that was on its way to Tiger when
trading was halted is there a moment later.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from app.clock import get_now_ms
from app.errors import GatewayError, StorageUnavailable
from app.leadership import Term
from app.orders.cancelling_all import OpenOrders
from app.orders.naming import DOUBTFUL
from app.orders.requester import Requester
from app.orders.service import OrderService
from app.risk.halts import ALL_ACCOUNTS, Halt, Halts, Mode
from app.tiger.sessions import Sessions

AT_A_TIME: Final = 4
"""Accounts whose orders are cancelled at the same time."""
FIRST_PAUSE_MS: Final = 1_000
LONGEST_PAUSE_MS: Final = 60_000
OVER: Final = "The halt was lifted or changed before its turn came: nothing was cancelled."
LASTING_MS: Final = 3_600_000
"""So long after the halt it is tried at least; an order in doubt is watched no longer, either."""

logger = logging.getLogger(__name__)


class HaltCancellations:
    """The cancellations that halts ask for."""

    def __init__(self, halts: Halts, orders: OrderService, find_sessions: Callable[[], Sessions]) -> None:
        self._halts = halts
        self._orders = orders
        self._find_sessions = find_sessions

    def begin(self, halt: Halt, requester: Requester) -> Sequence[dict[str, Any]]:
        """Cancel what is open of a halt just put in force, and return how that ended for each account."""
        # A halt has no idempotency key of its own: to cancel twice does no harm.
        return self._cancel(halt, Requester(requester.key_id, requester.name, requester.request_id))

    def carry_on(self, term: Term) -> None:
        """Try again where that is due: the job of the one worker that leads."""
        try:
            for halt in self._halts.find_cancelling():
                term.confirm()
                self._cancel(halt, Requester("halt", halt.changed_by, "halt"))
        except StorageUnavailable as error:
            logger.warning("Whether a halt has open orders left to cancel cannot be read now: %s", error.message)

    def _cancel(self, halt: Halt, requester: Requester) -> Sequence[dict[str, Any]]:
        sessions = self._find_sessions()
        served = [each.account for each in sessions.accounts]
        accounts = served if halt.account == ALL_ACCOUNTS else [halt.account]
        # What is placed later to close a position is let pass.
        until = None if halt.mode is Mode.HALTED else halt.changed_at
        begun_at = get_now_ms()

        def cancel(account: str) -> tuple[dict[str, Any], bool]:
            if self._is_over(halt):
                # What is open now may have been placed since.
                return _describe(account, None, None, OVER), False
            try:
                wanted = OpenOrders(placed_until=until)
                is_quiet = not self._is_any_doubtful(account, wanted)
                result = self._orders.cancel_all(sessions.session(account), requester, wanted)
            except GatewayError as error:
                return _describe(account, error, None), False
            told = _describe(account, result.error, result.data)
            return told, is_quiet and result.error is None and told["may_be_open"] == 0

        with ThreadPoolExecutor(AT_A_TIME) as pool:
            outcomes = list(pool.map(cancel, accounts))
        self._note(halt, begun_at, is_done=all(is_done for _, is_done in outcomes))
        return [told for told, _ in outcomes]

    def _is_over(self, halt: Halt) -> bool:
        """Return whether a halt was lifted or changed since; where nobody can say it, it was not."""
        try:
            return not self._halts.is_in_force(halt)
        except StorageUnavailable:
            return False

    def _is_any_doubtful(self, account: str, wanted: OpenOrders) -> bool:
        """Return whether Tiger may have, or may yet get, an order from before the halt that it does not list."""
        try:
            placements = self._orders.journal.find_unsettled(account)
        except StorageUnavailable:
            # Cancellations go out all the same.
            return True
        return any(record.state in DOUBTFUL and not wanted.spares(record) for record in placements)

    def _note(self, halt: Halt, begun_at: int, *, is_done: bool) -> None:
        age_ms = begun_at - halt.changed_at
        if is_done:
            logger.warning("The open orders of account %s are cancelled, as its halt asks for", halt.account)
        elif age_ms > LASTING_MS:
            logger.error("Orders of account %s may still be open; the halt cancels no more of them", halt.account)
        next_at = None
        if not is_done and age_ms <= LASTING_MS:
            next_at = get_now_ms() + max(FIRST_PAUSE_MS, min(age_ms // 2, LONGEST_PAUSE_MS))
        try:
            self._halts.note_cancelled(halt, next_at)
        except StorageUnavailable as error:
            logger.warning("How far a halt has cancelled open orders cannot be written now: %s", error.message)


def _describe(account: str, error: GatewayError | None, data: Any, reason: str | None = None) -> dict[str, Any]:
    told = data or {}
    return {
        "account": account,
        "count": told.get("count"),
        "outcomes": told.get("outcomes"),
        "may_be_open": told.get("may_be_open"),
        "code": None if error is None else error.code,
        "reason": reason if error is None else error.message,
    }
