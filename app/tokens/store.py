"""The database's side of the tokens: their state, and who may change it.

Every change says which state it starts from, so of several processes that want the same one exactly one succeeds.
"""

from contextlib import suppress
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
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

from app.clock import get_elapsed
from app.storage import Storage
from app.storage.clock import fetch_now
from app.storage.token_tables import token_attempts, tokens
from app.tokens.record import Cause, Outcome, TokenRecord, get_now_ms
from app.tokens.seal import Seal
from app.tokens.user_token import UserToken, read_token

KEPT_MS = 90 * 24 * 3_600 * 1_000
"""How long attempts stay in the journal."""


class TokenStore:
    """Read and change what the database holds. Every method may raise ``StorageUnavailable``."""

    def __init__(self, storage: Storage, seal: Seal) -> None:
        self._storage = storage
        self._seal = seal
        self._opened: dict[str, tuple[str, UserToken | None]] = {}

    def fetch_all(self) -> dict[str, TokenRecord]:
        """Return what is known, by tiger_id."""
        return {record.tiger_id: record for record in self._fetch(true())}

    def fetch(self, tiger_id: str) -> TokenRecord | None:
        """Return what is known of one tiger_id."""
        return next(iter(self._fetch(tokens.c.tiger_id == tiger_id)), None)

    def create(self, tiger_id: str, wait_seconds: float) -> None:
        """Begin to look after a tiger_id, its first refresh due after the wait; nothing changes where it is known."""
        row = {
            "tiger_id": tiger_id,
            "version": 0,
            "obtained_by": 0,
            "attempt": 0,
            "is_refreshing": False,
            "failures": 0,
            "wait_seconds": wait_seconds,
            "due_at": get_now_ms() + round(wait_seconds * 1_000),
        }
        with suppress(IntegrityError), self._storage.writing() as connection:
            connection.execute(insert(tokens).values(row))

    def claim(self, record: TokenRecord, cause: Cause, requested_by: str, holder: str) -> int | None:
        """Begin an attempt and return its number, or None where something has happened since the record was read."""
        with self._storage.writing() as connection:
            return _claim(connection, record, cause, requested_by, holder)

    def keep(self, tiger_id: str, number: int, token: UserToken) -> None:
        """Store a token that Tiger has just given, and the one before it until the new one has proved good.

        Whoever holds a newer token stores it, even if its attempt was given up meanwhile: Tiger has ended the old one.
        """
        # Attempts that have ended meanwhile say nothing of this token; one that is under way may still replace it.
        newest = case(
            (and_(tokens.c.attempt > number, tokens.c.is_refreshing.is_(False)), tokens.c.attempt), else_=number
        )
        with self._storage.writing() as connection:
            connection.execute(
                update(tokens)
                .where(
                    tokens.c.tiger_id == tiger_id,
                    or_(
                        tokens.c.issued_at.is_(None),
                        tuple_(tokens.c.issued_at, func.coalesce(tokens.c.expires_at, 0))
                        < tuple_(token.issued_at or 0, token.expires_at or 0),
                    ),
                )
                .values(
                    previous_token=tokens.c.token,
                    obtained_by=newest,
                    # What failed meanwhile failed with the token before it.
                    failures=case((tokens.c.is_refreshing.is_(False), 0), else_=tokens.c.failures),
                    **self._get_token_values(tiger_id, token),
                )
            )

    def fetch_previous(self, tiger_id: str) -> UserToken | None:
        """Return the one that the stored token took the place of, which is kept until that one has proved good."""
        with self._storage.reading() as connection:
            sealed = connection.execute(select(tokens.c.previous_token).where(tokens.c.tiger_id == tiger_id)).scalar()
        text = self._seal.open(sealed, tiger_id)
        return read_token(text) if text else None

    def go_back(self, tiger_id: str, refused: UserToken) -> None:
        """Return to the token before, since Tiger refuses the new one; that one takes its place, and is not lost."""
        with self._storage.writing() as connection:
            row = connection.execute(select(tokens).where(tokens.c.tiger_id == tiger_id)).mappings().one()
            before = self._seal.open(row["previous_token"], tiger_id)
            if before is None or self._seal.open(row["token"], tiger_id) != refused.text:
                return
            connection.execute(
                update(tokens)
                .where(tokens.c.tiger_id == tiger_id)
                .values(
                    previous_token=tokens.c.token,
                    # What failed meanwhile failed with the token that is given up.
                    failures=case((tokens.c.is_refreshing.is_(False), 0), else_=tokens.c.failures),
                    obtained_by=case((tokens.c.is_refreshing.is_(False), tokens.c.attempt), else_=tokens.c.obtained_by),
                    **self._get_token_values(tiger_id, read_token(before)),
                )
            )

    def settle(
        self,
        tiger_id: str,
        number: int,
        outcome: Outcome,
        *,
        wait_seconds: float,
        failures: int,
        is_proven: bool = False,
        code: str | None = None,
        tiger_code: int | None = None,
        message: str | None = None,
        token_expires_at: int | None = None,
    ) -> bool:
        """End an attempt; False where another process has ended it already, because it took too long."""
        now = get_now_ms()
        state: dict[str, Any] = {
            "is_refreshing": False,
            "failures": failures,
            "wait_seconds": wait_seconds,
            "due_at": now + round(wait_seconds * 1_000),
        }
        if outcome.is_success:
            state["refreshed_at"] = now
        if is_proven:
            state["previous_token"] = None
        end = {
            "ended_at": now,
            "outcome": outcome.value,
            "code": code,
            "tiger_code": tiger_code,
            "message": message,
            "token_expires_at": token_expires_at,
        }
        mine = and_(token_attempts.c.tiger_id == tiger_id, token_attempts.c.attempt == number)
        # An attempt that others gave up and that succeeded after all is told as the success it is.
        is_open = true() if outcome.is_success else tokens.c.is_refreshing.is_(True)
        current = and_(tokens.c.tiger_id == tiger_id, tokens.c.attempt == number, is_open)
        with self._storage.writing() as connection:
            is_current = connection.execute(update(tokens).where(current).values(state)).rowcount == 1
            if is_current or outcome.is_success:
                connection.execute(update(token_attempts).where(mine).values(end))
            connection.execute(
                delete(token_attempts).where(
                    token_attempts.c.tiger_id == tiger_id, token_attempts.c.started_at < now - KEPT_MS
                )
            )
        return is_current

    def take_in(self, tiger_id: str, number: int, token: UserToken, *, wait_seconds: float) -> bool:
        """End an attempt with a token that lay in a folder; False where another process has given the attempt up."""
        with self._storage.writing() as connection:
            return self._take_in(connection, tiger_id, number, token, wait_seconds)

    def adopt(self, record: TokenRecord, token: UserToken, holder: str, *, wait_seconds: float) -> bool:
        """Take in a token that lay in a folder, untried; False where something has happened since the record."""
        with self._storage.writing() as connection:
            number = _claim(connection, record, Cause.FILE, token.fingerprint, holder)
            return number is not None and self._take_in(connection, record.tiger_id, number, token, wait_seconds)

    def reschedule(self, record: TokenRecord, wait_seconds: float) -> bool:
        """Have the next refresh due after the wait; False where something has happened since the record was read."""
        unchanged = and_(
            tokens.c.tiger_id == record.tiger_id,
            tokens.c.attempt == record.attempt,
            tokens.c.due_at == record.due_at,
            tokens.c.is_refreshing.is_(False),
        )
        state = {"wait_seconds": wait_seconds, "due_at": get_now_ms() + round(wait_seconds * 1_000)}
        with self._storage.writing() as connection:
            return connection.execute(update(tokens).where(unchanged).values(state)).rowcount == 1

    def _fetch(self, condition: ColumnElement[bool]) -> list[TokenRecord]:
        read_at, now_ms = get_elapsed(), 0
        with self._storage.reading() as connection:
            rows = connection.execute(select(tokens).where(condition)).mappings().all()
            if any(row["is_refreshing"] for row in rows):
                # A server's clock that was put forward makes no refresh older, unless this machine's was as well.
                now_ms = min(fetch_now(connection), get_now_ms())
        return [self._read(row, read_at, now_ms) for row in rows]

    def _take_in(
        self, connection: Connection, tiger_id: str, number: int, token: UserToken, wait_seconds: float
    ) -> bool:
        now = get_now_ms()
        state = {
            "is_refreshing": False,
            "obtained_by": number,
            "previous_token": None,
            "failures": 0,
            "wait_seconds": wait_seconds,
            "due_at": now + round(wait_seconds * 1_000),
            **self._get_token_values(tiger_id, token),
        }
        end = {"ended_at": now, "outcome": Outcome.FOUND.value, "token_expires_at": token.expires_at}
        current = and_(tokens.c.tiger_id == tiger_id, tokens.c.attempt == number, tokens.c.is_refreshing.is_(True))
        mine = and_(token_attempts.c.tiger_id == tiger_id, token_attempts.c.attempt == number)
        if connection.execute(update(tokens).where(current).values(state)).rowcount != 1:
            return False
        connection.execute(update(token_attempts).where(mine).values(end))
        return True

    def _get_token_values(self, tiger_id: str, token: UserToken) -> dict[str, Any]:
        return {
            "version": tokens.c.version + 1,
            "token": self._seal.close(token.text, tiger_id),
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
            "obtained_at": get_now_ms(),
        }

    def _read(self, row: RowMapping, read_at: float, now_ms: int) -> TokenRecord:
        token = self._open(row["tiger_id"], row["token"])
        is_sealed = token is None and row["token"] is not None
        return TokenRecord(
            tiger_id=row["tiger_id"],
            version=row["version"],
            token=token,
            obtained_at=row["obtained_at"],
            obtained_by=row["obtained_by"],
            attempt=row["attempt"],
            is_refreshing=row["is_refreshing"],
            failures=row["failures"],
            refreshed_at=row["refreshed_at"],
            wait_seconds=row["wait_seconds"],
            due_at=row["due_at"],
            read_at=read_at,
            sealed=UserToken("", row["issued_at"], row["expires_at"]) if is_sealed else None,
            # From the future: the clock began anew, or was put back.
            under_way_seconds=max(0, now_ms - (row["announced_at"] or now_ms)) / 1_000,
        )

    def _open(self, tiger_id: str, sealed: str | None) -> UserToken | None:
        if sealed is None:
            return None
        before = self._opened.get(tiger_id)
        if before is None or before[0] != sealed:
            text = self._seal.open(sealed, tiger_id)
            before = self._opened[tiger_id] = (sealed, read_token(text) if text else None)
        return before[1]


def _claim(connection: Connection, record: TokenRecord, cause: Cause, requested_by: str, holder: str) -> int | None:
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
    changed = connection.execute(
        update(tokens)
        .where(
            tokens.c.tiger_id == record.tiger_id,
            tokens.c.attempt == record.attempt,
            tokens.c.is_refreshing.is_(False),
        )
        .values(attempt=number, is_refreshing=True, announced_at=fetch_now(connection))
    )
    if changed.rowcount != 1:
        return None
    connection.execute(insert(token_attempts).values(attempt))
    return number
