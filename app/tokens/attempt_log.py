"""Read the log of attempts, as ``store`` writes it."""

from sqlalchemy import ColumnElement, and_, or_, select

from app.storage import Storage
from app.storage.token_tables import token_attempts
from app.tokens.attempts import Attempt, Cause, History, Outcome
from app.tokens.records import TokenRecord

NEWEST = 20
"""So many attempts are looked at each time; of older ones only whether Tiger refused the token in use."""
REFUSING = [outcome.value for outcome in Outcome if outcome.needs_operator]
DOUBTFUL = [Outcome.IN_DOUBT.value, Outcome.LOST.value]

columns = token_attempts.c
is_probe = columns.cause == Cause.PROBE.value


class AttemptLog:
    """Every method may raise ``StorageUnavailable``."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def fetch(self, tiger_id: str, number: int) -> Attempt | None:
        """Return one attempt."""
        return next(iter(self._fetch(tiger_id, columns.attempt == number)), None)

    def fetch_history(self, record: TokenRecord) -> History:
        """Return what was tried for a token, as far back as it matters."""
        attempts = self._fetch(record.tiger_id, most=NEWEST)
        oldest = record.attempt - NEWEST
        if record.failures and record.obtained_by < oldest:
            is_older = and_(columns.attempt > record.obtained_by, columns.attempt <= oldest)
            was_taken = and_(is_probe, columns.outcome == Outcome.FOUND.value)
            was_refused = and_(~is_probe, columns.outcome.in_(REFUSING))
            attempts += self._fetch(record.tiger_id, is_older, or_(was_taken, was_refused))
        return History(tuple(attempts), tuple(each for each in attempts if _is_since(each, record)))

    def has_doubt(self, record: TokenRecord) -> bool:
        """Return whether an attempt since the present token came may have had Tiger replace it."""
        is_since = columns.attempt > record.obtained_by
        return bool(self._fetch(record.tiger_id, is_since, columns.outcome.in_(DOUBTFUL)))

    def _fetch(self, tiger_id: str, *conditions: ColumnElement[bool], most: int = 1) -> list[Attempt]:
        is_wanted = and_(columns.tiger_id == tiger_id, *conditions)
        statement = select(token_attempts).where(is_wanted).order_by(columns.attempt.desc()).limit(most)
        with self._storage.reading() as connection:
            rows = connection.execute(statement).mappings().all()
        typed = {"attempt", "cause", "outcome"}
        return [
            Attempt(
                number=row["attempt"],
                cause=Cause(row["cause"]),
                outcome=Outcome(row["outcome"]),
                **{name: row[name] for name in row if name not in typed},
            )
            for row in rows
        ]


def _is_since(attempt: Attempt, record: TokenRecord) -> bool:
    """Return whether an attempt was made with the token in use.

    The one that brought the token may be: Tiger gave it, and refused it when it was tried out.
    """
    if attempt.number != record.obtained_by or attempt.cause is Cause.PROBE:
        return attempt.number > record.obtained_by
    return (attempt.ended_at or 0) >= (record.obtained_at or 0)
