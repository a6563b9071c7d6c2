"""Where workers and machines put answers down for each other."""

import secrets
from typing import Final

from sqlalchemy import text

from app.storage.clock import fetch_now
from app.storage.engine import Storage
from app.storage.pipeline_tables import shared_answers
from app.tiger.pipeline.shared_cache import SharedAnswer
from app.version import __version__

MOST_CLAIMED_MS: Final = 60_000
"""No claim is longer; a time beyond this was written before the clock began anew."""
SWEEP_MS: Final = 600_000

_READ: Final = text(
    f"SELECT content, version, put_at FROM {shared_answers.name} "
    "WHERE name = :name AND version <> :seen AND content IS NOT NULL"
)
_READ_CLAIM: Final = text(f"SELECT claimed_until FROM {shared_answers.name} WHERE name = :name")
_CLAIM: Final = text(
    f"UPDATE {shared_answers.name} SET claimed_until = :until "
    "WHERE name = :name AND (claimed_until <= :now OR claimed_until > :latest)"
)
_CLAIM_FIRST: Final = text(
    f"INSERT INTO {shared_answers.name} (name, version, content, put_at, keep_until, claimed_until) "
    "VALUES (:name, 0, NULL, 0, :until, :until) ON CONFLICT DO NOTHING"
)
_PUT: Final = text(
    f"INSERT INTO {shared_answers.name} (name, version, content, put_at, keep_until, claimed_until) "
    "VALUES (:name, :version, :content, :now, :until, 0) "
    "ON CONFLICT (name) DO UPDATE SET version = excluded.version, content = excluded.content, "
    "put_at = excluded.put_at, keep_until = excluded.keep_until, claimed_until = 0"
)
_RELEASE: Final = text(f"UPDATE {shared_answers.name} SET claimed_until = 0 WHERE name = :name")
_SWEEP: Final = text(f"DELETE FROM {shared_answers.name} WHERE keep_until < :now")


class SharedAnswers:
    """Answers by name; every method raises ``StorageUnavailable`` where the database does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._swept_at = 0

    def read(self, key: str, seen: int = -1) -> SharedAnswer | None:
        """Return what lies there, or None where that is nothing or the version that was seen."""
        with self._storage.reading() as connection:
            row = connection.execute(_READ, {"name": _get_name(key), "seen": seen}).one_or_none()
            if row is None:
                return None
            age_ms = fetch_now(connection) - row.put_at
        # From the future: the clock began anew.
        return SharedAnswer(bytes(row.content), row.version, age_ms / 1_000) if age_ms >= 0 else None

    def claim(self, key: str, seconds: float) -> bool:
        """Claim to be the one who asks Tiger; False where another one is at it."""
        # Those who wait look again and again, which must not take the turn of those who write.
        with self._storage.reading() as connection:
            now = fetch_now(connection)
            claimed_until = connection.execute(_READ_CLAIM, {"name": _get_name(key)}).scalar_one_or_none() or 0
            if now < claimed_until <= now + MOST_CLAIMED_MS:
                return False
        with self._storage.writing() as connection:
            now = fetch_now(connection)
            times = {"name": _get_name(key), "until": now + round(seconds * 1_000)}
            claimed = connection.execute(_CLAIM, {**times, "now": now, "latest": now + MOST_CLAIMED_MS})
            return claimed.rowcount == 1 or connection.execute(_CLAIM_FIRST, times).rowcount == 1

    def put(self, key: str, content: bytes, keep_seconds: float) -> None:
        """Put an answer down; this ends a claim."""
        with self._storage.writing() as connection:
            now = fetch_now(connection)
            connection.execute(
                _PUT,
                {
                    "name": _get_name(key),
                    "version": 1 + secrets.randbits(62),
                    "content": content,
                    "now": now,
                    "until": now + round(keep_seconds * 1_000),
                },
            )
            if abs(now - self._swept_at) > SWEEP_MS:
                self._swept_at = now
                connection.execute(_SWEEP, {"now": now})

    def release(self, key: str) -> None:
        """End a claim with nothing to show."""
        with self._storage.writing() as connection:
            connection.execute(_RELEASE, {"name": _get_name(key)})


def _get_name(key: str) -> str:
    """Return the name of a row: another release may put things down in another form, and reads its own rows only."""
    return f"{__version__}/{key}"
