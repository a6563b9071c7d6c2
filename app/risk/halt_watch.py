"""The last look before the wire: is trading known to be open, at this moment?

An order passes the halts in the transaction of its row. Between that and the wire it may wait: for the quota, for a
connection, for a second try, or because its process stood still. What was read half a second ago is read again, so that
a halt is in force everywhere within a second; where it cannot be read, nothing is sent.
"""

import logging
from typing import Final

from app.clock import get_elapsed
from app.errors import TooBusy
from app.risk.halts import Halts, Standing

FRESH_SECONDS: Final = 0.5
MOST_LOOKS: Final = 2
"""One that took so long itself that it is no longer fresh is made once more."""

NEVER: Final = (float("-inf"), None)

logger = logging.getLogger(__name__)


class HaltWatch:
    """What this process knows of each account, and since when; it is the clearance of its sessions."""

    def __init__(self, halts: Halts) -> None:
        self._halts = halts
        self._seen: dict[str, tuple[float, Standing | None]] = {}

    def note(self, account: str, standing: Standing, began_at: float) -> None:
        """Take what was read in another transaction, which began then (seconds of ``get_elapsed``)."""
        # Of two that read at the same time the later one may tell first.
        if began_at >= self._seen.get(account, NEVER)[0]:
            self._seen[account] = (began_at, standing)

    def __call__(self, account: str, is_reducing: bool) -> None:
        """Return where trading is known to be open for this order.

        Raises:
            TradingHalted: It is not.
            TooBusy: What is read is no longer fresh when it arrives.
            StorageUnavailable: It cannot be read.
        """
        began_at, standing = self._seen.get(account, NEVER)
        for _ in range(MOST_LOOKS):
            if standing is not None and get_elapsed() - began_at < FRESH_SECONDS:
                break
            began_at = get_elapsed()
            standing = self._halts.fetch(account)
            self.note(account, standing, began_at)
        if standing is None or get_elapsed() - began_at >= FRESH_SECONDS:
            raise TooBusy("Whether trading is halted could not be read in time; nothing was sent.", retry_after=1)
        if not standing.allows(is_reducing=is_reducing):
            logger.warning("Trading of account %s was halted right before an order was sent", account)
            raise self._halts.fetch_refusal(account)
