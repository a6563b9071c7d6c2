"""A client of server-sent events, as a careful program writes one: it reads as far as it is asked to."""

import http.client
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

SECONDS = 20.0


@dataclass(frozen=True)
class Event:
    """One event."""

    name: str
    data: dict[str, Any]
    id: str | None


class EventStream:
    """One connection; ``lines`` are those that are no event's: ``retry`` and comments."""

    def __init__(
        self,
        url: str,
        path: str,
        key: str = "client_key_001",
        last_event_id: str | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Open it; what is no stream raises AssertionError with the answer."""
        host, slash, prefix = url.partition("://")[2].partition("/")
        self._connection = (
            http.client.HTTPSConnection(host, timeout=SECONDS, context=trust)
            if trust
            else http.client.HTTPConnection(host, timeout=SECONDS)
        )
        headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream", "Host": "localhost"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        self._connection.request("GET", f"{slash}{prefix}{path}", headers=headers)
        self.answer = self._connection.getresponse()
        if self.answer.status != 200:
            body = self.answer.read().decode()
            self.close()
            raise AssertionError(f"{self.answer.status}: {body}")
        self.lines: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Go away."""
        self.answer.close()
        self._connection.close()

    def read(self) -> Event | None:
        """Return the next event; None at the end. Comments alone are none for long."""
        fields: dict[str, str] = {}
        ends_at = time.monotonic() + SECONDS
        while line := self.answer.readline().decode():
            assert time.monotonic() < ends_at, f"no event for {SECONDS:.0f} s"
            if line == "\n":
                if "event" in fields:
                    return Event(fields["event"], json.loads(fields["data"]), fields.get("id"))
                fields = {}
                continue
            name, _, value = line.rstrip("\n").partition(": ")
            fields[name] = value
            if name not in {"event", "data", "id"}:
                self.lines.append(line.rstrip("\n"))
        return None

    def wait_for(self, name: str, is_it: Callable[[dict[str, Any]], bool] = lambda _: True) -> Event:
        """Return the next event of a name that is the one; the end of the stream before it is an AssertionError."""
        seen: list[Event] = []
        ends_at = time.monotonic() + SECONDS
        while (event := self.read()) is not None:
            if event.name == name and is_it(event.data):
                return event
            seen.append(event)
            assert time.monotonic() < ends_at, f"no {name} for {SECONDS:.0f} s: {seen[-10:]}"
        raise AssertionError(f"the stream ended before {name}: {seen[-10:]}")

    def read_rest(self) -> list[Event]:
        """Return what comes up to the end."""
        rest = []
        while (event := self.read()) is not None:
            rest.append(event)
        return rest
