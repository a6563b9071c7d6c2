"""Clients that keep a connection and send one request at a time, many in one process, for paced scenarios."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEY = "client_key_001"
ACCOUNT = "67686635"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: when it was asked for and had (epoch seconds), its status, its headers and body."""

    asked_at: float
    had_at: float
    status: int
    age: str | None
    body: Any

    @property
    def seconds(self) -> float:
        """Return how long it took."""
        return self.had_at - self.asked_at


class Client:
    """One connection."""

    def __init__(self, address: tuple[str, int], key: str = KEY) -> None:
        self._address = address
        self._key = key
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, method: str, path: str, body: Mapping[str, Any] | None = None, **headers: str) -> Reply:
        """Send one request; a connection that broke gives status 0."""
        content = b"" if body is None else json.dumps({"account": ACCOUNT, **body}).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {self._key}"]
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        asked_at = time.time()
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(*self._address)
            reader, writer = self._streams
            writer.write("\r\n".join((*lines, "", "")).encode() + content)
            status, told = await self._read_head(reader)
            answer = await reader.readexactly(int(told.get("content-length", "0")))
            if told.get("connection") == "close":
                self.close()
        except (OSError, EOFError, ValueError, IndexError):
            self.close()
            return Reply(asked_at, time.time(), 0, None, None)
        return Reply(asked_at, time.time(), status, told.get("age"), json.loads(answer) if answer else None)

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _read_head(self, reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        told = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        return int(head[0].split()[1]), told


def get_percentile(values: list[float], part: float) -> float:
    """Return the value below which this part of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")
