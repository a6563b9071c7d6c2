"""Halt and resume trading, and tell what is in force."""

import logging
from typing import Any

from app.audit.actors import name_client
from app.orders.requester import Requester
from app.risk.halt_cancellations import HaltCancellations
from app.risk.halts import Halts, Mode

logger = logging.getLogger(__name__)


class Halting:
    """What operators and clients do about halts."""

    def __init__(self, halts: Halts, cancellations: HaltCancellations) -> None:
        self._halts = halts
        self._cancellations = cancellations

    def halt(
        self, account: str, mode: str, reason: str, requester: Requester, *, cancels: bool = False
    ) -> dict[str, Any]:
        """Put a halt in force, and cancel the open orders of the account or of all, where that is wanted.

        Raises:
            StorageUnavailable: Whether it is in force is not known.
        """
        actor = name_client(requester.key_id, requester.name)
        halt = self._halts.halt(account, Mode(mode), reason, requester.name, actor=actor, cancels=cancels)
        logger.warning("Trading of account %s is %s by %s: %s", account, mode, requester.name, reason)
        return {**halt.to_dict(), "cancelled": self._cancellations.begin(halt, requester) if cancels else []}

    def resume(self, account: str, reason: str, requester: Requester) -> dict[str, Any]:
        """Lift the halt of the account, or the one of all, and return what is still in force for it.

        Raises:
            StorageUnavailable: Whether it is still in force is not known.
        """
        actor = name_client(requester.key_id, requester.name)
        halt = self._halts.resume(account, reason, requester.name, actor=actor)
        logger.warning("Trading of account %s is resumed by %s: %s", account, requester.name, reason)
        return {**halt.to_dict(), **self.list(account)}

    def list(self, account: str) -> dict[str, Any]:
        """Return the halts in force for an account, or all of them."""
        found = self._halts.list(account)
        return {"halts": [halt.to_dict() for halt in found], "count": len(found)}
