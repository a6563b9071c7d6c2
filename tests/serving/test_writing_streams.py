"""What goes into a stream reaches its client whole and in order, however full the way there is, and in its turn."""

import contextlib
import selectors
import socket
import time

import pytest
from gunicorn.config import Config

from app.server.connections import Connection, Connections, State
from app.server.reading import Incoming
from app.server.stream import Stream
from app.server.streaming import MOST_AT_ONCE, SENT_AHEAD_BYTES, Streaming
from app.server.writing import Outgoing

GAP = b"event: gap\n\n"
ADDRESS = ("127.0.0.1", 1)
HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Way:
    """A connection between a worker and a client that reads when it is told to."""

    def __init__(self):
        self.ours, self.theirs = socket.socketpair()
        self.ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_AHEAD_BYTES)
        self.ours.setblocking(False)
        self.theirs.setblocking(False)
        self.outgoing = Outgoing(self.ours)

    def fill(self):
        """Have the system hold all that it does for the client, and return what that is."""
        filled = b""
        with contextlib.suppress(BlockingIOError):
            while True:
                filled += b"x" * self.ours.send(b"x" * 1_024)
        return filled

    def read(self):
        """Return what has arrived."""
        read = b""
        with contextlib.suppress(BlockingIOError):
            while piece := self.theirs.recv(65_536):
                read += piece
        return read

    def close(self):
        self.ours.close()
        self.theirs.close()


class Loop:
    """As much of a worker's loop as streams need."""

    def __init__(self, stack):
        self._selector = stack.enter_context(selectors.DefaultSelector())
        self._connections = Connections(self._selector)
        self._streaming = Streaming(self._connections, lambda: None, lambda _connection: None)
        self._now = time.monotonic()

    def serve(self, way, *, is_prompt=False):
        """Give the way a stream."""
        connection = Connection(way.ours, ADDRESS, ADDRESS, Incoming(Config(), ADDRESS, 1_024))
        connection.outgoing, connection.stream = way.outgoing, Stream(GAP, is_prompt=is_prompt)
        self._connections.let_in(connection, 0)
        self._connections.note_stream(connection)
        self._streaming.begin(connection, connection.stream)
        assert connection.state is State.STREAMING
        return connection.stream

    def turn(self):
        """Do what has become possible, then write."""
        for key, _ in self._selector.select(0):
            act, whom = key.data
            act(whom)
        self.write()

    def write(self):
        """Write what is due, late enough for the next round of each kind."""
        self._now += 1
        self._streaming.write_due(self._now)


@pytest.fixture
def opened():
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def make_way(opened):
    def make():
        way = Way()
        opened.callback(way.close)
        return way

    return make


@pytest.fixture
def loop(opened):
    return Loop(opened)


def test_of_a_piece_that_does_not_fit_the_rest_follows(make_way):
    way, piece = make_way(), bytes(range(256)) * 1_000
    way.outgoing.send_whole(piece)
    is_whole, read = way.outgoing.is_written, way.read()
    while not way.outgoing.is_written:
        way.outgoing.write()
        read += way.read()

    assert (is_whole, read) == (False, piece)


def test_a_piece_for_which_there_is_no_room_at_all_follows_once_there_is(make_way):
    way = make_way()
    filled = way.fill()
    way.outgoing.send_whole(b"data: 1\n\n")
    is_written, read = way.outgoing.is_written, way.read()
    way.outgoing.write()

    assert (is_written, read) == (False, filled)
    assert way.read() == b"data: 1\n\n"


def test_to_one_who_has_gone_nothing_is_sent(make_way):
    way = make_way()
    way.theirs.close()

    with pytest.raises(BrokenPipeError):
        way.outgoing.send_whole(b"data: 1\n\n")


def test_a_head_behind_a_large_answer_that_is_read_slowly_comes_before_the_events(make_way, loop):
    way = make_way()
    filled = way.fill()
    way.outgoing.sendall(HEAD)
    way.outgoing.write()
    stream = loop.serve(way)
    loop.turn()
    stream.put(b"data: 1\n\n")
    before = way.read()
    # The client has read since the loop looked.
    loop.write()
    loop.turn()
    stream.put(b"data: 2\n\n")
    loop.turn()

    assert before == filled
    assert way.read() == HEAD + b"data: 1\n\ndata: 2\n\n"


def test_a_full_round_of_streams_holds_up_none_that_is_prompt(make_way, loop):
    ways = [make_way() for _ in range(2 * MOST_AT_ONCE)]
    prompt_way = make_way()
    streams, prompt = [loop.serve(way) for way in ways], loop.serve(prompt_way, is_prompt=True)
    for stream in streams:
        stream.put(b"data: price\n\n")
    loop.turn()
    prompt.put(b"data: order\n\n")
    under_way = [way for way in ways if not way.read()]
    loop.turn()

    assert len(under_way) == MOST_AT_ONCE
    assert prompt_way.read() == b"data: order\n\n"
