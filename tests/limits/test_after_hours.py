"""After the regular session limits go by what a stock is traded at then, not by the price of the close."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.gateway import get_gateway
from app.risk.market_inputs import MarketInputs
from app.risk.use_rows import UseRows
from app.risk.valuation import Price
from app.settings import Settings, SimulatorSettings
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from app.tiger.instrument import Instrument
from app.tiger.market.quotes import fetch_quote
from tests.support.client import FIRST

AAPL = Instrument("AAPL")
# When, which of the prices is the latest then, and how often the night is asked for.
MOMENTS = {
    "before the open": (datetime(2026, 3, 11, 12, 30, tzinfo=UTC), "pre", 0),
    "after the close": (datetime(2026, 3, 11, 21, 30, tzinfo=UTC), "post", 0),
    "at night": (datetime(2026, 3, 12, 5, 30, tzinfo=UTC), "overnight", 1),
    "in the regular session": (datetime(2026, 3, 11, 15, 0, tzinfo=UTC), "regular", 0),
}


@pytest.fixture(params=MOMENTS)
def resting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Simulator]]:
    """Run a simulator with real hours, whose time stands still."""
    frozen_at_ms = round(MOMENTS[request.param][0].timestamp() * 1_000)
    readings = Readings(quote_permission="granted", order_rate="none")
    options = SimulatorOptions(
        folder=tmp_path / "tiger", limit_scale=0, key_bits=1024, readings=readings, real_hours=True
    )
    with Simulator.running(dataclasses.replace(options, frozen_at_ms=frozen_at_ms)) as simulator:
        yield request.param, simulator


@pytest.fixture
def settings(settings: Settings, resting: tuple[str, Simulator]) -> Settings:
    """Give settings of a gateway before it."""
    return dataclasses.replace(settings, simulator=SimulatorSettings(folder=str(resting[1].folder)))


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """Build the gateway."""
    application = create_app(settings)
    yield application
    get_gateway(application).close()


def test_the_price_is_that_of_the_latest_session(app: Flask, resting: tuple[str, Simulator]) -> None:
    gateway, (moment, simulator) = get_gateway(app), resting
    session = gateway.tiger.session(FIRST)
    uses = UseRows(gateway.storage, gateway.limiting.rows)
    (price,) = MarketInputs(uses, lambda: gateway.tiger).get_prices(session, [AAPL]).values()
    calls = simulator.calls("quote_overnight")
    quote = fetch_quote(session, AAPL, extended_hours=True)
    told = {name: part["price"] for name, part in quote["extended_hours"].items() if part is not None}
    _, latest, asked = MOMENTS[moment]
    expected = Decimal(str({**told, "regular": quote["latest_price"]}[latest]))

    assert isinstance(price, Price)
    assert price.last == expected
    assert price.dearest >= max(expected, Decimal(str(quote["ask_price"])))
    assert calls == asked
