"""A worker that stood still while another one found out about its order changes nothing when it wakes."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.gateway import get_gateway
from app.orders.states import State
from bench.campaign.services import running_gateway
from tests.orders.one_worker import OneWorker
from tests.orders.trader import FATAL_KEY, get_price
from tests.support.client import FIRST
from tests.support.server import wait_until

DEADLINE_SECONDS = 3.0


@pytest.fixture
def worker(request, settings, simulator, tmp_path):
    """Give a gateway beside the one of ``app``, with the same journal."""
    variables = {
        "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder),
        "TIGER_REST_GATEWAY__DATABASE_URL": settings.gateway.database_url,
        "TIGER_REST_GATEWAY__SECRET_KEY": settings.gateway.secret_key,
        "TIGER_REST_TIGER__ORDER_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
        "DYING_MOMENT": request.param,
        "DYING_MARK": str(tmp_path / "stopped"),
        "DYING_SIGNAL": "SIGSTOP",
    }
    wsgi = "tests.orders.dying_wsgi:app"
    with running_gateway(tmp_path / "beside", workers=1, wsgi=wsgi, variables=variables) as gateway:
        yield OneWorker(gateway, simulator, get_price())


def read_row(trader):
    return get_gateway(trader.app).orders.journal.find_by_key(FIRST, FATAL_KEY)[0]


def wait_until_lease_is_over(trader):
    """Wait until nobody counts on the worker that began the fatal order any more."""
    row = read_row(trader)
    time.sleep(row.milliseconds_until(row.busy_until) / 1_000)


@pytest.mark.parametrize("worker", ["sent"], indirect=True)
def test_a_worker_frozen_over_its_lease_leaves_the_settled_row_alone(trader, worker):
    trader.inject("hang", processed=True)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(worker.place)
        wait_until(worker.held, 10)
        process = worker.gateway.list_workers()[0]
        os.kill(process, signal.SIGSTOP)
        try:
            wait_until(lambda: trader.status(client_order_id=FATAL_KEY)["outcome"] == "accepted", 10)
            resolved = read_row(trader)
            wait_until_lease_is_over(trader)
        finally:
            os.kill(process, signal.SIGCONT)
        status, body = first.result()

    assert resolved.state is State.ACCEPTED
    assert (status, [body["data"]["order_id"]]) == (200, worker.held())
    assert read_row(trader).history == resolved.history


@pytest.mark.parametrize("worker", ["stored"], indirect=True)
def test_a_worker_frozen_before_it_sent_sends_nothing_when_another_one_has(trader, worker, tmp_path):
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(worker.place)
        wait_until((tmp_path / "stopped").exists, 10)
        process = worker.gateway.list_workers()[0]
        try:
            wait_until(lambda: trader.place(FATAL_KEY, limit_price=worker.price).status_code == 200, 20)
            resolved = read_row(trader)
        finally:
            os.kill(process, signal.SIGCONT)
        status, body = first.result()

    assert (status, [body["data"]["order_id"]]) == (200, worker.held())
    assert read_row(trader).history == resolved.history
