"""Tiger's table of domains, served over HTTP where the SDK looks for it."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tigeropen import tiger_open_config


class TableHandler(BaseHTTPRequestHandler):
    """Answer with the table."""

    def do_GET(self) -> None:
        body = json.dumps({"ret": 0, "items": [{"openapi": self.server.table}]}).encode()  # type: ignore[attr-defined]
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def serve_domain_table(table: Mapping[str, object], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Serve a table; gives the questions that arrived."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), TableHandler)
    asked: list[str] = []
    server.asked, server.table = asked, table  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setattr(tiger_open_config, "DOMAIN_GARDEN_ADDRESS", f"http://127.0.0.1:{server.server_port}")
    try:
        yield asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
