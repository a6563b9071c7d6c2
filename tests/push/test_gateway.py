"""How the connection stands shows where operators look: readiness, metrics, the doctor."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.gateway import Gateway, get_gateway
from app.operations.doctor.finding import Verdict
from app.operations.doctor.push import examine_push
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.push.conftest import ACCOUNT, TIGER_ID
from tests.support.client import Client
from tests.support.server import wait_until

STATE = 'tiger_rest_push_state{{credential="simulator-one",state="{}"}} 1.0'


@pytest.fixture
def simulator(shared_simulator: Simulator) -> Iterator[Simulator]:
    """Give a simulator whose time goes on, since tokens would grow old in one whose time stands still."""
    yield shared_simulator
    shared_simulator.clear_faults()


@pytest.fixture
def gateway(app: Flask) -> Gateway:
    """Give a gateway whose only worker leads, and in which somebody wants the first account."""
    gateway = get_gateway(app)
    gateway.push.open_interest().want_account(ACCOUNT)
    gateway.start()
    return gateway


def scrape(client: Client) -> str:
    return str(client.get("/metrics").get_data(as_text=True))


def wait_for(client: Client, condition: str) -> None:
    wait_until(lambda: STATE.format(condition) in scrape(client), 20)


def test_a_connection_that_stands_shows_with_what_is_subscribed_for(gateway: Gateway, client: Client) -> None:
    wait_for(client, "connected")
    wait_until(lambda: 'push_subscriptions{credential="simulator-one",kind="accounts"} 1.0' in scrape(client), 10)

    assert client.get("/health/ready").get_json()["warnings"] == []


def test_a_kick_degrades_readiness_and_is_counted(gateway: Gateway, client: Client, simulator: Simulator) -> None:
    wait_for(client, "connected")
    simulator.kick(TIGER_ID)
    wait_for(client, "kicked")
    answer = client.get("/health/ready").get_json()

    assert (answer["ready"], answer["status"]) == (True, "degraded")
    assert "left to another program" in answer["warnings"][0]
    assert 'tiger_rest_push_ends_total{reason="kicked"} 1.0' in scrape(client)


def test_a_refused_sign_in_degrades_readiness_with_its_reason(app: Flask, client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("push_refused", method="CONNECT", code=4, message="not today"))
    gateway = get_gateway(app)
    gateway.push.open_interest().want_account(ACCOUNT)
    gateway.start()
    wait_for(client, "refused")
    finding = examine_push(gateway, gateway.credentials[0])

    assert "not today" in client.get("/health/ready").get_json()["warnings"][0]
    assert (finding.verdict, "not today" in finding.seen) == (Verdict.ATTENTION, True)


def test_the_doctor_reaches_the_push_service_and_signs_nobody_out(gateway: Gateway, client: Client) -> None:
    wait_for(client, "connected")
    finding = examine_push(gateway, gateway.credentials[0])

    assert finding.verdict is Verdict.OK
    assert STATE.format("connected") in scrape(client)
