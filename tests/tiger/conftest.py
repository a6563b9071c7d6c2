"""Fixtures: the sessions of the simulator's accounts, as the gateway builds them."""

import socket
import threading
import tomllib
from collections.abc import Iterator

import pytest

from app.config.credentials import load_credentials
from app.settings import Credential, Settings, TigerSettings
from app.simulator.running import Simulator
from app.tiger.sessions import Session, Sessions
from tests.support.client import FIRST
from tests.tiger.raw_server import Behaviour, Start

QUICK = TigerSettings(read_deadline_seconds=4.0, order_deadline_seconds=4.0, connections=24)


@pytest.fixture
def credentials(simulator: Simulator) -> tuple[Credential, ...]:
    """Give the credentials that the simulator wrote."""
    file = simulator.folder / "credentials.toml"
    tables = tomllib.loads(file.read_text(encoding="utf-8"))["credentials"]
    return load_credentials(tables, file, simulator.folder)


@pytest.fixture
def sessions(simulator: Simulator, credentials: tuple[Credential, ...]) -> Sessions:
    """Give the sessions of all accounts of the simulator, with deadlines of four seconds; 24 threads may wait."""
    return Sessions(Settings(instance=simulator.folder, tiger=QUICK), credentials, threads=32)


@pytest.fixture
def session(sessions: Sessions) -> Session:
    """Give the session of the first account."""
    return sessions.session(FIRST)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers that treat each connection as told, and return their addresses."""
    listeners: list[socket.socket] = []

    def serve(listener: socket.socket, behave: Behaviour) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=treat, args=(connection, behave), daemon=True).start()

    def treat(connection: socket.socket, behave: Behaviour) -> None:
        with connection:
            try:
                behave(connection)
            except OSError:
                return

    def start_server(behave: Behaviour) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=serve, args=(listener, behave), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/gateway"

    yield start_server
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
