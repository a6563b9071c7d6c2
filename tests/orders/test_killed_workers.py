"""A worker killed at any moment of an order's life leaves something that is settled right after the restart."""

import contextlib
import http.client
import json
import os
import signal
import threading
from dataclasses import dataclass
from typing import Any

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from bench.campaign.services import Gateway, running_gateway
from tests.orders.trader import FATAL_KEY, get_order, get_price
from tests.support.client import FIRST, FULL_KEY
from tests.support.server import wait_until

SETTLED_SECONDS = 8


@dataclass(frozen=True)
class Desk:
    """A gateway with one worker, and an order at a price of its own."""

    gateway: Gateway
    simulator: Simulator
    price: float

    def ask(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send a request; status 0 where the worker died under it."""
        headers = {"Authorization": f"Bearer {FULL_KEY}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=20)
        with contextlib.closing(connection):
            try:
                connection.request("POST", path, json.dumps(body), headers | {"Idempotency-Key": FATAL_KEY})
                response = connection.getresponse()
                return response.status, json.loads(response.read())
            except (OSError, http.client.HTTPException):
                return 0, {}

    def place(self) -> tuple[int, dict[str, Any]]:
        """Place the fatal order."""
        return self.ask("/api/trade/place-order", get_order(limit_price=self.price))

    def outcome(self) -> str:
        """Return what the gateway says became of it."""
        _, body = self.ask("/api/trade/order-status", {"account": FIRST, "client_order_id": FATAL_KEY})
        return str(body.get("data", {}).get("outcome"))

    def held(self) -> list[str]:
        """Return the ids of its orders at the simulator."""
        return [str(order["id"]) for order in self.simulator.orders(FIRST) if order.get("limitPrice") == self.price]


@pytest.fixture
def desk(request, simulator, tmp_path):
    variables = {
        "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder),
        "TIGER_REST_TIGER__ORDER_DEADLINE_SECONDS": "3",
        "TIGER_REST_ORDERS__ABSENCE_SECONDS": "1",
        "DYING_MOMENT": request.param,
        "DYING_MARK": str(tmp_path / "died"),
    }
    wsgi = "tests.orders.dying_wsgi:app"
    with running_gateway(tmp_path, workers=1, wsgi=wsgi, variables=variables) as gateway:
        yield Desk(gateway, simulator, get_price())


@pytest.mark.parametrize("desk", ["stored"], indirect=True)
def test_killed_between_stored_and_sent_the_order_is_settled_as_absent_and_a_repeat_places_it(desk):
    died = desk.place()
    wait_until(lambda: desk.outcome() == "absent", SETTLED_SECONDS)
    held = desk.held()
    status, body = desk.place()

    assert (died, held) == ((0, {}), [])
    assert status == 200
    assert desk.held() == [body["data"]["order_id"]]


@pytest.mark.parametrize("desk", ["sent"], indirect=True)
def test_killed_between_sent_and_answered_the_order_is_settled_as_accepted(desk):
    desk.simulator.inject(Fault("hang", method="place_order", processed=True, times=1))
    replies = []
    placing = threading.Thread(target=lambda: replies.append(desk.place()))
    placing.start()
    wait_until(desk.held, 10)
    os.kill(desk.gateway.list_workers()[0], signal.SIGKILL)
    placing.join(20)
    wait_until(lambda: desk.outcome() == "accepted", SETTLED_SECONDS)
    status, body = desk.place()

    assert replies == [(0, {})]
    assert (status, [body["data"]["order_id"]]) == (200, desk.held())


@pytest.mark.parametrize("desk", ["answered"], indirect=True)
def test_killed_between_answered_and_stored_the_order_is_settled_as_accepted(desk):
    died = desk.place()
    wait_until(lambda: desk.outcome() == "accepted", SETTLED_SECONDS)
    status, body = desk.place()

    assert died == (0, {})
    assert (status, [body["data"]["order_id"]]) == (200, desk.held())
