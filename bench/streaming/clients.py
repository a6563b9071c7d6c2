"""Clients of the streams: each resumes where it was cut off, wherever it is let in, and keeps what it was told."""

import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

KEY = "client_key_001"
SILENCE_SECONDS = 20.0


@dataclass
class StreamClient:
    """One client of an account; it is killed by closing its connection, and begins again with its last id."""

    account: str
    ports: Sequence[int]
    random: random.Random
    last_id: str | None = None
    first_number: int | None = None
    numbers: list[int] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    connections: int = 0
    _stopped: threading.Event = field(default_factory=threading.Event)
    _killed: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Listen until stopped."""
        while not self._stopped.is_set():
            self._killed.clear()
            try:
                self._listen(self.random.choice(self.ports))
            except (OSError, http.client.HTTPException):
                self._stopped.wait(0.2)

    def kill(self) -> None:
        """Cut it off."""
        self._killed.set()

    def stop(self) -> None:
        """Listen no more."""
        self._stopped.set()
        self._killed.set()

    def _listen(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SILENCE_SECONDS)
        headers = {"Authorization": f"Bearer {KEY}"}
        if self.last_id is not None:
            headers["Last-Event-ID"] = self.last_id
        try:
            connection.request("GET", f"/api/stream/events?account={self.account}", headers=headers)
            response = connection.getresponse()
            if response.status != http.client.OK:
                self._stopped.wait(0.5)
                return
            self.connections += 1
            self._read(response)
        finally:
            connection.close()

    def _read(self, response: http.client.HTTPResponse) -> None:
        fields: dict[str, str] = {}
        while not self._killed.is_set():
            line = response.readline()
            if not line:
                return
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                self._take(fields)
                fields = {}
            else:
                fields = {}

    def _take(self, fields: dict[str, str]) -> None:
        self.last_id = fields["id"]
        told = json.loads(fields["data"])
        if fields["event"] == "gap":
            self.gaps.append(told)
        elif fields["event"] == "snapshot":
            if self.first_number is None:
                self.first_number = int(self.last_id.partition("-")[0])
        else:
            self.numbers.append(told["number"])
            self.events.append(told)
            self.lags.append(time.time() - told["at"] / 1_000)
