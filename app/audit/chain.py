"""Link rows into one chain, a place after the other, and sign how far it has come.

Whoever links locks the chain's head, so two instances write one chain. Who writes rows never waits for that.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, not_, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from app.audit import events
from app.audit.actors import GATEWAY
from app.audit.audit_keys import ID_CHARACTERS, AuditKey, AuditKeys
from app.audit.content import (
    CONTENT,
    START,
    get_checkpoint_content,
    get_code,
    get_content,
    get_hash,
    get_head_content,
)
from app.audit.seen import Seen, SeenFile
from app.audit.trail import Trail
from app.audit.waiting_rows import IS_WAITING, find_gaps, is_any_waiting, order_rows, read_waiting
from app.clock import get_elapsed, get_now_ms
from app.errors import StorageUnavailable
from app.settings import AuditSettings
from app.storage.audit_tables import audit_chain, audit_checkpoints, audit_rows
from app.storage.engine import Storage

NAME: Final = "chain"
BATCH: Final = 200
"""So many rows are linked in one transaction: on SQLite nobody else writes meanwhile."""
MOST_BATCHES: Final = 500
FOLLOW_SECONDS: Final = 60.0
ADVISORY_LOCK: Final = 7_446_883_022
"""Any number serves, as long as every gateway takes the same one and nothing else does."""
_LAST: Final = (
    select(audit_rows.c.position, audit_rows.c.hash)
    .where(audit_rows.c.position.is_not(None))
    .order_by(audit_rows.c.position.desc())
    .limit(1)
)
_NEWEST_CHECKPOINT: Final = select(audit_checkpoints).order_by(audit_checkpoints.c.number.desc()).limit(1)
_HASH: Final = select(audit_rows.c.hash).where(audit_rows.c.position == bindparam("place"))
_LINK: Final = (
    update(audit_rows)
    .where(audit_rows.c.writer == bindparam("its_writer"), audit_rows.c.number == bindparam("its_number"))
    .values(position=bindparam("place"), hash=bindparam("linked"))
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: the place and hash of its last row, and how many checkpoints there are."""

    chain: str
    position: int
    hash: str
    checkpoints: int
    at: int
    code: str

    def find_fault(self, keys: Mapping[str, AuditKey]) -> str | None:
        """Return why no gateway with these secrets wrote it, or None where one did."""
        key = keys.get(self.code[:ID_CHARACTERS])
        if key is None:
            return "it was written with another gateway.secret_key"
        content = get_head_content(self.chain, self.position, self.hash, self.checkpoints, self.at)
        return None if get_code(key, content) == self.code else "it was changed"


