"""Cash, positions and profits as the gateway tells them, after random orders of all kinds, days and expiries.

Held against a bookkeeping of its own (``tests/support/ledger.py``) that knows only the executions and charges.
TIGER_REST_TEST_GATEWAY_ORDERS and TIGER_REST_TEST_SEED choose how many orders and which.
"""

import dataclasses
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.gateway import get_gateway
from app.settings import Settings, SimulatorSettings, TigerSettings
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.orders.random_bodies import Drawn, RandomBodies
from tests.orders.statements import Rows, check_cash, check_orders, read_rows, read_statement
from tests.support.client import Client
from tests.support.ledger import Ledger

ORDERS = int(os.environ.get("TIGER_REST_TEST_GATEWAY_ORDERS", "60"))
SEED = int(os.environ.get("TIGER_REST_TEST_SEED", "1"))
A_DAYS_ORDERS = 6
CHECKS = 5
TIGER_IDS = ("20154747", "20153921")
A_WEEK_SECONDS = 7 * 86_400
PATIENT = TigerSettings(order_deadline_seconds=60.0, read_deadline_seconds=30.0)
"""After thousands of orders the lists are long, and the machine may have other work."""
# 404: a certificate has met its call price since the list was read.
REFUSED = {400, 404, 409, 422}


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Simulator]:
    """Give a simulator whose clock stands until it is moved, and that no other test has touched."""
    readings = Readings(unaffordable="refused_at_once", order_rate="none", quote_permission="granted")
    folder = tmp_path / "standing"
    folder.mkdir()
    # A day of the simulator's is over before the gateway looks for a token that was put into the folder.
    options = SimulatorOptions(
        folder=folder,
        limit_scale=0,
        readings=readings,
        frozen_at_ms=1_800_000_000_000,
        old_token_grace_seconds=A_WEEK_SECONDS,
    )
    with Simulator.running(options) as simulator:
        yield simulator


@pytest.fixture
def app(settings: Settings, standing: Simulator) -> Iterator[Flask]:
    """Build a gateway in front of it, on each database."""
    application = create_app(
        dataclasses.replace(settings, simulator=SimulatorSettings(folder=str(standing.folder)), tiger=PATIENT)
    )
    yield application
    get_gateway(application).close()


def test_cash_positions_and_profits_add_up_to_the_cent(client: Client, standing: Simulator) -> None:
    bodies = RandomBodies(client, standing, SEED)
    ledger, taken = Ledger(read_statement(client, read_rows(client))), Counter[str]()
    bodies.new_day()
    for number in range(ORDERS):
        kind, drawn = bodies.draw(number)
        taken[kind] += try_to_place(client, drawn)
        standing.advance(bodies.random.random() * 1_800)
        if number % A_DAYS_ORDERS == A_DAYS_ORDERS - 1:
            change_one(client, bodies)
            call_off_one(client, bodies)
            standing.advance(20 * 3_600)
            for tiger_id in TIGER_IDS:
                standing.issue_token(tiger_id)
            bodies.new_day()
        if number % (ORDERS // CHECKS or 1) == 0:
            check(client, ledger)

    orders = check(client, ledger).orders
    check_cash(client)
    assert set(taken.elements()) == set(bodies.makers)
    # What expired, or was exercised, is shown as an order that nobody placed.
    assert "OPT" in {order["sec_type"] for order in orders if order["account_order_id"] is None}


def check(client: Client, ledger: Ledger) -> Rows:
    """Raise AssertionError where the account is not what its executions make of it, or an order is not."""
    rows = read_rows(client)
    ledger.check(read_statement(client, rows))
    check_orders(rows)
    return rows


def try_to_place(client: Client, drawn: Drawn | None) -> bool:
    """Place an order, and say whether it was taken; what the account may not place is refused with a reason."""
    if drawn is None:
        return False
    path, body = drawn
    response = client.post(path, **body)
    assert response.status_code == 200 or response.status_code in REFUSED, (body, response.text)
    return bool(response.status_code == 200)


def change_one(client: Client, bodies: RandomBodies) -> None:
    """Give an open limit order another price and a greater quantity, if there is one."""
    waiting = [row for row in list_open(client) if row["order_type"] == "LMT" and row["sec_type"] == "STK"]
    if waiting:
        order = bodies.random.choice(waiting)
        changes = {"quantity": order["quantity"] + 100, "limit_price": bodies.random.randint(150, 650)}
        response = client.post("/api/trade/modify-order", order_id=order["order_id"], **changes)
        assert response.status_code == 200 or response.status_code in REFUSED, response.text


def call_off_one(client: Client, bodies: RandomBodies) -> None:
    """Cancel an order that is open, if one is."""
    waiting = [row["order_id"] for row in list_open(client)]
    if waiting:
        client.data("/api/trade/cancel-order", order_id=bodies.random.choice(waiting))


def list_open(client: Client) -> list[dict[str, Any]]:
    """Return the orders that can be cancelled, of the newest."""
    return [row for row in client.data("/api/trade/orders", limit=300)["orders"] if row["can_cancel"]]
