"""A worker killed at any moment of an order's life leaves something that is resolved right after the restart."""

import os
import signal
import threading

import pytest

from app.simulator.faults import Fault
from bench.campaign.services import running_gateway
from tests.orders.one_worker import OneWorker
from tests.orders.trader import get_price
from tests.support.server import wait_until

RESOLVED_SECONDS = 8


@pytest.fixture
def worker(request, simulator, tmp_path):
    variables = {
        "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder),
        "TIGER_REST_TIGER__ORDER_DEADLINE_SECONDS": "3",
        "TIGER_REST_ORDERS__ABSENCE_SECONDS": "1",
        "DYING_MOMENT": request.param,
        "DYING_MARK": str(tmp_path / "died"),
    }
    wsgi = "tests.orders.dying_wsgi:app"
    with running_gateway(tmp_path, workers=1, wsgi=wsgi, variables=variables) as gateway:
        yield OneWorker(gateway, simulator, get_price())


@pytest.mark.parametrize("worker", ["stored"], indirect=True)
def test_killed_between_stored_and_sent_the_order_is_settled_as_absent_and_a_repeat_places_it(worker):
    died = worker.place()
    wait_until(lambda: worker.outcome() == "absent", RESOLVED_SECONDS)
    held = worker.held()
    status, body = worker.place()

    assert (died, held) == ((0, {}), [])
    assert status == 200
    assert worker.held() == [body["data"]["order_id"]]


@pytest.mark.parametrize("worker", ["sent"], indirect=True)
def test_killed_between_sent_and_answered_the_order_is_settled_as_accepted(worker):
    worker.simulator.inject(Fault("hang", method="place_order", processed=True, times=1))
    replies = []
    placing = threading.Thread(target=lambda: replies.append(worker.place()))
    placing.start()
    wait_until(worker.held, 10)
    os.kill(worker.gateway.list_workers()[0], signal.SIGKILL)
    placing.join(20)
    wait_until(lambda: worker.outcome() == "accepted", RESOLVED_SECONDS)
    status, body = worker.place()

    assert replies == [(0, {})]
    assert (status, [body["data"]["order_id"]]) == (200, worker.held())


@pytest.mark.parametrize("worker", ["answered"], indirect=True)
def test_killed_between_answered_and_stored_the_order_is_settled_as_accepted(worker):
    died = worker.place()
    wait_until(lambda: worker.outcome() == "accepted", RESOLVED_SECONDS)
    status, body = worker.place()

    assert died == (0, {})
    assert (status, [body["data"]["order_id"]]) == (200, worker.held())
