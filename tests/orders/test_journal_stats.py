"""What is told of the journal is right, and costs no more because the journal is long."""

import itertools
import time

import pytest
from sqlalchemy import event, update

from app.orders.journal import Journal
from app.orders.journal_stats import QUIET_MS, WINDOW_MS, JournalStats
from app.orders.records import Kind, NewCommand
from app.orders.requester import Requester
from app.orders.states import State
from app.orders.times import Timing
from app.storage import Storage
from app.storage.order_tables import order_commands

TIMING = Timing(1_000, 600)
ACCEPTED = (Kind.CANCEL, State.ACCEPTED)
SENDING = (Kind.CANCEL, State.SENDING)
HOUR_MS = 3_600_000
_numbers = itertools.count(1)


@pytest.fixture
def storage(database_url, tmp_path):
    storage = Storage(database_url, tmp_path)
    yield storage
    storage.close()


@pytest.fixture
def journal(storage):
    return Journal(storage, claim_ms=WINDOW_MS)


@pytest.fixture
def stats(storage):
    return JournalStats(storage)


def write(journal, storage, age_ms, *, resolved=True):
    """Write a command that is so old."""
    command = NewCommand.cancelling("1", Requester("key", "Key", "request", None), "5")
    record = journal.open(command, State.SENDING, next(_numbers), TIMING).record
    if resolved:
        record = journal.move(record, State.ACCEPTED, "answered")
    made_at = time.time_ns() // 1_000_000 - age_ms
    changed = {"id": f"{made_at:012x}{record.id[12:]}", "created_at": made_at}
    with storage.writing() as connection:
        connection.execute(update(order_commands).where(order_commands.c.id == record.id).values(**changed))
    return changed["id"]


def test_the_commands_of_a_day_are_counted_and_older_ones_only_while_open(journal, storage, stats):
    write(journal, storage, 0)
    write(journal, storage, 2 * HOUR_MS)
    write(journal, storage, 2 * WINDOW_MS)
    write(journal, storage, 2 * WINDOW_MS, resolved=False)
    counts = stats.fetch()

    assert (counts.commands[ACCEPTED], counts.commands[SENDING]) == (2, 1)
    assert time.time() * 1_000 - counts.unresolved_since == pytest.approx(2 * WINDOW_MS, abs=60_000)


def test_what_was_counted_is_counted_once(journal, storage, stats):
    write(journal, storage, 2 * HOUR_MS)
    stats.fetch()
    write(journal, storage, HOUR_MS)
    write(journal, storage, 0)

    # The one that was written into the past afterwards is not seen, so that the others were not read again.
    assert [stats.fetch().commands[ACCEPTED] for _ in range(2)] == [2, 2]
    assert JournalStats(storage).fetch().commands[ACCEPTED] == 3


def test_an_old_command_that_is_settled_later_is_told_so(journal, storage, stats):
    write(journal, storage, 3 * HOUR_MS)
    command = write(journal, storage, 2 * HOUR_MS, resolved=False)
    before = stats.fetch().commands
    journal.move(journal.read(command), State.ACCEPTED, "found")
    after = stats.fetch()

    assert (before[ACCEPTED], before[SENDING]) == (1, 1)
    assert (after.commands[ACCEPTED], after.commands[SENDING], after.unresolved_since) == (2, 0, None)


def test_a_command_that_is_open_again_is_counted_as_what_it_is(journal, storage, stats):
    command = write(journal, storage, 2 * HOUR_MS)
    stats.fetch()
    with storage.writing() as connection:
        changed = {"state": State.SENDING.value, "next_look_at": 1}
        connection.execute(update(order_commands).where(order_commands.c.id == command).values(**changed))
    counts = stats.fetch()

    assert (counts.commands[ACCEPTED], counts.commands[SENDING]) == (0, 1)


def test_a_clock_that_is_put_back_makes_it_count_anew(journal, storage, stats, monkeypatch):
    write(journal, storage, 0)
    now = time.time_ns()
    monkeypatch.setattr("app.orders.journal_stats.time.time_ns", lambda: now + (WINDOW_MS - QUIET_MS) * 1_000_000)
    stats.fetch()
    monkeypatch.undo()
    write(journal, storage, 0)

    assert stats.fetch().commands[ACCEPTED] == 2


def list_plans(storage, ask):
    """Return how SQLite finds what is asked for meanwhile."""
    asked: list[tuple[str, object]] = []
    event.listen(storage.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    ask()
    statements = [(f"EXPLAIN QUERY PLAN {statement}", values) for statement, values in asked]
    with storage.reading() as connection:
        return [row[3] for statement in statements for row in connection.exec_driver_sql(*statement)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_journal_is_never_read_as_a_whole_for_a_scrape(storage, stats):
    plans = list_plans(storage, stats.fetch)

    assert any(f"SEARCH {order_commands.name}" in plan for plan in plans)
    assert not [plan for plan in plans if f"SCAN {order_commands.name}" in plan]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_command_is_found_by_each_of_its_names_by_index(storage, journal):
    asked = [
        lambda: journal.find_by_key("1", "k"),
        lambda: journal.find_placements("1", "5"),
        lambda: journal.find_about("1", {"5"}),
    ]
    plans = [plan for ask in asked for plan in list_plans(storage, ask)]

    assert len([plan for plan in plans if "account=? AND" in plan]) == 6
    assert not [plan for plan in plans if plan.startswith("SCAN")]
