"""What was bought is read by one of all workers and used by all, and less of it is noticed within a minute."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config.loader import load_settings
from app.entitlements import bought_limits
from app.gateway import get_gateway
from app.settings import GatewaySettings, LeadershipSettings, QuoteSettings, Settings, SimulatorSettings
from app.simulator.faults import Fault
from app.simulator.options import SimulatorOptions
from app.simulator.running import Simulator
from tests.support.client import Client
from tests.support.server import wait_until

TIGER_ID = "20154747"
SECRET = "a secret of tests, which guards nothing at all"  # noqa: S105 - as it says.
METHOD = "addon_entitlements"


@pytest.fixture
def tiger(tmp_path: Path) -> Iterator[Simulator]:
    """Give a simulator that enforces limits."""
    with Simulator.running(SimulatorOptions(folder=tmp_path / "tiger", key_bits=1024)) as simulator:
        yield simulator


@pytest.fixture
def open_gateway(tiger: Simulator, database_url: str, tmp_path: Path) -> Iterator[Callable[[], Flask]]:
    """Give what opens a gateway on the one database, in the election at once."""
    settings: Settings = dataclasses.replace(
        load_settings({"TIGER_REST_INSTANCE": str(tmp_path)}),
        simulator=SimulatorSettings(folder=str(tiger.folder)),
        gateway=GatewaySettings(database_url=database_url, secret_key=SECRET),
        leadership=LeadershipSettings(lease_seconds=2.0),
        quotes=QuoteSettings(permission="leave"),
    )
    opened: list[Flask] = []

    def open_one() -> Flask:
        app = create_app(settings)
        get_gateway(app).start()
        opened.append(app)
        return app

    yield open_one
    for app in opened:
        get_gateway(app).close()


def knows(app: Flask, method: str, calls: int) -> bool:
    """Wait until a gateway has this limit."""
    limits = get_gateway(app).tiger.pipeline.limits
    return wait_until(lambda: (limit := limits.get(method, TIGER_ID)) and limit.calls == calls, 20) < 20


def test_what_was_bought_is_read_once_and_used_by_all(tiger, open_gateway):
    tiger.set_entitlements(TIGER_ID, highFreqLimit=240, midFreqLimit=120, lowFreqLimit=20)
    gateways = [open_gateway(), open_gateway()]

    assert all(knows(gateway, "kline", 120) for gateway in gateways)
    assert tiger.calls(METHOD, tiger_id=TIGER_ID) == 1


def test_less_than_was_bought_is_noticed_when_tiger_refuses(tiger, open_gateway, monkeypatch):
    monkeypatch.setattr(bought_limits, "AGAIN_SECONDS", 1.0)
    tiger.set_entitlements(TIGER_ID, lowFreqLimit=20)
    leader, other = open_gateway(), open_gateway()
    first = all(knows(gateway, "market_state", 20) for gateway in (leader, other))
    tiger.set_entitlements(TIGER_ID)
    tiger.inject(Fault("http_429", method="kline", times=1))
    refused = Client(other).post("/api/market/kline", symbol="AAPL")

    assert first
    assert refused.status_code == 429
    assert all(knows(gateway, "market_state", 10) for gateway in (leader, other))


@pytest.mark.parametrize("fault", [{"kind": "code", "code": 1000, "message": "not supported"}, {"kind": "http_500"}])
def test_where_tiger_does_not_tell_the_published_limits_stay(tiger, open_gateway, fault):
    tiger.set_entitlements(TIGER_ID, midFreqLimit=120)
    tiger.inject(Fault(method=METHOD, **fault))
    gateway = open_gateway()
    wait_until(lambda: tiger.calls(METHOD), 20)

    assert knows(gateway, "kline", 60)
    assert Client(gateway).post("/api/market/kline", symbol="AAPL").status_code == 200


def test_the_metrics_tell_the_limits_that_were_bought(tiger, open_gateway):
    tiger.set_entitlements(TIGER_ID, midFreqLimit=90)
    gateway = open_gateway()
    is_known = knows(gateway, "kline", 90)
    text = Client(gateway).get("/metrics").get_data(as_text=True)

    assert is_known
    assert 'budget_calls_limit{credential="simulator-one",method="kline"} 90' in text
