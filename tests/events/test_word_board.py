"""Word of an event reaches every process of a machine; without it the event comes all the same."""

import queue

import pytest

from app.events.events import NewEvent, Source
from app.events.feeder import Feeder, Subscription
from app.events.word_board import WordBoard, get_number

ACCOUNT = "1"


@pytest.fixture
def boards(tmp_path):
    """Give the board as two processes have it."""
    opened = WordBoard(tmp_path / "words"), WordBoard(tmp_path / "words")
    yield opened
    for board in opened:
        board.close()


@pytest.mark.parametrize("held", [0, 24_576], ids=["new", "left_by_an_earlier_release"])
def test_the_file_has_its_space_before_anything_is_written(tmp_path, held):
    """A hole in a mapped file ends the process that writes there when the disk is full."""
    file = tmp_path / "words"
    with file.open("wb") as made:
        made.truncate(held)
    WordBoard(file).close()

    assert file.stat().st_blocks * 512 >= file.stat().st_size == 24_576


@pytest.fixture
def listen(log, boards):
    """Give a way to listen at the second process; what comes is in the queue."""
    feeder = Feeder(log, boards[1], has_other_machines=False)

    def begin():
        heard: queue.Queue[int] = queue.Queue()
        head = log.fetch_head(ACCOUNT)
        take = Subscription(
            ACCOUNT, head.era, head.last, frozenset({"orders"}), lambda events: heard.put(events[-1].id.number)
        )
        assert feeder.add(take, head)
        return heard

    yield begin
    feeder.close()


def append(storage, log):
    with storage.writing_directly() as driver:
        return log.append(driver, ACCOUNT, [NewEvent("orders", "accepted", Source.JOURNAL, {})])


def test_a_word_is_read_by_the_other_process(boards):
    mine, others = boards
    before = others.read(ACCOUNT)
    mine.put(ACCOUNT, 7)
    word = others.read(ACCOUNT)

    assert (get_number(before, ACCOUNT), get_number(word, ACCOUNT), get_number(word, "2")) == (None, 7, None)


def test_the_same_number_is_another_word(boards):
    mine, others = boards
    mine.put(ACCOUNT, 7)
    first = others.read(ACCOUNT)
    mine.put(ACCOUNT, 7)

    assert others.read(ACCOUNT) != first


def test_one_process_of_a_machine_looks_for_the_others_until_it_leaves(boards):
    mine, others = boards

    assert (mine.become_lookout(), others.become_lookout(), mine.become_lookout()) == (True, False, True)
    mine.leave()
    assert others.become_lookout()


def test_an_event_of_another_process_is_heard_by_its_word(storage, log, boards, listen):
    heard = listen()
    boards[0].put(ACCOUNT, append(storage, log))

    assert heard.get(timeout=10) == 1


def test_an_event_without_a_word_is_heard_all_the_same(storage, log, listen):
    heard = listen()
    append(storage, log)

    assert heard.get(timeout=10) == 1


def test_a_word_that_comes_before_its_row_is_waited_for(storage, log, boards, listen):
    heard = listen()
    boards[0].put(ACCOUNT, 1)
    append(storage, log)

    assert heard.get(timeout=10) == 1


def test_where_the_file_cannot_be_had_nothing_is_said(tmp_path):
    board = WordBoard(tmp_path / "no folder" / "words")
    board.put(ACCOUNT, 7)

    assert (get_number(board.read(ACCOUNT), ACCOUNT), board.become_lookout()) == (None, False)
