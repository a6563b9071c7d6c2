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
from tests.support.server import Server, find_workers, running_server, wait_until

KEPT = ("answered", "not let in")


def test_no_connection_is_reset_when_the_service_ends_under_load(tmp_path):
    with running_server(tmp_path) as server:
        outcomes = asyncio.run(end_under_load(Served(server.url, server.process), 1))

    assert set(outcomes) <= set(KEPT), outcomes
    assert outcomes["answered"] > 50


def test_reloads_one_upon_the_other_leave_nobody_waiting(tmp_path):
    waits: list[float] = []

    async def ask(server: Server, outcomes: Counter[str], until: float) -> None:
        while time.monotonic() < until:
            started = time.monotonic()
            await connect_once(Served(server.url, server.process).address, outcomes)
            waits.append(time.monotonic() - started)
            await asyncio.sleep(0.02)

    async def reload_and_ask(server: Server, outcomes: Counter[str]) -> None:
        until = time.monotonic() + 12
        asking = [asyncio.create_task(ask(server, outcomes, until)) for _ in range(4)]
        while time.monotonic() < until:
            server.process.send_signal(signal.SIGHUP)
            await asyncio.sleep(0.5)
        await asyncio.gather(*asking)

    with running_server(tmp_path) as server:
        outcomes: Counter[str] = Counter()
        asyncio.run(reload_and_ask(server, outcomes))

    assert set(outcomes) == {"answered"}
    assert max(waits) < 10
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
