"""Grab the permission of one tiger_id, keep it, and know how it stands."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from app.errors import GatewayError, StorageUnavailable
from app.leadership import Leadership, Term
from app.quote_permission.record import (
    FAILURE_SECONDS,
    LONGEST_FAILURE_SECONDS,
    PermissionRecord,
    get_loss_pause,
    get_now_ms,
    get_pause,
)
from app.quote_permission.store import PermissionStore
from app.settings import Credential, QuoteSettings
from app.storage import Storage
from app.tiger.credential.entitlements import fetch_entitlements
from app.tiger.credential.quote_permissions import fetch_permissions, grab_permission
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session

LOOK_SECONDS: Final = 0.5
GRAB_SECONDS: Final = 4.0
PATIENCE_SECONDS: Final = 5.0
"""No call waits longer for the leader's grab: it may be about to be elected."""
CALL_LOOK_SECONDS: Final = 0.1
NOT_YET: Final = "the quote permission is not grabbed yet"
LEFT: Final = "Another device has the quote permission of tiger_id %s, to which it is left"
TAKING_BACK: Final = "Another device took the quote permission of tiger_id %s: taking it back"
QUARREL: Final = (
    "Another device took the quote permission of tiger_id %s again (%d times): it is left there for %.0f s. "
    "Close Tiger's apps on it, or set quotes.permission to leave"
)

logger = logging.getLogger(__name__)


class QuotePermission:
    """The permission of one tiger_id, as one process of a gateway sees it; its calls are repeated by this."""

    def __init__(
        self,
        owner: Credential,
        device_id: str,
        settings: QuoteSettings,
        store: PermissionStore,
        leadership: Leadership,
        get_session: Callable[[str], Session],
    ) -> None:
        self.number = 0
        self.tiger_id = owner.tiger_id
        self.policy = settings.permission
        self._owner = owner
        self._device_id = device_id
        self._regain_pause_seconds = settings.regain_pause_seconds
        self._store = store
        self._leadership = leadership
        self._get_session = get_session

    def is_regained(self, number: int, deadline: Deadline) -> bool:
        """Put down that a call which began after that grab was refused, and tell whether to make it again."""
        patience = deadline.at_most(PATIENCE_SECONDS)
        try:
            while not patience.has_passed:
                record = self._store.fetch(self.tiger_id)
                if record.is_held_by(self._device_id):
                    if record.number != number:
                        self.number = record.number
                        return True
                    self._note_loss(record)
                    continue
                if record.number and record.lost_at is None:
                    # Another gateway on this database has another device_id: no grab of its leader serves this one.
                    return False
                # A command, which stands for no election, has nobody to wait for.
                is_coming = self.policy == "take" and self._leadership.name is not None
                is_soon = record.is_on_its_way or record.get_wait(get_now_ms()) < patience.remaining()
                if not is_coming or not is_soon:
                    return False
                time.sleep(CALL_LOOK_SECONDS)
        except StorageUnavailable:
            return False
        return False

    def keep(self, term: Term) -> None:
        """Grab it where that is due; the leader's job.

        Raises:
            LeadershipLost: This process leads no longer; nothing was grabbed.
        """
        if self.policy == "take":
            record = self._store.fetch(self.tiger_id)
            if not record.is_held_by(self._device_id) and not record.get_wait(get_now_ms()):
                term.confirm()
                self._grab(record)

    def grab(self) -> bool:
        """Grab now, whatever the pause, and tell whether that went well."""
        return self._grab(self._store.fetch(self.tiger_id), losses=0)

    def describe(self, session: Session) -> dict[str, Any]:
        """Return what the user of an account may read and how often, and who has it; times in epoch milliseconds.

        Raises:
            GatewayError: Tiger or the database could not be asked.
        """
        return {
            "permissions": fetch_permissions(session),
            **self.describe_holder(),
            **fetch_entitlements(session),
        }

    def describe_holder(self) -> dict[str, Any]:
        """Return who has it, as far as is known."""
        record = self._store.fetch(self.tiger_id)
        is_ours = record.is_held_by(self._device_id)
        return {
            "policy": self.policy,
            "holder": "gateway" if is_ours else "another_device" if record.number else "unknown",
            "since": record.grabbed_at if is_ours else record.lost_at,
            "next_grab_at": record.due_at if self.policy == "take" and not is_ours and record.due_at else None,
            "message": record.message,
        }

    def find_problem(self) -> str | None:
        """Return a sentence where the gateway should have it and has not.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        obstacle = self.find_obstacle() if self.policy == "take" else None
        # A gateway that has just been started is no problem.
        if obstacle in {None, NOT_YET}:
            return None
        return f"real-time quotes of credential {self._owner.name} are refused: {obstacle}"

    def find_obstacle(self) -> str | None:
        """Say why the gateway does not have it, where it has not."""
        record = self._store.fetch(self.tiger_id)
        if record.is_held_by(self._device_id):
            return None
        if record.message:
            return f"the quote permission could not be grabbed ({record.message})"
        if record.number and record.lost_at is None:
            return "a gateway on this database has the quote permission under another tiger.device_id or secret_key"
        return "another device has the quote permission" if record.number else NOT_YET

    def _note_loss(self, record: PermissionRecord) -> None:
        now, first = get_now_ms(), self._regain_pause_seconds
        losses = record.count_loss(now, first)
        pause = get_loss_pause(first, losses)
        if not self._store.change(record, lost_at=now, losses=losses, due_at=now + round(pause * 1_000)):
            return
        if self.policy == "leave":
            logger.warning(LEFT, self.tiger_id)
        elif pause:
            logger.error(QUARREL, self.tiger_id, losses, pause)
        else:
            logger.warning(TAKING_BACK, self.tiger_id)

    def _grab(self, seen: PermissionRecord, **changes: Any) -> bool:
        """Announce the attempt before it is made: whoever dies or cannot write afterwards repeats it no sooner."""
        pause = min(LONGEST_FAILURE_SECONDS, get_pause(FAILURE_SECONDS, seen.failures + 1))
        changes |= {"message": None, "due_at": get_now_ms() + round(pause * 1_000), "failures": seen.failures + 1}
        if not self._store.change(seen, **changes):
            return False
        announced = replace(seen, **changes)
        session = self._get_session(self._owner.accounts[0].account)
        try:
            grab_permission(session, session.read_deadline().at_most(GRAB_SECONDS))
        except GatewayError as error:
            self._store.change(announced, message=f"{error.message} ({error.code})")
            logger.warning("The quote permission of tiger_id %s cannot be grabbed: %s", self.tiger_id, error.message)
            return False
        held = {"device_id": self._device_id, "number": seen.number + 1, "grabbed_at": get_now_ms(), "lost_at": None}
        self._store.change(announced, **held, failures=0, due_at=0, message=None)
        logger.info("This gateway has the quote permission of tiger_id %s now", self.tiger_id)
        return True


def open_permissions(
    settings: QuoteSettings,
    credentials: Sequence[Credential],
    storage: Storage,
    device_id: str,
    leadership: Leadership,
    get_session: Callable[[str], Session],
) -> dict[str, QuotePermission]:
    """Return the permission of each tiger_id that a gateway has a credential of."""
    store = PermissionStore(storage)
    return {
        owner.tiger_id: QuotePermission(owner, device_id, settings, store, leadership, get_session)
        for owner in reversed(credentials)
    }
