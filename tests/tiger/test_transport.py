"""The transport keeps to its deadline and knows whether a request was sent, whatever the other end does."""

import socket
import struct
import threading
import time

import pytest

from app.tiger.deadline import Deadline
from app.tiger.wire.http_connection import MAXIMUM_ANSWER_BYTES
from app.tiger.wire.transport import Transport, TransportFailure
from tests.support.ports import reserve_port
from tests.tiger.raw_server import BODY, Behaviour, Start, answer, post, receive


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
