"""Positions of every kind can be asked for every five seconds within Tiger's sixty calls a minute."""

import dataclasses

import pytest

from app import create_app
from app.config.loader import load_settings
from app.gateway import get_gateway
from app.settings import SimulatorSettings
from app.simulator.options import SimulatorOptions
from app.simulator.running import Simulator
from tests.support.client import Client

POLLS_OF_A_MINUTE = 12
ALL = {"sec_type": "ALL"}


@pytest.fixture
def strict(tmp_path):
    """Give a simulator that keeps Tiger's limits."""
    options = SimulatorOptions(folder=tmp_path / "strict", limit_scale=1, key_bits=1024)
    with Simulator.running(options) as simulator:
        yield simulator


@pytest.fixture
def workers(strict, ready_instance):
    """Give clients of two gateways on one database, as two workers are."""
    plain = load_settings({"TIGER_REST_INSTANCE": str(ready_instance)})
    settings = dataclasses.replace(plain, simulator=SimulatorSettings(folder=str(strict.folder)))
    apps = [create_app(settings) for _ in range(2)]
    yield [Client(app) for app in apps]
    for app in apps:
        get_gateway(app).close()


def test_a_five_second_poller_of_every_kind_is_not_refused(workers, strict):
    answers = [workers[poll % 2].post("/api/trade/positions", **ALL) for poll in range(POLLS_OF_A_MINUTE)]

    assert [answer.status_code for answer in answers] == [200] * POLLS_OF_A_MINUTE
    assert len({answer.get_json()["data"]["count"] for answer in answers}) == 1
    # Six kinds once, whichever worker asked, and stocks each time.
    assert strict.calls("positions") <= 6 + POLLS_OF_A_MINUTE


def test_no_age_is_told_of_positions(workers):
    answers = [workers[0].post("/api/trade/positions", **ALL) for _ in range(2)]

    assert [answer.headers.get("Age") for answer in answers] == [None, None]
