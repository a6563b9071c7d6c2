"""Write rows of the trail, in the transactions of what they describe: nothing happens that is not in it.

A row has no place in the chain yet, so that orders of different accounts do not wait for each other; it has a code that
nobody makes without the gateway's secret, and a number among the rows of its writer. A writer is one connection of one
process: it does one thing after the other, so its numbers have no gaps, and a row that is taken away leaves one.
"""

import functools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, PoolProxiedConnection, bindparam, insert

from app.audit.audit_keys import AuditKeys
from app.audit.content import CONTENT, get_code, get_content, write_json
from app.audit.withholding import Withholding
from app.clock import get_now_ms
from app.storage.audit_tables import audit_rows
from app.storage.engine import Storage
from app.storage.outcomes import Outcome, on_outcome
from app.storage.prepared import Prepared

WRITER: Final = "tiger_rest_audit_writer"
LENGTHS: Final = {name: audit_rows.c[name].type.length for name in ("event", "actor", "account", "subject")}  # type: ignore[attr-defined] # They are texts.


@dataclass(slots=True)
class _Writer:
    """One connection: the number of its last row that is committed, and how many the running transaction added."""

    id: str
    number: int = 0
    added: int = 0

    def end(self, outcome: Outcome) -> None:
        """Count what was committed; an unknown end leaves the number open, so that no other row may follow it."""
        if outcome is Outcome.COMMITTED:
            self.number += self.added
        elif outcome is Outcome.UNKNOWN:
            self.id, self.number = secrets.token_hex(8), 0
        self.added = 0


class Trail:
    """The trail of one gateway, to be written to."""

    def __init__(
        self,
        storage: Storage,
        keys: AuditKeys,
        withholding: Withholding,
        *,
        written: Callable[[str], None] = lambda _event: None,
    ) -> None:
        """Take what counts the rows, by their event."""
        self._storage = storage
        self._key = keys.current
        self._withholding = withholding
        self._written = written
        # The same few, again and again.
        self._clean_actor = functools.lru_cache(maxsize=1_024)(withholding.clean_text)
        row = insert(audit_rows).values({name: bindparam(name) for name in (*CONTENT, "code")})
        self._insert = Prepared(storage.engine, row)

    def write(
        self,
        connection: Connection | PoolProxiedConnection,
        event: str,
        actor: str,
        *,
        account: str | None = None,
        subject: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a row in a transaction of ``Storage``; it is there if that is committed, and not otherwise.

        Args:
            connection: The transaction's, the engine's or the driver's.
            event: What happened, in the words of ``events``.
            actor: Who did it, as ``actors`` names them.
            account: The account concerned, if it is one.
            subject: What it is about: the id of a command or a halt, the name of a key.
            details: What else there is to say, in JSON's types. Secrets in it are withheld.

        Raises what the driver raises; the transaction makes of it what it makes of its own.
        """
        driver = connection.connection if isinstance(connection, Connection) else connection
        self._insert_row(driver, self._describe(event, actor, account, subject, details))

    def note(
        self,
        event: str,
        actor: str,
        *,
        account: str | None = None,
        subject: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a row in a transaction of its own, for what has none; it does not wait for the disk.

        Raises:
            StorageUnavailable: It cannot be written.
        """
        # What a client sent is read before, not while all others wait for their turn to write.
        described = self._describe(event, actor, account, subject, details)
        with self._storage.writing_directly(relaxed=True) as driver:
            self._insert_row(driver, described)

    def _describe(
        self, event: str, actor: str, account: str | None, subject: str | None, details: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """Return what a row says, without its secrets."""
        return {
            "event": _fit("event", event),
            "actor": _fit("actor", self._clean_actor(actor)),
            "account": account and _fit("account", self._withholding.clean_text(account)),
            "subject": subject and _fit("subject", self._withholding.clean_text(subject)),
            "details": write_json(self._withholding.clean(details or {})),
        }

    def _insert_row(self, driver: PoolProxiedConnection, described: Mapping[str, Any]) -> None:
        writer = _get_writer(driver)
        number = writer.number + writer.added + 1
        content: dict[str, Any] = {"writer": writer.id, "number": number, "at": get_now_ms(), **described}
        code = get_code(self._key, get_content(**content))
        self._insert.run(driver, {**content, "code": code})
        writer.added += 1
        self._written(described["event"])


def _get_writer(driver: PoolProxiedConnection) -> _Writer:
    """Return the writer that a connection is, for as long as it is open."""
    writer: _Writer | None = driver.info.get(WRITER)
    if writer is None:
        writer = driver.info[WRITER] = _Writer(secrets.token_hex(8))
    if not writer.added:
        on_outcome(driver, writer.end)
    return writer


def _fit(column: str, text: str) -> str:
    """Return a text as its column holds it on every database."""
    return (text if text.isprintable() else ascii(text)[1:-1])[: LENGTHS[column]]
