"""Listen to the events of an account as clients do: by asking again and again, and by streams."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.support.client import Client


@dataclass
class Listener:
    """A client that knows the last event that it has had."""

    client: Client
    topics: str | None = None
    after: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, wait: int = 0) -> dict[str, Any]:
        """Ask for what is new, once, and keep it."""
        response = self.client.get(f"/api/stream/poll?{self._get_query(wait=wait)}")
        assert response.status_code == 200, response.get_json()
        polled: dict[str, Any] = response.get_json()["data"]
        self.after = polled["after"]
        self.events += polled["events"]
        return polled

    def stream(self, **headers: str) -> list[tuple[str, str | None, Any]]:
        """Open a stream, and return the name, the id and the data of what it begins with."""
        response = self.client.get(f"/api/stream/events?{self._get_query()}", **headers)
        assert response.status_code == 200, response.get_json()
        assert response.mimetype == "text/event-stream"
        first: Any = next(iter(response.response))
        response.close()
        return read_stream(first.decode() if isinstance(first, bytes) else first)

    def get_types(self) -> list[str]:
        """Return what happened."""
        return [event["type"] for event in self.events]

    def _get_query(self, **more: Any) -> str:
        named = {"account": self.client.account, "topics": self.topics, "after": self.after, **more}
        return urlencode({name: value for name, value in named.items() if value is not None})


def read_stream(text: str) -> list[tuple[str, str | None, Any]]:
    """Return the events of a stream."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            found.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
    return found
