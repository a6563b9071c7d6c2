"""Streams of the same items share what is new: each gets the latest of each, in order, whenever it is taken from."""

import threading
import time

import pytest

from app.quote_feed.audience import Audience, News
from app.quote_feed.messages import Latest, Missed
from app.server.stream import Stream

CHANGES = 3_000


def write(message: News) -> bytes:
    return f"{message.key}{message.number};".encode() if isinstance(message, Latest) else b"gap;"


def tell(audience: Audience, key: str, number: int) -> None:
    audience.report(Latest(key, number, 0, "push", "{}"))


@pytest.fixture
def audience() -> Audience:
    return Audience(write)


def open_stream(audience: Audience) -> tuple[Stream, list[Stream]]:
    """Return a stream of the audience, and whenever it had something where it had nothing."""
    stream = Stream(b"gap")
    woken: list[Stream] = []
    audience.join(stream)
    stream.serve(woken.append)
    return stream, woken


def test_each_is_told_once_and_at_its_own_pace(audience):
    prompt, woken = open_stream(audience)
    slow, woken_slowly = open_stream(audience)
    taken = []
    for number, key in enumerate("ABA", 1):
        tell(audience, key, number)
        taken.append(prompt.take())

    assert taken == [b"A1;", b"B2;", b"A3;"]
    assert (len(woken), len(woken_slowly)) == (3, 1)
    assert slow.take() == b"B2;A3;"
    assert slow.take() == prompt.take() == b""


def test_who_comes_later_is_told_what_comes_later(audience):
    first, _ = open_stream(audience)
    tell(audience, "A", 1)
    second, _ = open_stream(audience)
    tell(audience, "B", 2)

    assert second.take() == b"B2;"
    assert first.take() == b"A1;B2;"


def test_a_gap_is_told_to_each_and_a_last_word_is_the_last(audience):
    stream, _ = open_stream(audience)
    tell(audience, "A", 1)
    audience.report(Missed("1", "cut", None))
    ended, _ = open_stream(audience)
    tell(audience, "B", 2)
    ended.end(b"bye;")

    assert stream.take() == b"A1;gap;B2;"
    assert ended.take() == b"B2;bye;"
    assert ended.is_finished


def test_who_has_left_is_told_nothing_and_the_last_one_is_known(audience):
    first, _ = open_stream(audience)
    second, woken = open_stream(audience)

    assert not audience.leave(first)
    tell(audience, "A", 1)
    assert audience.leave(second)
    assert (first.take(), second.take(), len(woken)) == (b"", b"", 1)


def test_nothing_is_lost_or_told_out_of_order_while_it_is_told_and_taken_at_once(audience):
    opened = [open_stream(audience)[0] for _ in range(8)]
    is_over = threading.Event()
    taken: dict[Stream, list[bytes]] = {stream: [] for stream in opened}

    def take(stream: Stream) -> None:
        due = threading.Event()
        stream.serve(lambda _stream: due.set())
        while not is_over.is_set() or due.is_set():
            due.wait(0.05)
            due.clear()
            taken[stream].append(stream.take())

    threads = [threading.Thread(target=take, args=(stream,)) for stream in opened]
    for thread in threads:
        thread.start()
    newest: dict[str, int] = {}
    for number in range(1, CHANGES + 1):
        key = "ABACCB"[number % 6]
        tell(audience, key, number)
        newest[key] = number
        if number % 100 == 0:
            time.sleep(0.001)
    is_over.set()
    for thread in threads:
        thread.join()

    for pieces in taken.values():
        told = [(piece[:1].decode(), int(piece[1:])) for piece in b"".join(pieces).split(b";") if piece]
        numbers = [number for _, number in told]
        assert numbers == sorted(set(numbers))
        assert {key: number for key, number in told} == newest  # noqa: C416 - the last of each key counts.
