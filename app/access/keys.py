"""The API keys in the database: create, find, list, rotate, revoke."""

import contextlib
import json
import secrets
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.engine import Connection, RowMapping
from sqlalchemy.exc import IntegrityError

from app.access.digests import get_digest, get_secret_id, make_key
from app.access.permissions import Identity, Permission
from app.audit import events
from app.audit.actors import GATEWAY, name_operator
from app.audit.trail import Trail
from app.errors import StorageUnavailable
from app.storage.engine import Storage
from app.storage.tables import api_key_digests, api_keys

REVOCATION_SECONDS = 2.0
RECALL_SECONDS = 600.0
CACHED_KEYS = 4_096


class KeyNameError(Exception):
    """No key, or already one, has this name."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One stored key, as ``keys list`` shows it. Times are epoch milliseconds."""

    identity: Identity
    created_at: int
    revoked_at: int | None


class ApiKeys:
    """The keys of one gateway.

    A key found once is believed for ``REVOCATION_SECONDS``; then the database is asked again, so that a revocation
    reaches every worker well within the promised five seconds.
    """

    def __init__(
        self,
        storage: Storage,
        secret: bytes,
        fixed: Mapping[str, Identity],
        *older: bytes,
        trail: Trail | None = None,
    ) -> None:
        """Take the secret to store keys with, those that they may have been stored with before, and who records it."""
        self._storage = storage
        self._secret = secret
        self._secrets = (secret, *older)
        self._secret_id = get_secret_id(secret)
        self._trail = trail
        self._fixed = {get_digest(secret, key): identity for key, identity in fixed.items()}
        self._found: dict[str, tuple[float, Identity]] = {}

    def find(self, key: str) -> Identity | None:
        """Return the identity behind a key, or None where it is unknown, expired or revoked.

        The lookup is by keyed digest, so its time says nothing about the key.

        Raises:
            StorageUnavailable: The database does not answer; the caller must be refused.
        """
        for secret in self._secrets:
            digest = get_digest(secret, key)
            identity = self._find(digest)
            if identity is not None:
                if secret != self._secret:
                    self._store_anew(key, digest, identity)
                return identity
        return None

    def list_under_older_secrets(self) -> Sequence[str]:
        """Return the names of the valid keys that are not stored under the secret in force: nobody has used them since.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        mine, now = api_key_digests.c.api_key_id == api_keys.c.id, _now_ms()
        is_left = or_(api_key_digests.c.expires_at.is_(None), api_key_digests.c.expires_at > now)
        is_anew = and_(mine, api_key_digests.c.secret_id == self._secret_id)
        lasting = or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now)
        statement = select(api_keys.c.name).where(
            api_keys.c.revoked_at.is_(None),
            lasting,
            exists().where(mine, is_left).correlate(api_keys),
            ~exists().where(is_anew).correlate(api_keys),
        )
        with self._storage.reading() as connection:
            return connection.execute(statement.order_by(api_keys.c.name)).scalars().all()

    def _store_anew(self, key: str, digest: str, identity: Identity) -> None:
        """Store a key that is used under the secret in force as well, so that the older one may go one day.

        What the older one stored stays: a machine may not have the new secret yet.
        """
        names = ("digest", "api_key_id", "created_at", "expires_at", "secret_id")
        old = api_key_digests.c
        values = (literal(get_digest(self._secret, key)), old.api_key_id, old.created_at, old.expires_at)
        row = select(*values, literal(self._secret_id)).where(old.digest == digest)
        with contextlib.suppress(StorageUnavailable, IntegrityError), self._storage.writing(relaxed=True) as connection:
            connection.execute(insert(api_key_digests).from_select(names, row))
            self._record(connection, events.KEY_STORED_ANEW, identity.name, {"key_id": identity.key_id}, GATEWAY)

    def _find(self, digest: str) -> Identity | None:
        if fixed := self._fixed.get(digest):
            return fixed
        now = time.monotonic()
        cached = self._found.get(digest)
        if cached and now - cached[0] < REVOCATION_SECONDS:
            return None if is_expired(cached[1]) else cached[1]
        identity = self._fetch(digest)
        if identity is None:
            self._found.pop(digest, None)
            return None
        if len(self._found) >= CACHED_KEYS:
            self._found.clear()
        self._found[digest] = (now, identity)
        return identity

    def recall(self, key: str) -> Identity | None:
        """Return the identity that a key had when the database last answered, if that was not long ago."""
        found = (self._recall(get_digest(secret, key)) for secret in self._secrets)
        return next((identity for identity in found if identity is not None), None)

    def _recall(self, digest: str) -> Identity | None:
        if fixed := self._fixed.get(digest):
            return fixed
        found_at, identity = self._found.get(digest, (float("-inf"), None))
        is_recent = time.monotonic() - found_at < RECALL_SECONDS
        return identity if identity is not None and is_recent and not is_expired(identity) else None

    def find_valid(self, key_ids: Collection[str]) -> dict[str, int]:
        """Return which of these ids belong to a key that is valid, and when the oldest form of it was made that is.

        Times are epoch milliseconds; who came with an older form has one that is valid no longer.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        valid = dict.fromkeys((each.key_id for each in self._fixed.values() if each.key_id in key_ids), 0)
        if wanted := set(key_ids) - valid.keys():
            now, digests = _now_ms(), api_key_digests.c
            statement = (
                select(api_keys.c.id, func.min(digests.created_at))
                .join(api_key_digests, digests.api_key_id == api_keys.c.id)
                .where(api_keys.c.id.in_(wanted), api_keys.c.revoked_at.is_(None))
                .where(or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now))
                .where(or_(digests.expires_at.is_(None), digests.expires_at > now))
                .group_by(api_keys.c.id)
            )
            with self._storage.reading() as connection:
                valid.update((key_id, since) for key_id, since in connection.execute(statement))
        return valid

    def create(
        self,
        name: str,
        accounts: Iterable[str],
        permissions: Iterable[Permission],
        *,
        expires_at: int | None = None,
        requires_idempotency: bool = False,
        requires_confirmation: bool = False,
    ) -> str:
        """Store a new key and return it; it cannot be shown again.

        Raises:
            KeyNameError: The name is taken.
        """
        key, key_id, now = make_key(), secrets.token_hex(16), _now_ms()
        granted = set(permissions)
        row = {
            "id": key_id,
            "name": name,
            "accounts": json.dumps(sorted(set(accounts))),
            "permissions": json.dumps([permission.value for permission in Permission if permission in granted]),
            "created_at": now,
            "expires_at": expires_at,
            "requires_idempotency": requires_idempotency,
            "requires_confirmation": requires_confirmation,
        }
        try:
            with self._storage.writing() as connection:
                connection.execute(insert(api_keys).values(row))
                self._insert_digest(connection, key, key_id, now)
                self._record(connection, events.KEY_CREATED, name, {**row, "key_id": key_id})
        except IntegrityError as error:
            raise KeyNameError(f"there is already a key named {name}: choose another name") from error
        return key

    def list(self) -> list[KeyRecord]:
        """Return every key, oldest first."""
        with self._storage.reading() as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.name)).mappings()
            return [KeyRecord(_identity(row), row["created_at"], row["revoked_at"]) for row in rows]

    def find_named(self, name: str) -> Identity | None:
        """Return the identity of the valid key that has a name."""
        fixed = next((identity for identity in self._fixed.values() if identity.name == name), None)
        stored = (record for record in self.list() if record.revoked_at is None and record.identity.name == name)
        return fixed or next((record.identity for record in stored), None)

    def revoke(self, name: str) -> None:
        """End a key now and for good."""
        with self._storage.writing() as connection:
            changed = connection.execute(
                update(api_keys)
                .where(api_keys.c.name == name, api_keys.c.revoked_at.is_(None))
                .values(revoked_at=_now_ms())
            )
            if changed.rowcount != 1:
                raise KeyNameError(f"no valid key is named {name}: keys list shows them")
            self._record(connection, events.KEY_REVOKED, name, {})

    def rotate(self, name: str, overlap_seconds: float) -> str:
        """Return a new key for the same identity; the old one stays valid for the overlap."""
        key, now = make_key(), _now_ms()
        ends = now + round(overlap_seconds * 1_000)
        with self._storage.writing() as connection:
            key_id = connection.execute(
                select(api_keys.c.id).where(api_keys.c.name == name, api_keys.c.revoked_at.is_(None))
            ).scalar()
            if key_id is None:
                raise KeyNameError(f"no valid key is named {name}: keys list shows them")
            if self._is_over(connection, key_id, now):
                raise KeyNameError(f"the key {name} has expired, and a new form of it would be as dead: create another")
            mine = api_key_digests.c.api_key_id == key_id
            connection.execute(delete(api_key_digests).where(mine, api_key_digests.c.expires_at <= now))
            unending = or_(api_key_digests.c.expires_at.is_(None), api_key_digests.c.expires_at > ends)
            connection.execute(update(api_key_digests).where(mine, unending).values(expires_at=ends))
            self._insert_digest(connection, key, key_id, now)
            self._record(connection, events.KEY_ROTATED, name, {"key_id": key_id, "old_key_ends_at": ends})
        return key

    def _is_over(self, connection: Connection, key_id: str, now: int) -> bool:
        ends = connection.execute(select(api_keys.c.expires_at).where(api_keys.c.id == key_id)).scalar()
        return ends is not None and ends <= now

    def _record(
        self, connection: Connection, event: str, name: str, details: Mapping[str, Any], actor: str | None = None
    ) -> None:
        """Write into the audit trail what is done to a key: by operators from the command line, unless it is said."""
        if self._trail is not None:
            self._trail.write(connection, event, actor or name_operator(), subject=name, details=details)

    def _insert_digest(self, connection: Connection, key: str, key_id: str, now: int) -> None:
        digest = get_digest(self._secret, key)
        row = {"digest": digest, "api_key_id": key_id, "created_at": now, "secret_id": self._secret_id}
        connection.execute(insert(api_key_digests).values(row))

    def _fetch(self, digest: str) -> Identity | None:
        statement = (
            select(
                api_keys,
                api_key_digests.c.expires_at.label("form_expires_at"),
                api_key_digests.c.created_at.label("form_created_at"),
            )
            .join(api_key_digests, api_key_digests.c.api_key_id == api_keys.c.id)
            .where(api_key_digests.c.digest == digest, api_keys.c.revoked_at.is_(None))
        )
        with self._storage.reading() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        if row is None:
            return None
        identity = _identity(row, row["form_created_at"], row["form_expires_at"])
        return None if is_expired(identity) else identity


def _identity(row: RowMapping, form_created_at: int = 0, form_expires_at: int | None = None) -> Identity:
    ends = [moment for moment in (row["expires_at"], form_expires_at) if moment is not None]
    return Identity(
        key_id=row["id"],
        name=row["name"],
        accounts=frozenset(json.loads(row["accounts"])),
        permissions=frozenset(Permission(name) for name in json.loads(row["permissions"])),
        expires_at=min(ends, default=None),
        requires_idempotency=row["requires_idempotency"],
        requires_confirmation=row["requires_confirmation"],
        form_created_at=form_created_at,
    )


def is_expired(identity: Identity) -> bool:
    """Return whether a key is none any more."""
    return identity.expires_at is not None and identity.expires_at <= _now_ms()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
