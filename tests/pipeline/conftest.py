"""Fixtures: a clock that a test moves, and a counter that keeps to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.shared.call_counter import CallCounter
from app.storage.engine import Storage
from app.storage.upgrade import upgrade


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.milliseconds = 1_000_000

    def advance(self, seconds: float) -> None:
        """Move it on."""
        self.milliseconds += round(seconds * 1_000)

    def seconds(self) -> float:
        """Return the time in seconds."""
        return self.milliseconds / 1_000


@pytest.fixture
def clock() -> Clock:
    """Give a clock."""
    return Clock()


@pytest.fixture
def storage(database_url: str, tmp_path: Path) -> Iterator[Storage]:
    """Give an upgraded database."""
    storage = Storage(database_url, tmp_path, is_durable=False)
    upgrade(storage, tmp_path)
    yield storage
    storage.close()


@pytest.fixture
def counter(storage: Storage, clock: Clock) -> CallCounter:
    """Give a counter that counts by the test's clock."""
    return CallCounter(storage, lambda: clock.milliseconds)
