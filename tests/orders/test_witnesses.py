"""Witnesses are told of a row in its transaction: what they raise undoes it, and so does what the gate raises."""

import itertools

import pytest
from sqlalchemy import text

from app.errors import LimitExceeded, StorageUnavailable
from app.orders.journal import Journal
from app.orders.records import NewCommand
from app.orders.requester import Requester
from app.orders.states import State
from app.orders.times import Timing
from app.storage import Storage
from app.storage.prepared import Prepared
from app.storage.upgrade import upgrade

TIMING = Timing(1_000, 600)
_numbers = itertools.count(1)


class Notary:
    """Keep what was told in a table, and refuse one event."""

    def __init__(self, storage, refused=None):
        self.refused = refused
        with storage.writing() as connection:
            connection.execute(text("CREATE TABLE notes (event TEXT, before TEXT, state TEXT)"))
        self.insert = Prepared(storage.engine, text("INSERT INTO notes VALUES (:event, :before, :state)"))

    def note(self, driver, change):
        if change.event == self.refused:
            raise StorageUnavailable("The notary is ill.")
        before, state = change.before and change.before.value, change.record.state.value
        self.insert.run(driver, {"event": change.event, "before": before, "state": state})


@pytest.fixture
def storage(database_url, tmp_path):
    storage = Storage(database_url, tmp_path)
    upgrade(storage, tmp_path)
    yield storage
    storage.close()


def open_record(journal, admit=None):
    command = NewCommand.cancelling("1", Requester("key", "Key", "request", "its key"), "5")
    return journal.open(command, State.SENDING, next(_numbers), TIMING, admit=admit).record


def find_notes(storage):
    with storage.reading() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT event, before, state FROM notes"))]


def refuse(_driver, _record):
    raise LimitExceeded("One is too many.")


def test_a_witness_is_told_of_each_row_and_each_move(storage):
    journal = Journal(storage, claim_ms=1_000, witnesses=[Notary(storage)])
    record = open_record(journal)
    unknown = journal.move(record, State.UNKNOWN, "in_doubt", {"error": "tiger_timeout"})
    assert unknown is not None
    journal.move(unknown, State.ACCEPTED, "found")

    assert find_notes(storage) == [
        ("received", None, "sending"),
        ("in_doubt", "sending", "unknown"),
        ("found", "unknown", "accepted"),
    ]


def test_a_move_that_another_made_first_is_told_once(storage):
    journal = Journal(storage, claim_ms=1_000, witnesses=[Notary(storage)])
    record = open_record(journal)
    moves = [journal.move(record, State.UNKNOWN, "in_doubt") for _ in range(2)]

    assert moves[1] is None
    assert find_notes(storage) == [("received", None, "sending"), ("in_doubt", "sending", "unknown")]


def test_what_a_witness_raises_undoes_the_row(storage):
    journal = Journal(storage, claim_ms=1_000, witnesses=[Notary(storage, refused="received")])
    with pytest.raises(StorageUnavailable):
        open_record(journal)

    assert journal.find_holder("its key", "key", "1") is None


def test_what_a_witness_raises_undoes_the_move(storage):
    journal = Journal(storage, claim_ms=1_000, witnesses=[Notary(storage, refused="found")])
    record = open_record(journal)
    with pytest.raises(StorageUnavailable):
        journal.move(record, State.ACCEPTED, "found")

    assert journal.read(record.id).state is State.SENDING


def test_a_conflict_of_a_witness_is_none_of_the_journals(storage):
    journal = Journal(storage, claim_ms=1_000, witnesses=[Notary(storage)])
    with storage.writing() as connection:
        connection.execute(text("CREATE UNIQUE INDEX one_note ON notes (event)"))
    open_record(journal)
    command = NewCommand.cancelling("1", Requester("key", "Key", "request", "another key"), "5")

    with pytest.raises(StorageUnavailable):
        journal.open(command, State.SENDING, next(_numbers), TIMING)


def test_what_is_not_admitted_leaves_neither_row_nor_note(storage):
    journal = Journal(storage, claim_ms=1_000, witnesses=[Notary(storage)])
    with pytest.raises(LimitExceeded):
        open_record(journal, refuse)

    assert find_notes(storage) == []
    assert journal.find_holder("its key", "key", "1") is None


def test_what_is_not_admitted_stays_as_it_was(storage):
    journal = Journal(storage, claim_ms=1_000)
    record = open_record(journal)
    with pytest.raises(LimitExceeded):
        journal.move(record, State.SENDING, "sent_again", attempts=2, admit=refuse)

    assert (journal.read(record.id).revision, journal.read(record.id).attempts) == (1, 1)


def test_a_repeat_is_no_new_command_that_would_have_to_be_admitted(storage):
    journal = Journal(storage, claim_ms=1_000)
    record = open_record(journal)

    assert open_record(journal, refuse).id == record.id
