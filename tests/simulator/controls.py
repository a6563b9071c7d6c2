"""The control paths of a simulator, as a script speaks to them."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from app.simulator.running import Simulator


class Controls:
    """Speak to the control paths of a simulator."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def __call__(self, method: str, path: str, token: str | None = None, **body: Any) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(self.simulator.base_url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
        try:
            headers = {"X-Control-Token": self.simulator.control_token if token is None else token}
            connection.request(method, f"/control/{path}", json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()
