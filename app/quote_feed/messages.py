"""What a publisher says to the processes that follow it: one message a line, as JSON."""

import json
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, get_args

Source = Literal["push", "poll"]


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest of an item: ``content`` is its members as JSON, ``received_ms`` when Tiger told them.

    Of one era the numbers count on, over all items.
    """

    key: str
    number: int
    received_ms: int
    source: Source
    content: str


@dataclass(frozen=True, slots=True)
class Era:
    """A publisher begins: what others said before it counts no longer."""

    era: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where quotes of a tiger_id come from, and why not from Tiger's push."""

    tiger_id: str
    source: Source
    reason: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Tiger does not push an item; it is asked for instead."""

    key: str
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """Nobody follows an item any more: what was known of it grows old."""

    key: str


@dataclass(frozen=True, slots=True)
class Missed:
    """Changes of quotes of a tiger_id may have been missed; what follows is read again."""

    tiger_id: str
    reason: str
    since_ms: int | None


@dataclass(frozen=True, slots=True)
class Alive:
    """The publisher is there, and had nothing else to say."""


Message = Latest | Era | Standing | Refused | Dropped | Missed | Alive
_KINDS: Final = {kind.__name__: kind for kind in get_args(Message)}
_MEMBERS: Final = {kind: tuple(each.name for each in fields(kind)) for kind in _KINDS.values()}
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


def write_message(message: Message) -> bytes:
    """Return the line of a message."""
    kind = type(message)
    members = {name: getattr(message, name) for name in _MEMBERS[kind]}
    return _encode([kind.__name__, members]).encode() + b"\n"


def read_message(line: bytes) -> Message:
    """Return the message of a line.

    Raises:
        ValueError: It is none of this release.
    """
    try:
        name, members = json.loads(line)
        message: Message = _KINDS[name](**members)
    except (KeyError, TypeError) as error:
        raise ValueError("no message of a publisher") from error
    return message


def write_wishes(keys: Any) -> bytes:
    """Return the line by which a process says all that it follows."""
    return json.dumps(sorted(keys)).encode() + b"\n"
