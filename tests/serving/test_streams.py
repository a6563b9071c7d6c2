"""A stream holds no thread; its client costs nobody anything, whatever it does, and hears when to come again."""

import http.client
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from tests.support.server import Server, find_workers, running_server, wait_until

THREADS = 4
MODULE = "tests.serving.streaming"
OPTIONS = ("--config", f"python:{MODULE}", "--workers", "1")
APPLICATION = f"{MODULE}:app"
EVENT = b"data: 1\n\n"
GAP = b"event: gap\ndata: {}\n\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    options = (*OPTIONS, "--threads", str(THREADS))
    with running_server(tmp_path_factory.mktemp("server"), *options, application=APPLICATION) as running:
        yield running


class Listener:
    """A client of one stream, which reads no faster than it is told to."""

    def __init__(self, server: Server, receive_bytes: int | None = None, version: str = "1.1") -> None:
        host, _, port = server.url.removeprefix("http://").partition(":")
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(20)
        self.socket.connect((host, int(port)))
        self.socket.sendall(f"GET /stream HTTP/{version}\r\nHost: localhost\r\n\r\n".encode())
        self.answer = http.client.HTTPResponse(self.socket)
        self.answer.begin()

    def read(self, piece: bytes) -> bytes:
        """Return what comes up to this piece."""
        read = b""
        while not read.endswith(piece):
            line = self.answer.readline()
            assert line, read
            read += line
        return read

    def close(self) -> None:
        self.answer.close()
        self.socket.close()


@pytest.fixture
def listen(server) -> Iterator[Callable[..., Listener]]:
    opened: list[Listener] = []

    def open_one(**options):
        opened.append(Listener(server, **options))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()
    wait_until(lambda: count(server) == 0, 10)


def put(server: Server, piece: bytes, key: str = "-", times: int = 1) -> None:
    with urllib.request.urlopen(f"{server.url}/put/{key}/{times}", piece, timeout=20) as answer:  # noqa: S310 - loopback.
        assert answer.status == 200


def count(server: Server) -> int:
    return int(server.call("/count")[1])


def test_more_streams_than_threads_get_each_event_in_order(server, listen):
    listeners = [listen() for _ in range(8 * THREADS)]
    put(server, b"data: #\n\n", times=5)

    assert {each.read(b"data: 4\n\n") for each in listeners} == {b"".join(b"data: %d\n\n" % n for n in range(5))}


def test_requests_are_answered_beside_streams(server, listen):
    for _ in range(4 * THREADS):
        listen()

    assert server.call("/health")[0] == 200


def test_a_client_of_http_1_0_gets_events_without_chunks(server, listen):
    listener = listen(version="1.0")
    put(server, EVENT)

    assert listener.answer.chunked is False
    assert listener.read(EVENT) == EVENT


def test_a_client_that_reads_slowly_gets_the_latest_of_each_key(server, listen):
    slow = listen(receive_bytes=4_096)
    put(server, b"data: #" + b"x" * 1_000 + b"\n\n", "price", times=2_000)
    read = slow.read(b"data: 1999" + b"x" * 1_000 + b"\n\n")

    assert b"event: gap" not in read
    assert read.count(b"data: ") < 2_000


def test_a_client_that_does_not_read_is_told_of_a_gap_and_dropped(server, listen):
    deaf = listen(receive_bytes=4_096)
    for _ in range(5):
        put(server, b"data: #" + b"x" * 8_000 + b"\n\n", times=8)
    everything = deaf.answer.read()

    assert everything.endswith(GAP)
    assert len(everything) < 40 * 8_000


def test_a_stream_is_forgotten_when_its_client_goes(server, listen):
    listener = listen()
    before = count(server)
    listener.close()

    assert before == 1
    wait_until(lambda: count(server) == 0, 5)


def test_a_stream_that_ends_ends_its_answer(server, listen):
    listener = listen()
    put(server, EVENT)
    server.call("/end")

    assert listener.answer.read() == EVENT + b"data: last\n\n"


def test_a_reload_tells_clients_to_come_again_and_the_new_worker_serves_them(tmp_path):
    with running_server(tmp_path, *OPTIONS, application=APPLICATION) as server:
        before, listener = set(find_workers(server)), Listener(server)
        server.process.send_signal(signal.SIGHUP)
        last = listener.answer.read()
        wait_until(lambda: before.isdisjoint(find_workers(server)), 20)
        again = Listener(server)
        put(server, EVENT)
        read = again.read(EVENT)
        listener.close()
        again.close()

        assert last.startswith(b"retry: ")
        assert read == EVENT


def test_a_stop_waits_for_no_stream(tmp_path):
    with running_server(tmp_path, *OPTIONS, application=APPLICATION) as server:
        listener = Listener(server)
        seconds = server.stop()
        last = listener.answer.read()
        listener.close()

        assert last.startswith(b"retry: ")
        assert seconds < 10
