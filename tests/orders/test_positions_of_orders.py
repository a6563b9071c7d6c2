"""What was ordered lately is among the positions of every kind, whichever worker is asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.gateway import get_gateway
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.support.client import Client
from tests.support.databases import failing

PLACE = "/api/trade/place-order"


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """Give a simulator whose accounts hold stocks alone."""
    readings = Readings(quote_permission="granted", order_rate="none")
    with Simulator.running(SimulatorOptions(folder=tmp_path, limit_scale=0, readings=readings)) as simulator:
        yield simulator


def get_kinds(client: Client) -> set[str]:
    return {row["sec_type"] for row in client.data("/api/trade/positions", sec_type="ALL")["positions"]}


def get_calls(client: Client) -> list[dict[str, object]]:
    """Return two calls, as they are named."""
    expiry = client.data("/api/market/option-chain", symbol="AAPL")["expirations"][2]
    calls = client.data("/api/market/option-chain", symbol="AAPL", expiry=expiry)["chain"]["calls"]
    middle = len(calls) // 2
    return [
        {"symbol": "AAPL", "expiry": expiry, "put_call": "CALL", "strike": call["strike"]}
        for call in calls[middle : middle + 2]
    ]


def test_a_first_option_is_a_position_at_once_for_every_worker(client: Client, other_app: Flask) -> None:
    other = Client(other_app)
    before = get_kinds(client), get_kinds(other)
    client.data(PLACE, **get_calls(client)[0], action="BUY", order_type="MKT", quantity=1)

    assert before == ({"STK"}, {"STK"})
    assert (get_kinds(client), get_kinds(other)) == ({"STK", "OPT"}, {"STK", "OPT"})


def test_the_legs_of_a_first_combination_are_positions_at_once(client: Client, other_app: Flask) -> None:
    other = Client(other_app)
    get_kinds(other)
    legs = [{**call, "action": side} for call, side in zip(get_calls(client), ("BUY", "SELL"), strict=True)]
    client.data(PLACE, legs=legs, strategy="VERTICAL", action="BUY", order_type="MKT", quantity=1)

    assert get_kinds(other) == {"STK", "OPT"}


def test_while_the_journal_cannot_be_read_every_kind_is_asked_for(
    client: Client, app: Flask, simulator: Simulator
) -> None:
    get_kinds(client)
    simulator.reset_counts()
    with failing(get_gateway(app).storage):
        kinds = get_kinds(client)

    assert (kinds, simulator.calls("positions")) == ({"STK"}, 7)
