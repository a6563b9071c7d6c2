"""Hear the stream of an account's events over a socket, as a program of a client's does."""

import contextlib
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.support.client import FIRST, FULL_KEY

SECONDS = 20.0
ORDER = {"account": FIRST, "symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1}


@dataclass
class Hearing:
    """An open stream."""

    answer: http.client.HTTPResponse

    def read(self) -> tuple[str, dict[str, Any]]:
        """Return the name and the data of the next event; those without a name are passed over."""
        fields: dict[str, str] = {}
        while line := self.answer.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                return fields["event"], json.loads(fields["data"])
            else:
                fields = {}
        raise EOFError(fields)

    def read_until(self, kind: str) -> dict[str, Any]:
        """Return the next event of a type; others are passed over."""
        while True:
            _, data = self.read()
            if data.get("type") == kind:
                return data


@contextlib.contextmanager
def hearing(url: str, key: str = FULL_KEY, account: str = FIRST, **headers: str) -> Iterator[Hearing]:
    """Open the stream at the address of a gateway until the block ends."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=SECONDS)
    path = f"{parts.path}/api/stream/events?account={account}"
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}", **headers})
        answer = connection.getresponse()
        assert answer.status == http.client.OK, answer.read()
        yield Hearing(answer)
        answer.close()
    finally:
        connection.close()
