"""The transport keeps to its deadline and knows whether a request was sent, whatever the other end does."""

import gzip
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator

import pytest

from app.tiger.deadline import Deadline
from app.tiger.wire.http_connection import MAXIMUM_ANSWER_BYTES, MAXIMUM_HEAD_BYTES
from app.tiger.wire.transport import Transport, TransportFailure
from tests.support.ports import reserve_port

Behaviour = Callable[[socket.socket], None]
Start = Callable[[Behaviour], str]
BODY = b'{"method": "order_no"}'


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers that treat each connection as told, and return their addresses."""
    listeners: list[socket.socket] = []

    def serve(listener: socket.socket, behave: Behaviour) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=treat, args=(connection, behave), daemon=True).start()

    def treat(connection: socket.socket, behave: Behaviour) -> None:
        with connection:
            try:
                behave(connection)
            except OSError:
                return

    def start_server(behave: Behaviour) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=serve, args=(listener, behave), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/gateway"

    yield start_server
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def receive(connection: socket.socket) -> bool:
    """Read one whole request; False where the other end has hung up."""
    received = b""
    while BODY not in received:
        chunk = connection.recv(65_536)
        if not chunk:
            return False
        received += chunk
    return True


def answer(body: bytes, status: int = 200) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


def serve_always(connection: socket.socket) -> None:
    while receive(connection):
        connection.sendall(answer(b"{}"))


def serve_once(connection: socket.socket) -> None:
    receive(connection)
    connection.sendall(answer(b"{}"))
    receive(connection)


def drip(connection: socket.socket) -> None:
    receive(connection)
    for byte in answer(b"x" * 100_000):
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def drip_body(connection: socket.socket) -> None:
    receive(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.02)


def hang(connection: socket.socket) -> None:
    receive(connection)
    connection.recv(1)


def cut(connection: socket.socket) -> None:
    receive(connection)


def flood(connection: socket.socket) -> None:
    receive(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def post(url: str, *, seconds: float = 5.0, body: bytes = BODY, transport: Transport | None = None) -> bytes:
    chosen = transport or Transport(2)
    return chosen.post(url, body, {}, deadline=Deadline.after(seconds), repeatable=False).body


@pytest.mark.parametrize("behave", [drip, drip_body, hang])
def test_no_server_can_hold_a_call_beyond_its_deadline(start: Start, behave: Behaviour) -> None:
    url, started = start(behave), time.monotonic()

    with pytest.raises(TransportFailure) as caught:
        post(url, seconds=0.3)

    assert time.monotonic() - started < 5
    assert (caught.value.kind, caught.value.sent) == ("timeout", True)


def test_head_and_body_of_a_request_arrive_together(start: Start) -> None:
    received: list[bytes] = []

    def note(connection: socket.socket) -> None:
        received.append(connection.recv(65_536))
        connection.sendall(answer(b"{}"))

    post(start(note))

    assert received[0].startswith(b"POST /gateway ")
    assert received[0].endswith(BODY)


def test_a_connection_cut_after_the_request_may_have_delivered_it(start: Start) -> None:
    with pytest.raises(TransportFailure) as caught:
        post(start(cut))

    assert (caught.value.kind, caught.value.sent) == ("cut", True)


def test_a_connection_cut_while_sending_has_not_delivered_the_request(start: Start) -> None:
    with pytest.raises(TransportFailure) as caught:
        post(start(reset), body=b"x" * 20_000_000)

    assert not caught.value.sent


def test_a_refused_connection_has_not_delivered_the_request() -> None:
    url = f"http://127.0.0.1:{reserve_port()}/gateway"

    with pytest.raises(TransportFailure) as caught:
        post(url)

    assert (caught.value.kind, caught.value.sent) == ("unreachable", False)


def test_a_passed_deadline_sends_nothing(start: Start) -> None:
    with pytest.raises(TransportFailure) as caught:
        post(start(serve_always), seconds=0)

    assert (caught.value.kind, caught.value.sent) == ("timeout", False)


def test_waiting_for_a_free_connection_ends_at_the_deadline(start: Start) -> None:
    arrived = threading.Event()

    def hold(connection: socket.socket) -> None:
        receive(connection)
        arrived.set()
        connection.recv(1)

    url, transport = start(hold), Transport(1)
    holder = threading.Thread(target=fail_to_post, args=(url, transport))
    holder.start()
    assert arrived.wait(5)

    with pytest.raises(TransportFailure) as caught:
        post(url, seconds=0.2, transport=transport)
    holder.join()

    assert (caught.value.kind, caught.value.sent) == ("busy", False)


def fail_to_post(url: str, transport: Transport) -> None:
    with pytest.raises(TransportFailure):
        post(url, seconds=0.6, transport=transport)


def test_an_answer_without_end_is_not_read(start: Start) -> None:
    with pytest.raises(TransportFailure) as caught:
        post(start(flood))

    assert (caught.value.kind, caught.value.sent) == ("oversized", True)


def test_a_large_answer_is_read_whole(start: Start) -> None:
    def serve_much(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(answer(b"x" * MAXIMUM_ANSWER_BYTES))

    assert len(post(start(serve_much))) == MAXIMUM_ANSWER_BYTES


def test_failures_do_not_use_up_the_connections(start: Start) -> None:
    broken, transport = start(cut), Transport(2)
    for _ in range(5):
        with pytest.raises(TransportFailure, match="cut"):
            post(broken, transport=transport)


def test_a_stale_connection_is_replaced_for_what_may_be_repeated(start: Start) -> None:
    url, transport = start(serve_once), Transport(1)
    answers = [transport.post(url, BODY, {}, deadline=Deadline.after(5), repeatable=True).body for _ in range(3)]

    assert answers == [b"{}", b"{}", b"{}"]


def test_a_command_cut_on_a_kept_connection_is_not_sent_again(start: Start) -> None:
    url, transport = start(serve_once), Transport(1)
    post(url, transport=transport)

    with pytest.raises(TransportFailure) as caught:
        post(url, transport=transport)

    assert caught.value.sent


def test_a_failure_tells_nothing_of_the_request() -> None:
    assert str(TransportFailure("cut", sent=True)) == "cut, sent"


def sending(*parts: bytes) -> Behaviour:
    """Return a server that answers each request with these bytes, one packet after the other."""

    def serve(connection: socket.socket) -> None:
        while receive(connection):
            for part in parts:
                connection.sendall(part)
                time.sleep(0.002)

    return serve


def packed(body: bytes, coding: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n%b" % (coding, len(body), body)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        (CHUNKED + b"4;note=1\r\nbody\r\n0\r\n\r\n",),
        (CHUNKED, b"2\r\nbo\r", b"\n2\r\ndy\r\n0\r\n", b"Late: 1\r\n\r", b"\n"),
        (b"HTTP/1.1 2", b"00 OK\r\ncontent-LENGTH:4\r", b"\n\r\nbo", b"dy"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", answer(b"body")),
        (b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nbody",),
        (b"HTTP/1.1 200 OK\nContent-Length: 4\n\nbody",),
        (packed(gzip.compress(b"body", mtime=0), b"gzip"),),
        (packed(zlib.compress(b"body"), b"Deflate"),),
    ],
    ids=[
        *("chunked", "chunked, in pieces", "in pieces", "after a word between", "without a reason", "lines without CR"),
        *("gzip", "deflate"),
    ],
)
def test_every_form_of_an_answer_is_read_and_the_connection_kept(start: Start, parts: tuple[bytes, ...]) -> None:
    ports: set[int] = set()

    def serve(connection: socket.socket) -> None:
        ports.add(connection.getpeername()[1])
        sending(*parts)(connection)

    url, transport = start(serve), Transport(2)

    assert [post(url, transport=transport) for _ in range(3)] == [b"body"] * 3
    assert len(ports) == 1


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nConnection: TE, Close\r\n", b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n"]
)
def test_a_connection_that_the_server_ends_is_not_kept(start: Start, head: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(head + b"\r\nbody")

    url, transport = start(serve), Transport(1)

    assert [post(url, transport=transport) for _ in range(3)] == [b"body"] * 3


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody!",
        CHUNKED + b"-1\r\n\r\n",
        CHUNKED + b"4\r\nbody!!\r\n0\r\n\r\n",
        packed(b"body", b"gzip"),
        packed(gzip.compress(b"body", mtime=0)[:-9], b"gzip"),
        b"HTTP/1.1 200 OK\r\n" + b"x" * (2 * MAXIMUM_HEAD_BYTES),
    ],
)
def test_what_is_no_answer_leaves_open_what_became_of_the_request(start: Start, sent: bytes) -> None:
    with pytest.raises(TransportFailure) as caught:
        post(start(sending(sent)))

    assert (caught.value.kind, caught.value.sent) == ("cut", True)


def test_an_answer_that_is_too_large_once_unpacked_is_not_read(start: Start) -> None:
    with pytest.raises(TransportFailure) as caught:
        post(start(sending(packed(gzip.compress(bytes(MAXIMUM_ANSWER_BYTES + 1)), b"gzip"))))

    assert (caught.value.kind, caught.value.sent) == ("oversized", True)


def test_what_cannot_be_written_into_a_request_is_not_sent(start: Start) -> None:
    url = start(sending(answer(b"{}")))

    with pytest.raises(TransportFailure) as caught:
        Transport(1).post(url, BODY, {"Authorization": "\u4ee4"}, deadline=Deadline.after(5), repeatable=False)

    assert (caught.value.kind, caught.value.sent) == ("unreachable", False)


def test_an_answer_that_came_unasked_is_not_taken_for_the_next_one(start: Start) -> None:
    url, transport = start(sending(answer(b"first") + answer(b"unasked"))), Transport(1)
    bodies = [post(url, transport=transport) for _ in range(2)]

    assert bodies == [b"first"] * 2


def test_a_field_cannot_begin_another_one(start: Start) -> None:
    received: list[bytes] = []

    def note(connection: socket.socket) -> None:
        received.append(connection.recv(65_536))
        connection.sendall(answer(b"{}"))

    fields = {"Authorization": "token\r\nX-Other: 1"}
    Transport(1).post(start(note), BODY, fields, deadline=Deadline.after(5), repeatable=False)

    assert b"\r\nX-Other" not in received[0]
