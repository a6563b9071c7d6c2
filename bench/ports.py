"""Ports for servers that are about to start."""

import random
import socket
from typing import Final

PORTS: Final = range(20_000, 32_000)
"""Below those that connections going out are given (from 32768 on Linux): one of them could take a server's port."""


def get_free_port() -> int:
    """Return a port that nobody listens on; drawn by lot, so that two who ask do not get the same."""
    while True:
        port = random.choice(PORTS)  # noqa: S311 - no secret.
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
