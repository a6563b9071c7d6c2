"""What Tiger was seen to refuse of an account's orders in a market, so that the next one is not sent to find out."""

import logging
import time
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from app.errors import StorageUnavailable
from app.storage.engine import Storage
from app.storage.order_tables import learned_refusals

OUTSIDE_RTH: Final = "outside_rth"
"""Market orders outside regular trading hours; a time_in_force stands for itself."""
FORGOTTEN_MS: Final = 7 * 86_400_000
"""After a week Tiger is asked again: it may have changed its mind."""
KEPT_SECONDS: Final = 10.0
"""Another worker's experience is known this much later; it costs one order that is refused and sent again."""

logger = logging.getLogger(__name__)


class Learned:
    """The experience of all workers and machines."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._known: frozenset[tuple[str, str, str]] = frozenset()
        self._read_at = float("-inf")

    def knows(self, account: str, market: str, subject: str, *, now: bool = False) -> bool:
        """Tell whether Tiger refuses this of the account there; ``now`` asks the database for it in any case."""
        if now or time.monotonic() - self._read_at > KEPT_SECONDS:
            self._read()
        return (account, market, subject) in self._known

    def note(self, account: str, market: str, subject: str) -> None:
        """Remember that Tiger refused this."""
        logger.warning("Tiger does not take %s in market %s for account %s", subject, market, account)
        self._known |= {(account, market, subject)}
        now = time.time_ns() // 1_000_000
        table = learned_refusals
        its = (table.c.account == account, table.c.market == market, table.c.subject == subject)
        row = {"account": account, "market": market, "subject": subject, "learned_at": now}
        try:
            with self._storage.writing(relaxed=True) as connection:
                connection.execute(delete(table).where(*its))
                connection.execute(insert(table).values(row))
        except IntegrityError:
            return
        except StorageUnavailable:
            # The next refusal teaches it again.
            logger.info("What Tiger refused could not be written down")

    def _read(self) -> None:
        self._read_at = time.monotonic()
        table, now = learned_refusals.c, time.time_ns() // 1_000_000
        try:
            with self._storage.reading() as connection:
                known = select(table.account, table.market, table.subject).where(table.learned_at > now - FORGOTTEN_MS)
                rows = connection.execute(known).all()
        except StorageUnavailable:
            return
        self._known = frozenset((row.account, row.market, row.subject) for row in rows)
