"""Frames come out as they went in, however they are cut, and what is no frame is said to be none."""

import pytest
from tigeropen.push.network.transport import encode_frame

from app.tiger.push.frames import LARGEST_FRAME, FrameReader, UnreadableFrame, write_frame

MESSAGES = [b"", b"a", b"b" * 127, b"c" * 128, b"d" * 20_000]


@pytest.mark.parametrize("message", MESSAGES[1:])
def test_a_frame_is_that_of_the_sdk(message):
    assert write_frame(message) == bytes(encode_frame(message))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 128, 100_000])
def test_messages_come_out_whole_however_they_are_cut(size):
    stream, reader = b"".join(map(write_frame, MESSAGES)), FrameReader()
    found = [message for start in range(0, len(stream), size) for message in reader.feed(stream[start : start + size])]

    assert found == MESSAGES


def test_what_is_whole_before_a_broken_frame_still_comes_out():
    found: list[bytes] = []
    with pytest.raises(UnreadableFrame):
        found.extend(FrameReader().feed(write_frame(b"a") + b"\xff" * 5))

    assert found == [b"a"]


def test_a_frame_that_is_too_large_is_refused_before_it_comes():
    head = write_frame(b"")[:0]
    length = LARGEST_FRAME + 1
    while length >= 0x80:
        head += bytes([length & 0x7F | 0x80])
        length >>= 7

    with pytest.raises(UnreadableFrame, match="announced"):
        list(FrameReader().feed(head + bytes([length])))
