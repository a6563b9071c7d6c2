"""How a connection stands is known to every worker, and a leader of the past changes nothing of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.push.pauses import LONGEST_KICKED_SECONDS, Pauses
from app.push.record import PushRecord, PushStore
from app.storage import Storage
from app.storage.upgrade import upgrade

KICKED = PushRecord("1", "kicked", 1_000, "another program", 61_000, kicks=1, term=2)


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[PushStore]:
    """Give the store of an up-to-date database."""
    storage = Storage(database_url, tmp_path)
    upgrade(storage, tmp_path)
    yield PushStore(storage)
    storage.close()


def test_it_is_read_as_it_was_written(store: PushStore) -> None:
    store.write(KICKED)

    assert (store.fetch("1"), store.fetch("2")) == (KICKED, None)


@pytest.mark.parametrize(("term", "condition"), [(1, "kicked"), (2, "connected"), (3, "connected")])
def test_a_leader_of_the_past_changes_nothing(store: PushStore, term: int, condition: str) -> None:
    store.write(KICKED)
    store.write(PushRecord("1", "connected", 2_000, None, None, kicks=1, term=term))

    found = store.fetch("1")
    assert found is not None
    assert found.condition == condition


@pytest.mark.parametrize(
    ("now_ms", "wait"), [(1_000, 60), (60_999, 0.001), (61_000, 0), (61_000 - LONGEST_KICKED_SECONDS * 1_001, 0)]
)
def test_what_is_left_of_a_pause_is_never_longer_than_any_pause(now_ms: float, wait: float) -> None:
    assert KICKED.get_wait(round(now_ms)) == wait


def test_each_kick_doubles_the_time_that_the_tiger_id_is_left_to_another_up_to_an_hour() -> None:
    pauses = Pauses()

    assert [pauses.after_kick() for _ in range(8)] == [60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_connection_of_ten_minutes_ends_a_quarrel() -> None:
    pauses = Pauses()
    pauses.after_kick()
    pauses.note_connection(599)
    second = pauses.after_kick()
    pauses.note_connection(600)

    assert (second, pauses.after_kick()) == (120, 60)


def test_no_two_gateways_come_back_in_the_same_moment() -> None:
    pauses = [Pauses().after_loss() for _ in range(100)]

    assert len(set(pauses)) > 90
    assert all(0.5 <= pause <= 1 for pause in pauses)


def test_pauses_after_losses_grow_to_a_minute_at_most() -> None:
    pauses = Pauses()
    waits = [pauses.after_loss() for _ in range(30)]

    assert all(2**turn / 2 <= wait <= 2**turn for turn, wait in enumerate(waits[:5]))
    assert all(30 <= wait <= 60 for wait in waits[7:])
