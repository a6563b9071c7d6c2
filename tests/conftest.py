"""Fixtures: a simulator, a gateway in front of it, and clients that speak HTTP to the gateway."""

import dataclasses
import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config.loader import load_settings
from app.gateway import get_gateway
from app.settings import BudgetSettings, QuoteSettings, Settings, SimulatorSettings
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.support.client import DEMO_KEY, PAPER, Client

# The log of the whole run, who begins with what, the wheel in environments of its own, databases, and TLS.
pytest_plugins = [f"tests.support.{name}" for name in ("run_log", "sharing", "installed", "databases", "tls")]
# The shared simulator has no limits, so that tests need not wait for each other's minute.
UNCOUNTED = BudgetSettings(limit_scale=0)
# Gateways of many instances follow each other at it: one that had to grab first would cost each test a call.
READINGS = Readings(quote_permission="granted", order_rate="none").choose(
    dict(reading.split("=") for reading in os.environ.get("TIGER_REST_TEST_READINGS", "").split())
)
LEFT = QuoteSettings(permission="leave")

# What is imported and collected never becomes garbage; to look through it again and again costs a tenth of the time.
gc.freeze()
gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def shared_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run one simulator, without rate limits, for all tests that leave it as they found it."""
    folder = tmp_path_factory.mktemp("simulator")
    with Simulator.running(
        SimulatorOptions(folder=folder, limit_scale=0, key_bits=1024, readings=READINGS)
    ) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _readings_as_found(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let no test's readings of Tiger reach the next one; a simulator that only one test knows needs no care."""
    shared = request.getfixturevalue("shared_simulator") if "shared_simulator" in request.fixturenames else None
    yield
    if shared is not None:
        shared.reset_readings()


@pytest.fixture
def simulator(shared_simulator: Simulator) -> Iterator[Simulator]:
    """Give the simulator with no faults and with fresh counts."""
    shared_simulator.reset_counts()
    yield shared_simulator
    shared_simulator.clear_faults()
    shared_simulator.reset_readings()


@pytest.fixture
def settings(simulator: Simulator, ready_instance: Path) -> Settings:
    """Give settings with nothing configured but an instance folder and the simulator that runs already."""
    plain = load_settings({"TIGER_REST_INSTANCE": str(ready_instance)})
    return dataclasses.replace(
        plain, simulator=SimulatorSettings(folder=str(simulator.folder)), budget=UNCOUNTED, quotes=LEFT
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """Build the gateway in simulator mode."""
    application = create_app(settings)
    yield application
    get_gateway(application).close()


@pytest.fixture(scope="module")
def module_app(shared_simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Build one gateway for a module whose tests leave nothing behind that another could trip over."""
    plain = load_settings({"TIGER_REST_INSTANCE": str(tmp_path_factory.mktemp("instance"))})
    there = SimulatorSettings(folder=str(shared_simulator.folder))
    application = create_app(dataclasses.replace(plain, simulator=there, budget=UNCOUNTED, quotes=LEFT))
    yield application
    get_gateway(application).close()


@pytest.fixture(scope="module")
def module_client(module_app: Flask) -> Client:
    """Give the client that may do everything, for the first account, of the module's gateway."""
    return Client(module_app)


@pytest.fixture
def client(app: Flask) -> Client:
    """Give the client that may do everything, for the first account."""
    return Client(app)


@pytest.fixture
def paper(app: Flask) -> Client:
    """Give the client that may read and trade the paper account."""
    return Client(app, key=DEMO_KEY, account=PAPER)


@pytest.fixture(autouse=True)
def _quiet_root() -> Iterator[None]:
    """Leave the root logger as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level
