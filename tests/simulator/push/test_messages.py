"""The simulator's own tables of messages are Tiger's, and its bytes are those of protobuf."""

import math
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor
from tigeropen.push.pb.Request_pb2 import Request
from tigeropen.push.pb.Response_pb2 import Response
from tigeropen.push.pb.SocketCommon_pb2 import SocketCommon

from app.simulator.push.fields import UnreadableFrame, write_varint
from app.simulator.push.frames import LARGEST_FRAME, FrameReader, write_frame
from app.simulator.push.messages import MESSAGES, decode, encode
from app.simulator.push.vocabulary import Command, DataType, QuoteType
from tests.support.push_messages import TYPES, fill, to_values


def describe(descriptor: Descriptor, name: str, found: dict[str, set[tuple[Any, ...]]]) -> None:
    """Write down a message of the SDK's and those inside it, under the names of the simulator's tables."""
    ours = {field.number: field.type_name for field in MESSAGES[name]}
    found[name] = set()
    for field in descriptor.fields:
        inner = field.message_type
        told = ours.get(field.number, field.name) if inner is not None else TYPES[field.type]
        label = "*" if field.is_repeated else "?" if field.has_presence else ""
        found[name].add((field.name, field.number, told, label))
        if inner is not None and told in MESSAGES and told not in found:
            describe(inner, told, found)


def list_messages() -> dict[str, Descriptor]:
    """Return each message that a server sends, by the simulator's name."""
    found: dict[str, Descriptor] = {}

    def walk(descriptor: Descriptor, name: str) -> None:
        found[name] = descriptor
        for field in descriptor.fields:
            if field.message_type is not None:
                walk(field.message_type, next(one.type_name for one in MESSAGES[name] if one.number == field.number))

    walk(Response.DESCRIPTOR, "Response")
    return found


def test_every_field_of_the_sdks_messages_is_in_the_tables_and_no_other():
    found: dict[str, set[tuple[Any, ...]]] = {}
    for root in (Request, Response):
        describe(root.DESCRIPTOR, root.DESCRIPTOR.name, found)

    assert found == {
        name: {(field.name, field.number, field.type_name, field.label) for field in fields}
        for name, fields in MESSAGES.items()
    }


@pytest.mark.parametrize("ours", [Command, DataType, QuoteType])
def test_the_numbers_of_names_are_the_sdks(ours):
    theirs = {name.lower(): number for name, number in getattr(SocketCommon, ours.__name__).items()}

    assert {name.lower(): number.value for name, number in ours.__members__.items()} == theirs


@pytest.mark.parametrize("name", list_messages())
def test_what_is_encoded_the_sdk_reads_as_it_was(name):
    message = fill(list_messages()[name])

    assert type(message).FromString(encode(name, to_values(message))) == message


@pytest.mark.parametrize("name", list_messages())
def test_what_is_left_out_or_zero_costs_no_byte(name):
    zeros: dict[str, Any] = {field.name: [] if field.label == "*" else None for field in MESSAGES[name]}

    assert encode(name, zeros) == b""


def test_zero_is_told_where_it_differs_from_nothing():
    read = Response.FromString(encode("Response", {"command": 7, "code": 0, "msg": ""}))

    assert (read.HasField("code"), read.HasField("msg"), read.HasField("id")) == (True, True, False)


def test_what_the_sdk_encodes_is_read_as_it_was():
    request = fill(Request.DESCRIPTOR)

    assert decode("Request", request.SerializeToString()) == to_values(request)


@pytest.mark.parametrize("number", [math.nan, math.inf, -0.5, 5e-324])
def test_any_float_survives(number):
    read = Response.FromString(encode("Response", {"body": {"quoteData": {"latestPrice": number}}}))

    assert repr(read.body.quoteData.latestPrice) == repr(number)


@pytest.mark.parametrize(
    "data",
    [b"\x08", b"\x22\x05\x0a", b"\x0f", b"\x22\x03\x0a\x01\xff", b"\x0a\x01\x00", b"\xff" * 11, b"\x10" + b"\x80" * 10],
)
def test_bytes_that_are_no_request_are_told_from_one(data):
    with pytest.raises(UnreadableFrame):
        decode("Request", data)


def test_frames_are_the_same_however_they_come():
    messages = [b"", b"a", b"b" * 127, b"c" * 128, b"d" * 70_000]
    stream = b"".join(map(write_frame, messages))
    together, reader = FrameReader().feed(stream), FrameReader()
    singly = [message for byte in stream for message in reader.feed(bytes([byte]))]

    assert together == singly == messages


@pytest.mark.parametrize("head", [write_varint(LARGEST_FRAME + 1), b"\xff" * 5])
def test_a_frame_that_nobody_would_send_is_refused_before_it_comes(head):
    with pytest.raises(UnreadableFrame):
        FrameReader().feed(head)
