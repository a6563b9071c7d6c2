"""Halt and resume trading, and cancel what is open where that is asked for: each is told, whatever became of it."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from app.audit.actors import name_client
from app.errors import GatewayError
from app.orders.cancelling_all import OpenOrders
from app.orders.requester import Requester
from app.orders.service import OrderService
from app.risk.halts import ALL_ACCOUNTS, Halts, Mode
from app.tiger.sessions import Sessions

AT_A_TIME: Final = 4
"""Accounts whose orders are cancelled at the same time."""

logger = logging.getLogger(__name__)


class Halting:
    """What operators and clients do about halts."""

    def __init__(self, halts: Halts, orders: OrderService, find_sessions: Callable[[], Sessions]) -> None:
        self._halts = halts
        self._orders = orders
        self._find_sessions = find_sessions

    def halt(
        self, account: str, mode: str, reason: str, requester: Requester, *, cancels: bool = False
    ) -> dict[str, Any]:
        """Put a halt in force, and cancel the open orders of the account or of all, where that is wanted.

        Raises:
            StorageUnavailable: It cannot be written, and is not in force.
        """
        actor = name_client(requester.key_id, requester.name)
        halt = self._halts.halt(account, Mode(mode), reason, requester.name, actor=actor)
        logger.warning("Trading of account %s is %s by %s: %s", account, mode, requester.name, reason)
        return {**halt.to_dict(), "cancelled": self._cancel_open(account, requester) if cancels else []}

    def resume(self, account: str, reason: str, requester: Requester) -> dict[str, Any]:
        """Lift the halt of the account, or the one of all, and return what is still in force for it.

        Raises:
            StorageUnavailable: It cannot be written, and is still in force.
        """
        actor = name_client(requester.key_id, requester.name)
        halt = self._halts.resume(account, reason, requester.name, actor=actor)
        logger.warning("Trading of account %s is resumed by %s: %s", account, requester.name, reason)
        return {**halt.to_dict(), **self.list(account)}

    def list(self, account: str) -> dict[str, Any]:
        """Return the halts in force for an account, or all of them."""
        found = self._halts.list(account)
        return {"halts": [halt.to_dict() for halt in found], "count": len(found)}

    def _cancel_open(self, account: str, requester: Requester) -> Sequence[dict[str, Any]]:
        """Cancel all open orders of the account or of all, and return how that ended for each."""
        sessions = self._find_sessions()
        accounts = [each.account for each in sessions.accounts] if account == ALL_ACCOUNTS else [account]
        # A halt has no idempotency key of its own: to cancel twice does no harm.
        own = Requester(requester.key_id, requester.name, requester.request_id)

        def cancel(each: str) -> dict[str, Any]:
            try:
                result = self._orders.cancel_all(sessions.session(each), own, OpenOrders())
            except GatewayError as error:
                return _describe(each, error, None)
            return _describe(each, result.error, result.data)

        with ThreadPoolExecutor(AT_A_TIME) as pool:
            return list(pool.map(cancel, accounts))


def _describe(account: str, error: GatewayError | None, data: Any) -> dict[str, Any]:
    told = data or {}
    return {
        "account": account,
        "count": told.get("count"),
        "outcomes": told.get("outcomes"),
        "may_be_open": told.get("may_be_open"),
        "code": None if error is None else error.code,
        "reason": None if error is None else error.message,
    }
