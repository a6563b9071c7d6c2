"""Grab the permission and keep it, and tell how it stands."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from app.errors import GatewayError
from app.leadership import Leadership, Term
from app.quote_permission.record import (
    FAILURE_SECONDS,
    LONGEST_FAILURE_SECONDS,
    PermissionRecord,
    get_now_ms,
    get_pause,
)
from app.quote_permission.store import PermissionStore
from app.quote_permission.watcher import PermissionWatcher
from app.settings import Credential, Settings
from app.storage import Storage
from app.tiger.credential.quote_permissions import fetch_permissions, grab_permission
from app.tiger.sessions import Session
from app.tiger.wire.permission_source import PermissionSource

LOOK_SECONDS: Final = 0.5
GRAB_SECONDS: Final = 4.0
NOT_YET: Final = "the quote permission is not grabbed yet"

logger = logging.getLogger(__name__)


class QuotePermissions:
    """Built once for each process and gateway, when its credentials are known."""

    def __init__(
        self,
        settings: Settings,
        credentials: Sequence[Credential],
        storage: Storage,
        device_id: str,
        leadership: Leadership,
        get_session: Callable[[str], Session],
    ) -> None:
        self.policy = settings.quotes.permission
        self._owners = {credential.tiger_id: credential for credential in reversed(credentials)}
        self._device_id = device_id
        self._store = PermissionStore(storage)
        self._get_session = get_session
        self._watchers = {
            tiger_id: PermissionWatcher(
                tiger_id, device_id, settings.quotes, self._store, lambda: leadership.name is not None
            )
            for tiger_id in self._owners
        }

    @property
    def tiger_ids(self) -> tuple[str, ...]:
        """Return the developer ids of this gateway."""
        return tuple(self._owners)

    def get_source(self, credential: Credential) -> PermissionSource:
        """Return what the calls of a credential are refused and repeated by."""
        return self._watchers[credential.tiger_id]

    def run(self, term: Term) -> None:
        """Grab what is due; the leader's job.

        Raises:
            LeadershipLost: This process leads no longer; nothing more was grabbed.
        """
        for tiger_id in self._owners if self.policy == "take" else ():
            record = self._store.fetch(tiger_id)
            if not record.is_held_by(self._device_id) and not record.get_wait(get_now_ms()):
                term.confirm()
                self._grab(record)

    def grab(self, tiger_id: str) -> bool:
        """Grab now, whatever the pause, and tell whether that went well."""
        return self._grab(self._store.fetch(tiger_id), losses=0)

    def describe(self, session: Session) -> dict[str, Any]:
        """Return what the user of an account may read, and who has it; times in epoch milliseconds.

        Raises:
            GatewayError: Tiger or the database could not be asked.
        """
        return {"permissions": fetch_permissions(session), **self.describe_holder(session.credential.tiger_id)}

    def describe_holder(self, tiger_id: str) -> dict[str, Any]:
        """Return who has the permission of a tiger_id, as far as is known."""
        record = self._store.fetch(tiger_id)
        is_ours = record.is_held_by(self._device_id)
        return {
            "policy": self.policy,
            "holder": "gateway" if is_ours else "another_device" if record.number else "unknown",
            "since": record.grabbed_at if is_ours else record.lost_at,
            "next_grab_at": record.due_at if self.policy == "take" and not is_ours and record.due_at else None,
            "message": record.message,
        }

    def fetch_concerns(self) -> list[str]:
        """Return a sentence for each tiger_id whose permission the gateway should have and has not.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        owners = self._owners.items() if self.policy == "take" else ()
        found = ((owner, self.find_obstacle(tiger_id)) for tiger_id, owner in owners)
        return [
            f"real-time quotes of credential {owner.name} are refused: {obstacle}"
            for owner, obstacle in found
            # A gateway that has just been started is not to be worried about.
            if obstacle not in {None, NOT_YET}
        ]

    def find_obstacle(self, tiger_id: str) -> str | None:
        """Say why the gateway does not have the permission, where it has not."""
        record = self._store.fetch(tiger_id)
        if record.is_held_by(self._device_id):
            return None
        if record.message:
            return f"the quote permission could not be grabbed ({record.message})"
        if record.number and record.lost_at is None:
            return "a gateway on this database has the quote permission under another tiger.device_id or secret_key"
        return "another device has the quote permission" if record.number else NOT_YET

    def _grab(self, seen: PermissionRecord, **changes: Any) -> bool:
        """Announce the attempt before it is made: whoever dies or cannot write afterwards repeats it no sooner."""
        owner = self._owners[seen.tiger_id]
        pause = min(LONGEST_FAILURE_SECONDS, get_pause(FAILURE_SECONDS, seen.failures + 1))
        changes |= {"message": None, "due_at": get_now_ms() + round(pause * 1_000), "failures": seen.failures + 1}
        if not self._store.change(seen, **changes):
            return False
        announced = replace(seen, **changes)
        session = self._get_session(owner.accounts[0].account)
        try:
            grab_permission(session, session.read_deadline().at_most(GRAB_SECONDS))
        except GatewayError as error:
            self._store.change(announced, message=f"{error.message} ({error.code})")
            logger.warning("The quote permission of tiger_id %s cannot be grabbed: %s", seen.tiger_id, error.message)
            return False
        self._store.change(
            announced,
            device_id=self._device_id,
            number=seen.number + 1,
            grabbed_at=get_now_ms(),
            lost_at=None,
            failures=0,
            due_at=0,
            message=None,
        )
        logger.info("This gateway has the quote permission of tiger_id %s now", seen.tiger_id)
        return True
