"""Tickets: they let a browser's EventSource in, which can send no header, to one stream, once, and soon."""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, insert

from app.access.digests import get_digest
from app.access.permissions import Identity, Permission
from app.clock import get_now_ms
from app.storage.engine import Storage
from app.storage.event_tables import stream_tickets

VALID_SECONDS: Final = 60
LONGEST: Final = 128
OF_NO_STREAM: Final = frozenset({"ticket", "after"})
"""Names of an address that say nothing about which stream it is."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it is given out, the only time; ``expires_at`` is in epoch milliseconds."""

    ticket: str
    expires_at: int


class Tickets:
    """The tickets of all workers: stored by their digest, deleted when they are used."""

    def __init__(self, storage: Storage, secret: bytes) -> None:
        self._storage = storage
        self._secret = secret

    def issue(self, identity: Identity, path: str, query: Mapping[str, str]) -> Ticket:
        """Return a ticket for one stream, of whoever is asking.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        ticket, now = secrets.token_urlsafe(32), get_now_ms()
        expires_at = now + VALID_SECONDS * 1_000
        caller = {
            "key_id": identity.key_id,
            "name": identity.name,
            "accounts": sorted(identity.accounts),
            "permissions": sorted(identity.permissions),
            "expires_at": identity.expires_at,
            "form_created_at": identity.form_created_at,
        }
        row = {
            "digest": get_digest(self._secret, ticket),
            "api_key_id": identity.key_id,
            "account": query.get("account", ""),
            "content": json.dumps({"stream": _name(path, query), "caller": caller}),
            "expires_at": expires_at,
        }
        with self._storage.writing(relaxed=True) as connection:
            connection.execute(delete(stream_tickets).where(stream_tickets.c.expires_at <= now))
            connection.execute(insert(stream_tickets).values(row))
        return Ticket(ticket, expires_at)

    def redeem(self, ticket: str, path: str, query: Mapping[str, str]) -> Identity | None:
        """Return who took a ticket, which is used up by it; None where it is not valid, or for another stream.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        if len(ticket) > LONGEST:
            return None
        table = stream_tickets.c
        used = delete(stream_tickets).where(table.digest == get_digest(self._secret, ticket))
        with self._storage.writing() as connection:
            row = connection.execute(used.returning(table.content, table.expires_at)).one_or_none()
        if row is None or row.expires_at <= get_now_ms():
            return None
        content = json.loads(row.content)
        if content["stream"] != _name(path, query):
            return None
        caller = content["caller"]
        return Identity(
            key_id=caller["key_id"],
            name=caller["name"],
            accounts=frozenset(caller["accounts"]),
            permissions=frozenset(map(Permission, caller["permissions"])),
            expires_at=caller["expires_at"],
            form_created_at=caller["form_created_at"],
        )


def _name(path: str, query: Mapping[str, str]) -> list[str]:
    """Return what tells one stream from another, whatever the order of its parts."""
    parts: Collection[str] = sorted(
        f"{name}={','.join(sorted(part.strip() for part in value.split(',')))}"
        for name, value in query.items()
        if name not in OF_NO_STREAM
    )
    return [path, *parts]
