"""The end of the service, or of a worker, resets no connection that was let in."""

import asyncio
import http.client
import os
import signal
import time
from collections import Counter

import pytest

from bench.edge import connect_once, end_under_load
from bench.serving import Served
from tests.serving import holding
from tests.support.server import Server, find_workers, running_server, wait_until

KEPT = ("answered", "not let in")


def test_no_connection_is_reset_when_the_service_ends_under_load(tmp_path):
    with running_server(tmp_path) as server:
        outcomes = asyncio.run(end_under_load(Served(server.url, server.process), 1))

    assert set(outcomes) <= set(KEPT), outcomes
    assert outcomes["answered"] > 50


async def ask_on(server: Server, seconds: float, outcomes: Counter[str]) -> float:
    """Ask again and again on new connections; return how long the slowest answer took."""
    served, slowest, ends_at = Served(server.url, server.process), 0.0, time.monotonic() + seconds
    while time.monotonic() < ends_at:
        started = time.monotonic()
        await connect_once(served.address, outcomes)
        slowest = max(slowest, time.monotonic() - started)
        await asyncio.sleep(0.02)
    return slowest


def test_a_reload_leaves_nobody_waiting_for_the_workers_that_it_starts(tmp_path):
    outcomes: Counter[str] = Counter()
    variables = {holding.FOLDER: str(tmp_path)}
    with running_server(tmp_path, application="tests.serving.holding:app", **variables) as server:
        workers = find_workers(server)
        (tmp_path / holding.SLOW).touch()
        server.process.send_signal(signal.SIGHUP)
        slowest = asyncio.run(ask_on(server, holding.SLOW_SECONDS, outcomes))
        wait_until(lambda: not workers & find_workers(server), 30)

    assert set(outcomes) == {"answered"}
    assert slowest < holding.SLOW_SECONDS / 2


def test_reloads_one_upon_the_other_leave_nobody_waiting(tmp_path):
    outcomes: Counter[str] = Counter()

    async def reload_and_ask(server: Server) -> None:
        asking = [asyncio.create_task(ask_on(server, 8, outcomes)) for _ in range(4)]
        while not all(task.done() for task in asking):
            server.process.send_signal(signal.SIGHUP)
            await asyncio.sleep(0.5)

    with running_server(tmp_path) as server:
        asyncio.run(reload_and_ask(server))

    assert set(outcomes) == {"answered"}
    assert server.log.read_text().count("Hang up") >= 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["an end", "a reload"])
def test_a_kept_connection_is_answered_once_more_and_told_that_it_closes(tmp_path, number):
    with running_server(tmp_path) as server:
        workers = find_workers(server)
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
        connection.request("GET", "/health/live")
        connection.getresponse().read()
        server.process.send_signal(number)
        time.sleep(0.5)
        connection.request("GET", "/health/live")
        answer = connection.getresponse()

        assert (answer.status, answer.headers["Connection"]) == (200, "close")
        answer.read()
        wait_until(lambda: not workers & find_workers(server), 20)


def test_a_worker_that_is_told_to_end_while_it_starts_does_not_make_the_service_deaf(tmp_path):
    """The worker has the master's handler until it has set its own."""
    with running_server(tmp_path) as server:
        for _ in range(3):
            for pid in find_workers(server):
                os.kill(pid, signal.SIGTERM)
            time.sleep(0.1)
        wait_until(lambda: server.call("/health/live")[0] == 200, 20)
