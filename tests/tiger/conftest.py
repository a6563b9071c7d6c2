"""Fixtures: the sessions of the simulator's accounts, as the gateway builds them."""

import tomllib

import pytest

from app.config.credentials import load_credentials
from app.settings import Credential, Settings, TigerSettings
from app.simulator.running import Simulator
from app.tiger.sessions import Session, Sessions
from tests.support.client import FIRST

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
