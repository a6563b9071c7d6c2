"""The database's side of the tokens: state, claims and the journal of attempts.

Every change says which state it starts from, so of several processes that want the same one exactly one succeeds.
"""

import time
from contextlib import suppress
from typing import Any

from sqlalchemy import RowMapping, and_, case, delete, func, insert, or_, select, true, tuple_, update
from sqlalchemy.exc import IntegrityError

from app.leadership.elapsed import get_elapsed
from app.storage import Storage
from app.storage.token_tables import token_attempts, tokens
from app.tokens.record import Attempt, Cause, Outcome, TokenRecord
from app.tokens.seal import Seal
from app.tokens.user_token import UserToken, read_token

KEPT_MS = 90 * 24 * 3_600 * 1_000
"""How long attempts stay in the journal."""


def get_now_ms() -> int:
    """Return the clock on the wall, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


class TokenStore:
    """Read and change what the database holds. Every method may raise ``StorageUnavailable``."""

    def __init__(self, storage: Storage, seal: Seal) -> None:
        self._storage = storage
        self._seal = seal
        self._opened: dict[str, tuple[str, UserToken | None]] = {}

    def fetch_all(self) -> dict[str, TokenRecord]:
        """Return what is known, by tiger_id."""
        read_at = get_elapsed()
        with self._storage.reading() as connection:
            rows = connection.execute(select(tokens)).mappings().all()
        return {row["tiger_id"]: self._read(row, read_at) for row in rows}

    def fetch(self, tiger_id: str) -> TokenRecord | None:
        """Return what is known of one tiger_id."""
        read_at = get_elapsed()
        with self._storage.reading() as connection:
            row = connection.execute(select(tokens).where(tokens.c.tiger_id == tiger_id)).mappings().one_or_none()
        return None if row is None else self._read(row, read_at)

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
            changed = connection.execute(
                update(tokens)
                .where(
                    tokens.c.tiger_id == record.tiger_id,
                    tokens.c.attempt == record.attempt,
                    tokens.c.is_refreshing.is_(False),
                )
                .values(attempt=number, is_refreshing=True)
            )
            if changed.rowcount != 1:
                return None
            connection.execute(insert(token_attempts).values(attempt))
        return number

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

    def go_back(self, tiger_id: str, refused: UserToken) -> None:
        """Return to the token before, since Tiger refuses the new one."""
        with self._storage.writing() as connection:
            row = connection.execute(select(tokens).where(tokens.c.tiger_id == tiger_id)).mappings().one()
            before = self._seal.open(row["previous_token"], tiger_id)
            if before is None or self._seal.open(row["token"], tiger_id) != refused.text:
                return
            connection.execute(
                update(tokens)
                .where(tokens.c.tiger_id == tiger_id)
                .values(previous_token=None, **self._get_token_values(tiger_id, read_token(before)))
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

    def adopt(self, record: TokenRecord, token: UserToken, holder: str, *, wait_seconds: float) -> bool:
        """Take over a token that somebody put into the folder; False where something has happened meanwhile."""
        number, now = record.attempt + 1, get_now_ms()
        attempt = {
            "tiger_id": record.tiger_id,
            "attempt": number,
            "cause": Cause.FILE.value,
            "requested_by": "",
            "holder": holder,
            "started_at": now,
            "ended_at": now,
            "outcome": Outcome.FOUND.value,
            "token_expires_at": token.expires_at,
        }
        state = {
            "attempt": number,
            "obtained_by": number,
            "previous_token": None,
            "failures": 0,
            "wait_seconds": wait_seconds,
            "due_at": now + round(wait_seconds * 1_000),
            **self._get_token_values(record.tiger_id, token),
        }
        unchanged = and_(
            tokens.c.tiger_id == record.tiger_id,
            tokens.c.attempt == record.attempt,
            tokens.c.version == record.version,
            tokens.c.is_refreshing.is_(False),
        )
        with self._storage.writing() as connection:
            if connection.execute(update(tokens).where(unchanged).values(state)).rowcount != 1:
                return False
            connection.execute(insert(token_attempts).values(attempt))
        return True

    def fetch_attempt(self, tiger_id: str, number: int) -> Attempt | None:
        """Return one attempt from the journal."""
        statement = select(token_attempts).where(
            token_attempts.c.tiger_id == tiger_id, token_attempts.c.attempt == number
        )
        with self._storage.reading() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        return None if row is None else _read_attempt(row)

    def fetch_last_ended(self, tiger_id: str) -> Attempt | None:
        """Return the newest attempt that has ended."""
        statement = (
            select(token_attempts)
            .where(token_attempts.c.tiger_id == tiger_id, token_attempts.c.outcome != Outcome.RUNNING.value)
            .order_by(token_attempts.c.attempt.desc())
            .limit(1)
        )
        with self._storage.reading() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        return None if row is None else _read_attempt(row)

    def fetch_refusal(self, record: TokenRecord) -> Attempt | None:
        """Return the newest attempt since the present token came in which Tiger refused it, or None.

        The attempt that brought the token is one of them: its new token may have been refused, and this one restored.
        """
        statement = (
            select(token_attempts)
            .where(
                token_attempts.c.tiger_id == record.tiger_id,
                token_attempts.c.attempt >= record.obtained_by,
                token_attempts.c.outcome.in_([outcome for outcome in Outcome if outcome.needs_operator]),
            )
            .order_by(token_attempts.c.attempt.desc())
            .limit(1)
        )
        with self._storage.reading() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        return None if row is None else _read_attempt(row)

    def has_doubt(self, record: TokenRecord) -> bool:
        """Tell whether an attempt since the present token came may have had Tiger replace it."""
        statement = select(token_attempts.c.attempt).where(
            token_attempts.c.tiger_id == record.tiger_id,
            token_attempts.c.attempt > record.obtained_by,
            token_attempts.c.outcome.in_([Outcome.IN_DOUBT.value, Outcome.LOST.value]),
        )
        with self._storage.reading() as connection:
            return connection.execute(statement.limit(1)).first() is not None

    def _get_token_values(self, tiger_id: str, token: UserToken) -> dict[str, Any]:
        return {
            "version": tokens.c.version + 1,
            "token": self._seal.close(token.text, tiger_id),
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
            "obtained_at": get_now_ms(),
        }

    def _read(self, row: RowMapping, read_at: float) -> TokenRecord:
        return TokenRecord(
            tiger_id=row["tiger_id"],
            version=row["version"],
            token=self._open(row["tiger_id"], row["token"]),
            obtained_at=row["obtained_at"],
            obtained_by=row["obtained_by"],
            attempt=row["attempt"],
            is_refreshing=row["is_refreshing"],
            failures=row["failures"],
            refreshed_at=row["refreshed_at"],
            wait_seconds=row["wait_seconds"],
            due_at=row["due_at"],
            read_at=read_at,
        )

    def _open(self, tiger_id: str, sealed: str | None) -> UserToken | None:
        if sealed is None:
            return None
        before = self._opened.get(tiger_id)
        if before is None or before[0] != sealed:
            text = self._seal.open(sealed, tiger_id)
            before = self._opened[tiger_id] = (sealed, read_token(text) if text else None)
        return before[1]


def _read_attempt(row: RowMapping) -> Attempt:
    return Attempt(
        tiger_id=row["tiger_id"],
        number=row["attempt"],
        cause=Cause(row["cause"]),
        requested_by=row["requested_by"],
        holder=row["holder"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        outcome=Outcome(row["outcome"]),
        code=row["code"],
        tiger_code=row["tiger_code"],
        message=row["message"],
        token_expires_at=row["token_expires_at"],
    )
