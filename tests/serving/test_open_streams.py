"""Streams end with their key, even where looks at the keys fail."""

import contextlib

import pytest

from app.access.permissions import Identity
from app.server.stream import Stream
from app.streams.open_streams import OpenStreams
from tests.support.server import wait_until

CALLER = Identity("key", "a program", frozenset(), frozenset())


@pytest.fixture
def admit(monkeypatch):
    """Give a way to admit a stream whose key is looked at many times a second."""
    monkeypatch.setattr("app.streams.open_streams.LOOK_SECONDS", 0.02)
    with contextlib.ExitStack() as stack:

        def admit_one(find_keys):
            open_streams = OpenStreams(find_keys, 4, lambda _kind, _count: None, lambda _kind, _why: None)
            stream = Stream(b"")
            open_streams.admit(stream, "events", CALLER, has_room=True)
            stack.callback(open_streams.close)
            stack.callback(stream.close)
            return stream

        yield admit_one


def test_a_look_that_fails_unexpectedly_is_not_the_last(admit):
    answers = iter([{"key": 0}, KeyError("a bug of ours"), {"key": 0}, {}])

    def find_keys(_ids):
        answer = next(answers)
        if isinstance(answer, KeyError):
            raise answer
        return answer

    stream = admit(find_keys)
    wait_until(lambda: not stream.is_open, 10)

    assert stream.take().startswith(b"retry: ")


def test_a_key_that_cannot_be_looked_at_counts_as_revoked_after_a_while_and_not_at_once(admit, monkeypatch):
    monkeypatch.setattr("app.streams.open_streams.UNSEEN_SECONDS", 0.3)
    looks = []

    def find_keys(_ids):
        looks.append(1)
        raise KeyError("a bug of ours")

    stream = admit(find_keys)
    wait_until(lambda: not stream.is_open, 10)

    assert len(looks) > 2
