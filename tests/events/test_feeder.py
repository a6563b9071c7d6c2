"""Who listens is told of every event, or that some are gone."""

import queue
import threading

import pytest
from sqlalchemy import delete, update

from app.events.events import NewEvent, Source
from app.events.feeder import Feeder, Subscription
from app.events.word_board import WordBoard
from app.storage.event_tables import account_events, event_counters

ACCOUNT = "1"


@pytest.fixture
def feeder(log, tmp_path):
    board = WordBoard(tmp_path / "words")
    opened = Feeder(log, board, has_other_machines=False)
    yield opened
    opened.close()
    board.close()


def append(storage, log, count=1):
    with storage.writing_directly() as driver:
        return log.append(driver, ACCOUNT, [NewEvent("orders", "accepted", Source.JOURNAL, {})] * count)


def purge(storage, log, up_to):
    with storage.writing() as connection:
        connection.execute(update(account_events).where(account_events.c.number <= up_to).values(at=1_000))
    log.purge(2_000)


@pytest.mark.parametrize("purged", [2, 3], ids=["some", "all"])
def test_who_listens_comes_again_where_events_were_deleted_before_they_were_read(storage, log, feeder, purged):
    heard: queue.Queue[list[int]] = queue.Queue()
    is_purged = threading.Event()

    def take(events):
        heard.put([event.id.number for event in events])
        is_purged.wait(10)

    head = log.fetch_head(ACCOUNT)
    feeder.add(Subscription(ACCOUNT, head.era, head.last, frozenset({"orders"}), take), head)
    first = append(storage, log)
    feeder.hear(ACCOUNT, first)
    before = heard.get(timeout=10)
    last = append(storage, log, 2)
    purge(storage, log, purged)
    is_purged.set()
    feeder.hear(ACCOUNT, last)

    assert (before, heard.get(timeout=10)) == ([1], [])


def test_who_listens_comes_again_where_a_database_was_put_back_to_an_earlier_state(storage, log, feeder):
    """A server that lost its last moments gives numbers again that were told."""
    heard: queue.Queue[list[int]] = queue.Queue()
    head = log.fetch_head(ACCOUNT)
    taken = Subscription(
        ACCOUNT,
        head.era,
        head.last,
        frozenset({"orders"}),
        lambda events: heard.put([each.id.number for each in events]),
    )
    feeder.add(taken, head)
    feeder.hear(ACCOUNT, append(storage, log, 2))
    before = heard.get(timeout=10)
    with storage.writing() as connection:
        connection.execute(delete(account_events).where(account_events.c.number > 1))
        connection.execute(update(event_counters).values(last=1))
    feeder.hear(ACCOUNT, 2)

    assert (before, heard.get(timeout=10)) == ([1, 2], [])
