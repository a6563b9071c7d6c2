"""Fixtures: gateways whose waits are short, on each database, and a trader who speaks to them."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from app import create_app
from app.gateway import get_gateway
from app.settings import GatewaySettings, OrderSettings, Settings, TigerSettings
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from app.simulator.trading.orders import OPEN_STATUSES
from tests.orders.trader import Trader
from tests.support.client import FIRST, Client

SECRET = "a secret of tests, which guards nothing at all"  # noqa: S105 - as it says.


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings, database_url: str) -> Settings:
    """Give settings with a database of its own and short waits, or the order deadline that a test asks for."""
    return dataclasses.replace(
        settings,
        gateway=GatewaySettings(database_url=database_url, secret_key=SECRET, threads=16),
        tiger=TigerSettings(order_deadline_seconds=getattr(request, "param", 3.0), read_deadline_seconds=2.0),
        orders=OrderSettings(absence_seconds=0.4, reconcile_seconds=0.2),
    )


@pytest.fixture(scope="session")
def telling_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run a simulator that shows attached orders from the start, for orders that come with others."""
    options = SimulatorOptions(
        folder=tmp_path_factory.mktemp("telling"),
        limit_scale=0,
        key_bits=1024,
        attached_orders="at_once",
        readings=Readings(quote_permission="granted", order_rate="none"),
    )
    with Simulator.running(options) as simulator:
        yield simulator


@pytest.fixture
def trader(app: Flask, simulator: Simulator) -> Trader:
    """Give a trader whose account and instrument are known to the gateway."""
    trader = Trader(app, simulator)
    trader.place("warm-up")
    simulator.reset_counts()
    return trader


@pytest.fixture
def leaving_none_open(simulator: Simulator, module_client: Client) -> Iterator[None]:
    """Cancel at the end what a test left open; what other tests left in the simulator that all share costs too much."""
    before = {order["id"] for order in simulator.orders(FIRST)}
    yield
    for order in simulator.orders(FIRST):
        if order["id"] not in before and order["status"] in OPEN_STATUSES:
            module_client.post("/api/trade/cancel-order", order_id=str(order["id"]))


@pytest.fixture
def other_app(settings: Settings, app: Flask) -> Iterator[Flask]:
    """Build a second gateway on the same database, as another worker is."""
    application = create_app(settings)
    yield application
    get_gateway(application).close()
