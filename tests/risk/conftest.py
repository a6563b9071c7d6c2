"""Fixtures: a gateway on each database whose waits are short, a second one beside it, and a trader."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from app import create_app
from app.gateway import Gateway, get_gateway
from app.settings import GatewaySettings, OrderSettings, Settings, TigerSettings
from app.simulator.running import Simulator
from tests.orders.trader import Trader

SECRET = "a secret of tests, which guards nothing at all"  # noqa: S105 - as it says.


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings, database_url: str) -> Settings:
    """Give settings with a database of its own, and a long order deadline unless a test asks for another."""
    return dataclasses.replace(
        settings,
        gateway=GatewaySettings(database_url=database_url, secret_key=SECRET, threads=16),
        tiger=TigerSettings(order_deadline_seconds=getattr(request, "param", 30.0), read_deadline_seconds=20.0),
        orders=OrderSettings(absence_seconds=0.4, reconcile_seconds=0.2),
    )


@pytest.fixture
def gateway(app: Flask) -> Gateway:
    """Give the gateway below."""
    return get_gateway(app)


@pytest.fixture
def trader(app: Flask, simulator: Simulator) -> Trader:
    """Give a trader whose account and instrument are known to the gateway."""
    trader = Trader(app, simulator)
    trader.place("warm-up")
    simulator.reset_counts()
    return trader


@pytest.fixture
def other_app(settings: Settings, app: Flask) -> Iterator[Flask]:
    """Build a second gateway on the same database, as another worker is."""
    application = create_app(settings)
    yield application
    get_gateway(application).close()
