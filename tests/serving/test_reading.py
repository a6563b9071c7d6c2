"""Bytes of a connection become requests, or refusals, in whatever pieces they come."""

import contextlib

import pytest
from gunicorn.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from app.server.reading import HEAD_BYTES, Arrived, Incoming, Refusal

MOST = 100
POST = b"POST /a HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def make_incoming() -> Incoming:
    return Incoming(Config(), ("127.0.0.1", 1), MOST)


def take_all(data: bytes, size: int) -> list[Arrived]:
    """Return the requests that this becomes when it comes in pieces of this size."""
    incoming, found = make_incoming(), []
    for start in range(0, len(data), size):
        incoming.add(data[start : start + size])
        while arrived := incoming.take():
            found.append(arrived)
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
@pytest.mark.parametrize(
    ("data", "bodies"),
    [
        pytest.param(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", [b""], id="no body"),
        pytest.param(b"\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n", [b""], id="an empty line before"),
        pytest.param(POST + b"Content-Length: 3\r\n\r\nabc", [b"abc"], id="length"),
        pytest.param(CHUNKED + b"3\r\nabc\r\n0a;x=1\r\n0123456789\r\n0\r\n\r\n", [b"abc0123456789"], id="chunks"),
        pytest.param((POST + b"Content-Length: 1\r\n\r\na") * 3, [b"a"] * 3, id="one behind the other"),
        pytest.param(CHUNKED + b"0\r\n\r\n" + CHUNKED + b"1\r\na\r\n0\r\n\r\n", [b"", b"a"], id="chunks, twice"),
    ],
)
def test_a_request_is_taken_when_it_is_whole_however_it_is_cut(data: bytes, bodies: list[bytes], size: int) -> None:
    assert [arrived.body for arrived in take_all(data, size)] == bodies


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\n\r\n", 414, id="long address"),
        pytest.param(b"a" * (HEAD_BYTES + 1), 414, id="endless address"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"a" * 9_000 + b"\r\n\r\n", 431, id="large header"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 200 + b"\r\n", 431, id="many headers"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 8_000, 431, id="endless headers"),
        pytest.param(b"GET / HTTP/1.1\nHost: x\n\n", 400, id="lines without a return"),
        pytest.param(b"GET / HTTP/1.1\r\nBad Name: 1\r\n\r\n", 400, id="name of a header"),
        pytest.param(b"GET / HTTP/3.0\r\n\r\n", 400, id="version"),
        pytest.param(POST + b"Expect: a miracle\r\n\r\n", 417, id="expectation"),
        pytest.param(POST + b"Transfer-Encoding: sealed\r\n\r\n", 501, id="coding"),
        pytest.param(POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501, id="two codings"),
        pytest.param(POST + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", 501, id="coding twice"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400, id="two lengths"),
        pytest.param(POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, id="length twice"),
        pytest.param(POST + b"Content-Length: -1\r\n\r\n", 400, id="negative length"),
        pytest.param(POST + b"Content-Length: 101\r\n\r\n", 413, id="large body"),
        pytest.param(POST + b"Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n", 400, id="two keys"),
        pytest.param(CHUNKED + b"65\r\n", 413, id="large chunk"),
        pytest.param(CHUNKED + b"32\r\n" + b"a" * 50 + b"\r\n33\r\n", 413, id="many chunks"),
        pytest.param(CHUNKED + b"1;" + b"a" * 300, 400, id="long extension"),
        pytest.param(CHUNKED + b"1;a\nb\r\na\r\n0\r\n\r\n", 400, id="line within an extension"),
        pytest.param(CHUNKED + b"1;a\rb\r\na\r\n0\r\n\r\n", 400, id="return within an extension"),
        pytest.param(CHUNKED + b"1" * 300, 400, id="long length"),
        pytest.param(CHUNKED + b"ffffffffff\r\n", 400, id="huge length"),
        pytest.param(CHUNKED + b"-1\r\n", 400, id="negative chunk"),
        pytest.param(CHUNKED + b"0x1\r\na\r\n", 400, id="prefixed chunk"),
        pytest.param(CHUNKED + b"\r\n", 400, id="no length"),
        pytest.param(CHUNKED + b"1\r\nabc\r\n", 400, id="chunk that lies"),
        pytest.param(CHUNKED + b"0\r\nX-Trailer: 1\r\n\r\n", 400, id="trailer"),
    ],
)
@pytest.mark.parametrize("size", [1, 1_000_000])
def test_what_cannot_be_served_is_refused_with_its_status(data: bytes, status: int, size: int) -> None:
    with pytest.raises(Refusal) as refused:
        take_all(data, size)

    assert refused.value.status == status


def test_a_client_that_asks_before_it_sends_its_body_is_told_to_go_on() -> None:
    incoming = make_incoming()
    incoming.add(POST + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\n")

    assert incoming.take() is None
    assert incoming.wants_continue
    incoming.add(b"a")
    assert incoming.take() is not None
    assert not incoming.wants_continue


def test_what_is_refused_keeps_the_head_as_far_as_it_came() -> None:
    incoming = make_incoming()
    incoming.add(CHUNKED + b"zz\r\n")

    with pytest.raises(Refusal) as refused:
        incoming.take()

    assert refused.value.head == CHUNKED


PIECES = [
    b"GET /a",
    b" HTTP/1.1",
    b"\r\n",
    b"Host: x",
    b"Content-Length: ",
    b"5",
    b"Transfer-Encoding: chunked",
    b"\r\n\r\n",
]
PIECES += [b"0", b"\n", b"\x00", b"\xff", b": ", b";", b"Expect: 100-continue", b"http://[", b"%", b"Idempotency-Key: "]


@settings(max_examples=1_000, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=20))
def test_no_bytes_whatever_are_anything_but_a_request_or_a_refusal(pieces: list[bytes]) -> None:
    incoming = make_incoming()
    with contextlib.suppress(Refusal):
        for piece in pieces:
            incoming.add(piece)
            while (arrived := incoming.take()) is not None:
                assert len(arrived.body) <= MOST
