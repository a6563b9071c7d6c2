"""Ask a gateway, and tell what its answer says: done, failed, or not known yet."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEY = "client_key_001"
DOUBTS = frozenset({"order_state_unknown", "earlier_outcome_unknown"})
"""The codes that do not say whether something was done."""

ACCEPTED = 200
FINAL = frozenset({200, 400, 403, 404, 409, 422})


@dataclass(frozen=True)
class Reply:
    """One answer to one try; ``status`` 0 where the connection broke."""

    status: int
    body: dict[str, Any]
    asked_at_ms: int
    answered_at_ms: int
    is_replayed: bool = False
    retry_after: float | None = None

    @property
    def is_failure(self) -> bool:
        """Tell whether the client was told that nothing was done."""
        return self.status >= 400 and self.body.get("code") not in DOUBTS

    @property
    def name(self) -> str:
        """Return what it is counted as."""
        return "connection broken" if self.status == 0 else f"{self.status} {self.body.get('code', 'accepted')}"

    @property
    def data(self) -> dict[str, Any]:
        """Return what it tells, where it tells anything."""
        return self.body.get("data") or {}


def ask(
    port: int,
    path: str,
    body: Mapping[str, Any],
    timeout_seconds: float,
    idempotency_key: str | None = None,
    area: str = "trade",
) -> Reply:
    """Send one request on a connection of its own."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    if idempotency_key is not None:
        headers["Idempotency-Key"] = idempotency_key
    asked_at = _get_now_ms()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_seconds)
    try:
        connection.request("POST", f"/api/{area}/{path}", json.dumps(body), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        replayed = response.headers.get("Idempotent-Replayed") == "true"
        after = response.headers.get("Retry-After")
        return Reply(
            response.status, answer, asked_at, _get_now_ms(), replayed, None if after is None else float(after)
        )
    except (OSError, http.client.HTTPException, ValueError):
        return Reply(0, {}, asked_at, _get_now_ms())
    finally:
        connection.close()


def _get_now_ms() -> int:
    return time.time_ns() // 1_000_000