class Chain:
    """The chain of one gateway."""

    def __init__(
        self,
        storage: Storage,
        keys: AuditKeys,
        trail: Trail,
        settings: AuditSettings,
        seen: SeenFile,
        *,
        found: Callable[[str], None] = lambda _fault: None,
    ) -> None:
        """Take what counts faults that are found in linking, by their kind."""
        self._storage = storage
        self._keys = keys
        self._trail = trail
        self._settings = settings
        self._seen = seen
        self._found = found
        self._follow_at = get_elapsed() + FOLLOW_SECONDS
        self._last = Seen("", 0, START, 0)

    def link(self, most_batches: int = MOST_BATCHES) -> int:
        """Link what is not linked yet, up to so many batches, and return how many rows that were.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        linked = 0
        for _ in range(most_batches):
            if not self._is_work_left():
                break
            try:
                linked += self._link_some()
            except IntegrityError as error:
                # Another row stands there already. The next look starts from what is there.
                self._report("head", "rows stand beyond the end of the chain's head")
                raise StorageUnavailable("The audit chain could not be continued.", retry_after=1) from error
        return linked

    def follow(self) -> None:
        """Note once a minute in this machine's file how far the chain has come, whoever links it."""
        if get_elapsed() < self._follow_at:
            return
        self._follow_at = get_elapsed() + FOLLOW_SECONDS
        with self._storage.reading() as connection:
            head = read_head(connection)
        if head is None:
            if before := self._seen.read():
                self._report("missing", f"this machine has seen {before.position} rows of the audit chain, now gone")
        elif head.find_fault(self._keys.all) is None:
            self._compare(head)

    def is_own(self) -> bool:
        """Return whether its head is of the secret in force, or, where it is yet to begin, all that waits is."""
        key = self._keys.current
        others = select(audit_rows.c.number).where(or_(not_(IS_WAITING), not_(audit_rows.c.code.startswith(key.id))))
        with self._storage.reading() as connection:
            if head := read_head(connection):
                return head.find_fault({key.id: key}) is None
            return connection.execute(others.limit(1)).first() is None

    def _is_work_left(self) -> bool:
        with self._storage.reading() as connection:
            if is_any_waiting(connection):
                return True
            head = read_head(connection)
            row = connection.execute(_NEWEST_CHECKPOINT).one_or_none()
        return head is not None and self._is_checkpoint_due(head, row)

    def _link_some(self) -> int:
        with self._storage.writing() as connection:
            head = self._lock_head(connection)
            rows = order_rows(read_waiting(connection, BATCH))
            for gap in find_gaps(connection, rows):
                self._report("missing", gap)
            changes, is_authentic = [], True
            position, previous = head.position, head.hash
            for row in rows:
                content = get_content(*(row[name] for name in CONTENT))
                is_authentic &= self._examine(connection, row, content)
                position += 1
                previous = get_hash(previous, position, row["code"], content)
                changes.append(
                    {"its_writer": row["writer"], "its_number": row["number"], "place": position, "linked": previous}
                )
            if changes:
                connection.execute(_LINK, changes)
            head = replace(head, position=position, hash=previous, at=get_now_ms())
            newest = connection.execute(_NEWEST_CHECKPOINT).one_or_none()
            # What names a row that is not authentic is linked next: it is to be signed as well.
            is_signed = is_authentic and self._is_checkpoint_due(head, newest)
            if is_signed:
                head = replace(head, checkpoints=self._sign(connection, head, newest))
            self._write_head(connection, head)
        if is_signed:
            # In halves: a line of the log withholds what is as long as a signature.
            told = (head.checkpoints, head.position, head.hash[:32], head.hash[32:])
            logger.info("Audit checkpoint %d: %d rows, the last one %s %s", *told)
            self._compare(head)
        self._last = Seen(head.chain, head.position, head.hash, head.checkpoints)
        return len(changes)

    def _lock_head(self, connection: Connection) -> Head:
        """Return the chain's head, which nobody else moves until the transaction ends."""
        if not self._storage.is_sqlite:
            # What another one has just linked must be seen from here.
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ADVISORY_LOCK})
        head = read_head(connection)
        last = connection.execute(_LAST).one_or_none()
        fault = self._find_fault(head, last.position if last else 0)
        if head is not None and fault is None:
            return head
        chain = head.chain if head else secrets.token_hex(16)
        numbers = connection.execute(select(func.max(audit_checkpoints.c.number))).scalar() or 0
        resumed = Head(chain, last.position if last else 0, last.hash if last else START, numbers, get_now_ms(), "")
        if head is None:
            self._insert_head(connection, resumed)
        if fault is not None:
            self._report("head", fault)
            details = {"reason": fault, "after": resumed.position}
            self._trail.write(connection, events.CHAIN_RESUMED, GATEWAY, details=details)
        return resumed

    def _find_fault(self, head: Head | None, last: int) -> str | None:
        """Return why the chain cannot go on from its head as it stands."""
        if head is None:
            return "the chain's head is missing" if last else None
        if fault := head.find_fault(self._keys.all):
            return f"the chain's head is not to be trusted: {fault}"
        if last > head.position:
            return f"rows stand beyond the chain's head, which says {head.position}"
        if last < head.position:
            # Linked on behind the gap, so that it shows.
            self._report("missing", f"rows {last + 1} to {head.position} of the audit chain are missing")
        if head.chain == self._last.chain and head.position < self._last.position:
            self._report("missing", f"the audit chain had {self._last.position} rows and has {head.position}")
        return None

    def _examine(self, connection: Connection, row: dict[str, Any], content: bytes) -> bool:
        """Return whether a gateway wrote a row so; if not, report it, and write that down for good."""
        key = self._keys.all.get(row["code"][:ID_CHARACTERS])
        if key is not None and get_code(key, content) == row["code"]:
            return True
        name = {"writer": row["writer"], "number": row["number"]}
        sentence = "row {writer}:{number} of the audit trail was changed, or not written by this gateway"
        self._report("changed", sentence.format(**name))
        self._trail.write(connection, events.ROW_NOT_AUTHENTIC, GATEWAY, details=name)
        return False

    def _is_checkpoint_due(self, head: Head, newest: Row[Any] | None) -> bool:
        if head.position == 0:
            return False
        if newest is None or newest.public_key != self._keys.current.public:
            # Under a new secret what is older is vouched for at once: then the old secret is needed no longer.
            return True
        rows: int = head.position - newest.position
        age_ms: int = get_now_ms() - newest.at
        # A clock that was set back must not keep checkpoints away.
        is_old = age_ms >= self._settings.checkpoint_seconds * 1_000 or age_ms < 0
        return rows >= self._settings.checkpoint_rows or (rows > 0 and is_old)

    def _sign(self, connection: Connection, head: Head, newest: Any) -> int:
        """Write a checkpoint of the chain as it stands, and return its number."""
        number, key = max(head.checkpoints, newest.number if newest else 0) + 1, self._keys.current
        content = get_checkpoint_content(head.chain, number, head.position, head.hash, head.at)
        row = {"number": number, "position": head.position, "hash": head.hash, "at": head.at}
        signature = key.signing.sign(content).hex()
        connection.execute(insert(audit_checkpoints).values(**row, public_key=key.public, signature=signature))
        return number

    def _insert_head(self, connection: Connection, head: Head) -> None:
        values = {"chain": head.chain, "position": 0, "hash": START, "checkpoints": 0, "at": 0, "code": ""}
        connection.execute(insert(audit_chain).values(name=NAME, **values))

    def _write_head(self, connection: Connection, head: Head) -> None:
        content = get_head_content(head.chain, head.position, head.hash, head.checkpoints, head.at)
        values = {"position": head.position, "hash": head.hash, "checkpoints": head.checkpoints, "at": head.at}
        code = get_code(self._keys.current, content)
        connection.execute(update(audit_chain).where(audit_chain.c.name == NAME).values(**values, code=code))

    def _compare(self, head: Head) -> None:
        """Compare the chain with what this machine has seen of it, and note how far it has come."""
        place, before = Seen(head.chain, head.position, head.hash, head.checkpoints), self._seen.read()
        if before is not None and before.chain == place.chain and 0 < before.position <= place.position:
            with self._storage.reading() as connection:
                linked = connection.execute(_HASH, {"place": before.position}).scalar()
            if linked != before.hash:
                # What was seen stays noted: it is all that shows how the chain was.
                self._report(
                    "rewritten", f"row {before.position} of the chain is not the one that this machine has seen"
                )
                return
        if fault := self._seen.note(place):
            self._report("missing", fault)

    def _report(self, kind: str, fault: str) -> None:
        logger.error("Audit trail: %s; flask --app wsgi audit verify says more", fault)
        self._found(kind)


def read_head(connection: Connection) -> Head | None:
    """Return where the chain ends, as its head says; None before the first row is linked."""
    columns = [audit_chain.c[name] for name in ("chain", "position", "hash", "checkpoints", "at", "code")]
    row = connection.execute(select(*columns).where(audit_chain.c.name == NAME)).one_or_none()
    return None if row is None else Head(*row)
