"""The journal of attempts to get a token, as ``store`` writes it: what was tried, by whom, and how it ended."""

from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select

from app.storage import Storage
from app.storage.token_tables import token_attempts
from app.tokens.record import Attempt, Cause, Outcome, TokenRecord, get_now_ms

CAN_ONLY_BE_MENDED = [outcome.value for outcome in Outcome if outcome.needs_operator]


class AttemptJournal:
    """Read it. Every method may raise ``StorageUnavailable``."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def fetch(self, tiger_id: str, number: int) -> Attempt | None:
        """Return one attempt."""
        return self._fetch_newest(tiger_id, token_attempts.c.attempt == number)

    def fetch_last_ended(self, tiger_id: str) -> Attempt | None:
        """Return the newest attempt that has ended."""
        return self._fetch_newest(tiger_id, token_attempts.c.outcome != Outcome.RUNNING.value)

    def fetch_last_unfit(self, tiger_id: str) -> Attempt | None:
        """Return the newest attempt that found a token which Tiger refused."""
        return self._fetch_newest(tiger_id, token_attempts.c.outcome == Outcome.UNFIT.value)

    def fetch_refusal(self, record: TokenRecord) -> Attempt | None:
        """Return the newest attempt since the present token came in which Tiger refused it, or None.

        The attempt that brought the token may be one of them: Tiger gave it, and refused it when it was tried out.
        """
        at_that_time = and_(
            token_attempts.c.attempt == record.obtained_by, token_attempts.c.ended_at >= (record.obtained_at or 0)
        )
        is_since = or_(token_attempts.c.attempt > record.obtained_by, at_that_time)
        return self._fetch_newest(record.tiger_id, is_since, token_attempts.c.outcome.in_(CAN_ONLY_BE_MENDED))

    def has_doubt(self, record: TokenRecord) -> bool:
        """Tell whether an attempt since the present token came may have had Tiger replace it."""
        is_since = token_attempts.c.attempt > record.obtained_by
        in_doubt = token_attempts.c.outcome.in_([Outcome.IN_DOUBT.value, Outcome.LOST.value])
        return self._fetch_newest(record.tiger_id, is_since, in_doubt) is not None

    def has_refresh_after(self, record: TokenRecord, number: int) -> bool:
        """Tell whether a refresh was begun after this attempt; a look at a file in the folder is none."""
        is_refresh = token_attempts.c.cause != Cause.FILE.value
        return self._fetch_newest(record.tiger_id, token_attempts.c.attempt > number, is_refresh) is not None

    def count_since(self, tiger_id: str, seconds: float, cause: Cause) -> int:
        """Return how many attempts of this cause began within the last so many seconds."""
        statement = (
            select(func.count())
            .select_from(token_attempts)
            .where(
                token_attempts.c.tiger_id == tiger_id,
                token_attempts.c.cause == cause.value,
                token_attempts.c.started_at > get_now_ms() - round(seconds * 1_000),
            )
        )
        with self._storage.reading() as connection:
            return connection.execute(statement).scalar_one()

    def _fetch_newest(self, tiger_id: str, *conditions: ColumnElement[bool]) -> Attempt | None:
        statement = (
            select(token_attempts)
            .where(token_attempts.c.tiger_id == tiger_id, *conditions)
            .order_by(token_attempts.c.attempt.desc())
            .limit(1)
        )
        with self._storage.reading() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        return None if row is None else _read(row)


def _read(row: RowMapping) -> Attempt:
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
