"""The database's side of the tokens: their state, and who may change it; each attempt to do so is a row of the log.

Every change says which state it starts from, so of several processes that want the same one exactly one succeeds.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from app.clock import get_elapsed, get_now_ms
from app.errors import GatewayError
from app.storage import Storage
from app.storage.clock import fetch_now
from app.storage.prepared import Prepared
from app.storage.token_tables import token_attempts, tokens
from app.tokens.attempts import Attempt, Cause, Outcome
from app.tokens.encryption import Encryption
from app.tokens.records import TokenRecord
from app.tokens.user_token import UserToken, read_token

KEPT_MS = 90 * 24 * 3_600 * 1_000
"""How long attempts stay in the log."""


class TokenStore:
    """Read and change what the database holds. Every method may raise ``StorageUnavailable``."""

    def __init__(self, storage: Storage, encryption: Encryption) -> None:
        self._storage = storage
        self._encryption = encryption
        self._decrypted: dict[tuple[str, str], tuple[str, UserToken | None]] = {}
        # An order that comes by itself waits for this look.
        self._all = Prepared(storage.engine, select(tokens))

    def fetch_all(self) -> dict[str, TokenRecord]:
        """Return what is stored, by tiger_id."""
        read_at, now_ms = get_elapsed(), 0
        with self._storage.reading() as connection:
            rows = self._all.mappings(connection.connection, {})
            if any(row["is_refreshing"] for row in rows):
                # A server's clock that was put forward makes no refresh older, unless this machine's was as well.
                now_ms = min(fetch_now(connection), get_now_ms())
        return {row["tiger_id"]: self._read(row, read_at, now_ms) for row in rows}

    def fetch(self, tiger_id: str) -> TokenRecord | None:
        """Return what is stored of one tiger_id."""
        return self.fetch_all().get(tiger_id)

    def create(self, tiger_id: str, wait_seconds: float) -> None:
        """Begin to look after a tiger_id, its first refresh due after the wait; nothing changes where it is known."""
        numbers = dict.fromkeys(("version", "obtained_by", "attempt", "failures"), 0)
        row = {"tiger_id": tiger_id, "is_refreshing": False, **numbers, **_get_due(wait_seconds)}
        with suppress(IntegrityError), self._storage.writing() as connection:
            connection.execute(insert(tokens).values(row))

    def claim(self, record: TokenRecord, cause: Cause, requested_by: str, holder: str) -> int | None:
        """Begin an attempt and return its number, or None where something has happened since the record was read.

        Nobody else begins one before it is finished; a probe alone keeps nobody from anything.
        """
        number = record.attempt + 1
        attempt = {
            "tiger_id": record.tiger_id,
            "attempt": number,
            "cause": cause.value,
            "requested_by": requested_by[:200],
            "holder": holder,
            "started_at": get_now_ms(),
            "outcome": Outcome.RUNNING.value,
        }
        with self._storage.writing() as connection:
            state: dict[str, Any] = {"attempt": number}
            if cause is not Cause.PROBE:
                state |= {"is_refreshing": True, "announced_at": fetch_now(connection)}
            if connection.execute(update(tokens).where(_is_unchanged(record)).values(state)).rowcount != 1:
                return None
            connection.execute(insert(token_attempts).values(attempt))
        return number

    def claim_again(self, probe: Attempt, holder: str) -> int | None:
        """Begin a probe anew in its own row, in which a refusal stands until then; None where another was first."""
        mine = and_(_is_attempt(probe.tiger_id, probe.number), token_attempts.c.started_at == probe.started_at)
        outcome = probe.outcome if probe.outcome.needs_operator else Outcome.RUNNING
        values = {"started_at": get_now_ms(), "ended_at": None, "holder": holder, "outcome": outcome.value}
        with self._storage.writing() as connection:
            changed = connection.execute(update(token_attempts).where(mine).values(values)).rowcount
        return probe.number if changed == 1 else None

    def finish_probe(self, tiger_id: str, number: int, outcome: Outcome | None) -> None:
        """End a probe; None is for one that Tiger did not answer, which changes nothing that is known."""
        values = {"ended_at": get_now_ms()} | ({} if outcome is None else {"outcome": outcome.value})
        with self._storage.writing() as connection:
            connection.execute(update(token_attempts).where(_is_attempt(tiger_id, number)).values(values))

    def save(self, tiger_id: str, number: int, token: UserToken) -> None:
        """Store a token that Tiger has just given, and the one before it until the new one has proved good.

        Whoever holds a newer token stores it, even if its attempt was abandoned meanwhile: Tiger has ended the old one.
        """
        # Attempts that have ended meanwhile say nothing of this token; one that is under way may still replace it.
        newest = case(
            (and_(tokens.c.attempt > number, tokens.c.is_refreshing.is_(False)), tokens.c.attempt), else_=number
        )
        is_older = tuple_(tokens.c.issued_at, func.coalesce(tokens.c.expires_at, 0)) < tuple_(
            token.issued_at or 0, token.expires_at or 0
        )
        with self._storage.writing() as connection:
            connection.execute(
                update(tokens)
                .where(tokens.c.tiger_id == tiger_id, or_(tokens.c.issued_at.is_(None), is_older))
                .values(
                    previous_token=tokens.c.token,
                    obtained_by=newest,
                    # What failed meanwhile failed with the token before it.
                    failures=case((tokens.c.is_refreshing.is_(False), 0), else_=tokens.c.failures),
                    **self._get_token_values(tiger_id, token),
                )
            )

    def roll_back(self, tiger_id: str, refused: UserToken) -> None:
        """Return to the token before, since Tiger refuses the new one; that one takes its place, and is not lost."""
        record = self.fetch(tiger_id)
        if record is None or record.previous is None or record.token != refused:
            return
        with self._storage.writing() as connection:
            connection.execute(
                update(tokens)
                .where(tokens.c.tiger_id == tiger_id, tokens.c.version == record.version)
                .values(
                    previous_token=tokens.c.token,
                    # What failed meanwhile failed with the token that is given up.
                    failures=case((tokens.c.is_refreshing.is_(False), 0), else_=tokens.c.failures),
                    obtained_by=case((tokens.c.is_refreshing.is_(False), tokens.c.attempt), else_=tokens.c.obtained_by),
                    **self._get_token_values(tiger_id, record.previous),
                )
            )

    def finish(
        self,
        tiger_id: str,
        number: int,
        outcome: Outcome,
        *,
        wait_seconds: float,
        failures: int,
        found: UserToken | None = None,
        is_proven: bool = False,
        error: GatewayError | None = None,
        token_expires_at: int | None = None,
    ) -> bool:
        """End an attempt, with a token that was found where there is one; False where others have abandoned it.

        The next refresh is due after the wait.
        """
        now = get_now_ms()
        state: dict[str, Any] = {"is_refreshing": False, "failures": failures, **_get_due(wait_seconds)}
        if found is not None:
            state |= {"obtained_by": number, **self._get_token_values(tiger_id, found)}
        if found is not None or is_proven:
            state["previous_token"] = None
        if outcome is Outcome.REFRESHED:
            state["refreshed_at"] = now
        end = {"ended_at": now, "outcome": outcome.value, "token_expires_at": token_expires_at}
        if error is not None:
            end |= {"code": error.code, "tiger_code": error.tiger_code, "message": error.message}
        # An attempt that others abandoned and that succeeded after all is shown as the success it is.
        is_late = outcome is Outcome.REFRESHED
        is_open = true() if is_late else tokens.c.is_refreshing.is_(True)
        current = and_(tokens.c.tiger_id == tiger_id, tokens.c.attempt == number, is_open)
        is_over = and_(token_attempts.c.tiger_id == tiger_id, token_attempts.c.started_at < now - KEPT_MS)
        with self._storage.writing() as connection:
            is_current = connection.execute(update(tokens).where(current).values(state)).rowcount == 1
            if is_current or is_late:
                connection.execute(update(token_attempts).where(_is_attempt(tiger_id, number)).values(end))
            connection.execute(delete(token_attempts).where(is_over))
        return is_current

    def reschedule(self, record: TokenRecord, wait_seconds: float) -> bool:
        """Have the next refresh due after the wait; False where something has happened since the record was read."""
        unchanged = and_(_is_unchanged(record), tokens.c.due_at == record.due_at)
        with self._storage.writing() as connection:
            return connection.execute(update(tokens).where(unchanged).values(_get_due(wait_seconds))).rowcount == 1

    def _get_token_values(self, tiger_id: str, token: UserToken) -> dict[str, Any]:
        return {
            "version": tokens.c.version + 1,
            "token": self._encryption.encrypt(token.text, tiger_id),
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
            "obtained_at": get_now_ms(),
        }

    def _read(self, row: Mapping[str, Any], read_at: float, now_ms: int) -> TokenRecord:
        token = self._decrypt(row, "token")
        # From the future: the clock began anew, or was put back.
        under_way_ms = max(0, now_ms - (row["announced_at"] or now_ms))
        own = {"token", "previous_token", "issued_at", "expires_at", "announced_at", "is_refreshing"}
        return TokenRecord(
            **{name: row[name] for name in row if name not in own},
            token=token,
            previous=self._decrypt(row, "previous_token"),
            # SQLite has numbers for these.
            is_refreshing=bool(row["is_refreshing"]),
            is_foreign=token is None and row["token"] is not None,
            read_at=read_at,
            under_way_seconds=under_way_ms / 1_000,
        )

    def _decrypt(self, row: Mapping[str, Any], column: str) -> UserToken | None:
        encrypted, place = row[column], (row["tiger_id"], column)
        if encrypted is None:
            return None
        before = self._decrypted.get(place)
        if before is None or before[0] != encrypted:
            text = self._encryption.decrypt(encrypted, row["tiger_id"])
            before = self._decrypted[place] = (encrypted, read_token(text) if text else None)
        return before[1]


def _get_due(wait_seconds: float) -> dict[str, Any]:
    return {"wait_seconds": wait_seconds, "due_at": get_now_ms() + round(wait_seconds * 1_000)}


def _is_attempt(tiger_id: str, number: int) -> ColumnElement[bool]:
    return and_(token_attempts.c.tiger_id == tiger_id, token_attempts.c.attempt == number)


def _is_unchanged(record: TokenRecord) -> ColumnElement[bool]:
    return and_(
        tokens.c.tiger_id == record.tiger_id,
        tokens.c.attempt == record.attempt,
        tokens.c.is_refreshing.is_(False),
    )
