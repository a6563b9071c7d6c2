"""What every process does when Tiger refuses a call because another device has the permission."""

import logging
import time
from collections.abc import Callable
from typing import Final

from app.errors import StorageUnavailable
from app.quote_permission.record import PermissionRecord, get_loss_pause, get_now_ms
from app.quote_permission.store import PermissionStore
from app.settings import QuoteSettings
from app.tiger.deadline import Deadline

PATIENCE_SECONDS: Final = 5.0
"""No call waits longer for the leader's grab: it may be about to be elected."""
LOOK_SECONDS: Final = 0.1

logger = logging.getLogger(__name__)


class PermissionWatcher:
    """Tell the leader of a loss, once for all processes, and wait for its grab."""

    def __init__(
        self,
        tiger_id: str,
        device_id: str,
        settings: QuoteSettings,
        store: PermissionStore,
        stands_for_election: Callable[[], bool],
    ) -> None:
        """Take whether this process may lead: a command has nobody to wait for."""
        self.number = 0
        self._tiger_id = tiger_id
        self._device_id = device_id
        self._settings = settings
        self._store = store
        self._stands_for_election = stands_for_election

    def is_regained(self, number: int, deadline: Deadline) -> bool:
        """Put down that a call which began after that grab was refused, and tell whether to make it again."""
        patience = deadline.at_most(PATIENCE_SECONDS)
        try:
            while not patience.has_passed:
                record = self._store.fetch(self._tiger_id)
                if record.is_held_by(self._device_id):
                    if record.number != number:
                        self.number = record.number
                        return True
                    self._note_loss(record)
                    continue
                if record.number and record.lost_at is None:
                    # Another gateway on this database has another device_id: no grab of its leader serves this one.
                    return False
                is_coming = self._settings.permission == "take" and self._stands_for_election()
                is_soon = record.is_on_its_way or record.get_wait(get_now_ms()) < patience.remaining()
                if not is_coming or not is_soon:
                    return False
                time.sleep(LOOK_SECONDS)
        except StorageUnavailable:
            return False
        return False

    def _note_loss(self, record: PermissionRecord) -> None:
        now, first = get_now_ms(), self._settings.regain_pause_seconds
        losses = record.count_loss(now, first)
        pause = get_loss_pause(first, losses)
        if not self._store.change(record, lost_at=now, losses=losses, due_at=now + round(pause * 1_000)):
            return
        if self._settings.permission == "leave":
            logger.warning(
                "Another device has the quote permission of tiger_id %s, to which it is left", self._tiger_id
            )
        elif pause:
            logger.error(
                "Another device took the quote permission of tiger_id %s again (%d times): it is left there for "
                "%.0f s. Close Tiger's apps on it, or set quotes.permission to leave",
                self._tiger_id,
                losses,
                pause,
            )
        else:
            logger.warning("Another device took the quote permission of tiger_id %s: taking it back", self._tiger_id)
