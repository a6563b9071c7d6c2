"""Tells the push service's clients from those that speak HTTP; all that a simulator needs whom nobody pushes from."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable

TELLING_BYTES = 2
HANDSHAKE = b"\x16\x03"
_LONG = 0x80
_COMMAND_TAG = 0x08


class Recognized(asyncio.Protocol):
    """Go on with a connection that was found to be for the push service."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection, with what has been written still sent."""


Forget = Callable[[Recognized], None]


def is_push(data: bytes) -> bool:
    """Say whether a connection that begins with these bytes, two or more, is for the push service.

    It begins with a TLS handshake or with a frame: the length, which takes two bytes at a sign-in, or one and then the
    tag of field 1. HTTP begins with two capital letters.
    """
    return data.startswith(HANDSHAKE) or data[0] >= _LONG or data[1] == _COMMAND_TAG
