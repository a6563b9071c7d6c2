"""Events are numbered for each account without gaps, durable, and deleted with a note of how far."""

import threading

import pytest
from sqlalchemy import update

from app.events.events import EventId, NewEvent, Source
from app.events.gaps import find_gap
from app.storage.event_tables import account_events, event_counters

ACCOUNT = "1"


def make_event(**data):
    return NewEvent("orders", "accepted", Source.JOURNAL, data)


def append(storage, log, *events, account=ACCOUNT):
    with storage.writing_directly() as driver:
        return log.append(driver, account, events)


def read(log, after=0, **options):
    return log.fetch_after(log.fetch_head(ACCOUNT), after, 100, **options)


def append_and_fail(storage, log):
    with storage.writing_directly() as driver:
        log.append(driver, ACCOUNT, [make_event()])
        raise ZeroDivisionError


def test_events_are_numbered_from_one_for_each_account(storage, log):
    append(storage, log, make_event(), make_event())
    append(storage, log, make_event(), account="2")
    append(storage, log, make_event())

    assert [event.id.number for event in read(log)] == [1, 2, 3]
    assert log.fetch_head("2").last == 1


def test_what_is_undone_leaves_no_number_out(storage, log):
    append(storage, log, make_event())
    with pytest.raises(ZeroDivisionError):
        append_and_fail(storage, log)
    append(storage, log, make_event(kept=True))

    assert [(event.id.number, event.written) for event in read(log, after=1)] == [(2, '{"kept":true}')]


def test_numbers_of_many_writers_have_no_gaps_and_no_doubles(storage, log):
    def write():
        for _ in range(20):
            append(storage, log, make_event())

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [event.id.number for event in log.fetch_after(log.fetch_head(ACCOUNT), 0, 100)] == list(range(1, 81))


def test_only_wanted_topics_are_read(storage, log):
    append(storage, log, make_event(), NewEvent("assets", "assets", Source.PUSH, {}))

    assert [event.topic for event in read(log, topics=["assets"])] == ["assets"]


def test_who_has_missed_deleted_events_is_told_which(storage, log):
    append(storage, log, make_event(), make_event(), make_event())
    with storage.writing() as connection:
        old = update(account_events).where(account_events.c.number <= 2)
        connection.execute(old.values(at=1_000))
    log.purge(2_000)
    head = log.fetch_head(ACCOUNT)
    gap = find_gap(head, EventId(0, head.era, 500))
    assert gap is not None

    assert (gap.from_number, gap.to_number, gap.since, gap.until) == (1, 2, 500, 1_000)
    assert find_gap(head, EventId(2, head.era, 500)) is None
    assert [event.id.number for event in read(log)] == [3]


@pytest.mark.parametrize("at_once", [1, 2, 4, 5])
def test_what_is_deleted_in_parts_is_deleted_up_to_the_newest_that_is_old(storage, log, monkeypatch, at_once):
    monkeypatch.setattr("app.events.event_log.PURGED_AT_ONCE", at_once)
    append(storage, log, *[make_event()] * 5)
    with storage.writing() as connection:
        old = update(account_events).where(account_events.c.number.in_([1, 2, 4]))
        connection.execute(old.values(at=1_000 + account_events.c.number))
    deleted = log.purge(2_000)

    assert (deleted, log.fetch_head(ACCOUNT).purged) == (4, 4)
    assert [event.id.number for event in read(log)] == [5]


def test_an_id_of_another_database_is_a_gap_of_unknown_numbers(storage, log):
    append(storage, log, make_event())
    gap = find_gap(log.fetch_head(ACCOUNT), EventId(700, "abcd", 500))
    assert gap is not None

    assert (gap.from_number, gap.to_number, gap.since, gap.resumes_at) == (None, None, 500, 0)


def test_events_that_begin_anew_are_a_gap_for_all_and_none_is_told_again(storage, log):
    append(storage, log, make_event(), make_event())
    before = log.fetch_head(ACCOUNT)
    log.begin_anew(ACCOUNT, 9_000)
    append(storage, log, make_event(kept=True))
    head = log.fetch_head(ACCOUNT)
    gap = find_gap(head, EventId(2, before.era, 500))
    assert gap is not None

    assert (gap.from_number, gap.since, gap.until, gap.resumes_at) == (None, 500, 9_000, 2)
    assert [event.id.number for event in read(log, after=gap.resumes_at)] == [3]


def test_an_id_above_the_last_one_is_a_gap(storage, log):
    append(storage, log, make_event())
    head = log.fetch_head(ACCOUNT)

    gap = find_gap(head, EventId(2, head.era, 500))
    assert gap is not None
    assert gap.resumes_at == 1
    assert find_gap(head, EventId(1, head.era, 500)) is None


def test_after_a_restart_numbers_that_a_power_cut_may_have_undone_are_not_given_again(storage, log):
    append(storage, log, make_event())
    with storage.writing() as connection:
        connection.execute(update(event_counters).values(boot="another start"))
    append(storage, log, make_event())
    restarted, event = read(log, after=1)

    assert (restarted.topic, restarted.written) == ("restarted", '{"from_number":2,"to_number":1001}')
    assert (restarted.id.number, event.id.number) == (1002, 1003)


@pytest.mark.parametrize(
    "written", ["", "1", "1-x-5", "-1-ab-5", "01-ab-5", "1-ab-5 ", "1-ab-" + "f" * 13, "1" * 19 + "-a-1"]
)
def test_what_is_no_id_is_not_read_as_one(written):
    assert EventId.read(written) is None


def test_an_id_is_read_as_it_was_written():
    assert EventId.read(str(EventId(17, "ab12", 1_790_000_000_000))) == EventId(17, "ab12", 1_790_000_000_000)
