"""Which attempt a stored token is younger than."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import TigerError
from app.storage import Storage
from app.storage.upgrade import upgrade
from app.tokens.attempts import Cause, Outcome
from app.tokens.encryption import Encryption
from app.tokens.store import TokenStore
from app.tokens.user_token import UserToken

TIGER_ID = "20154747"
LATE = UserToken("late", issued_at=2_000, expires_at=9_000)


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[TokenStore]:
    """Give a store with two attempts: the first was given up, the second is under way."""
    storage = Storage(database_url, tmp_path)
    upgrade(storage, tmp_path)
    opened = TokenStore(storage, Encryption(b"secret" * 8))
    opened.create(TIGER_ID, 60)
    claim(opened)
    fail(opened, 1, Outcome.IN_DOUBT)
    claim(opened)
    yield opened
    storage.close()


def claim(store: TokenStore) -> None:
    record = store.fetch(TIGER_ID)
    assert record is not None
    store.claim(record, Cause.SCHEDULE, "", "test")


def fail(store: TokenStore, number: int, outcome: Outcome) -> None:
    store.finish(TIGER_ID, number, outcome, wait_seconds=60, failures=1, error=TigerError(""))


@pytest.mark.parametrize(("ended", "failures"), [(True, 0), (False, 1)])
def test_a_token_that_comes_late_ends_the_failures_of_those_that_have_ended(
    store: TokenStore, *, ended: bool, failures: int
) -> None:
    if ended:
        fail(store, 2, Outcome.LOST)
    store.save(TIGER_ID, 1, LATE)
    record = store.fetch(TIGER_ID)

    assert record is not None
    assert record.failures == failures


def get_obtained_by(store: TokenStore) -> int:
    record = store.fetch(TIGER_ID)
    assert record is not None
    return record.obtained_by


def test_a_token_that_comes_late_is_younger_than_the_attempts_that_have_ended(store: TokenStore) -> None:
    fail(store, 2, Outcome.LOST)
    store.save(TIGER_ID, 1, LATE)

    assert get_obtained_by(store) == 2


def test_of_two_tokens_of_one_moment_the_one_that_lasts_longer_stays(store: TokenStore) -> None:
    longer = UserToken("longer", issued_at=2_000, expires_at=9_500)
    for token in (LATE, longer, LATE):
        store.save(TIGER_ID, 2, token)
    record = store.fetch(TIGER_ID)

    assert record is not None
    assert record.token is not None
    assert record.token.text == "longer"
    assert longer.is_newer_than(LATE)
    assert not LATE.is_newer_than(longer)


def test_an_attempt_under_way_may_still_replace_a_token_that_comes_late(store: TokenStore) -> None:
    store.save(TIGER_ID, 1, LATE)

    assert get_obtained_by(store) == 1
