"""Every form of an HTTP answer is read, and nothing else is taken for one."""

import gzip
import socket
import time
import zlib

import pytest

from app.tiger.deadline import Deadline
from app.tiger.wire.http_connection import MAXIMUM_ANSWER_BYTES, MAXIMUM_HEAD_BYTES
from app.tiger.wire.transport import Transport, TransportFailure
from tests.tiger.raw_server import BODY, Behaviour, Start, answer, post, receive


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
