"""The end of the service, or of a worker, resets no connection that was let in."""

import asyncio
import http.client
import signal
import time

import pytest

from bench.edge import end_under_load
from bench.serving import Served
from tests.support.server import find_workers, running_server, wait_until

KEPT = ("answered", "not let in")


def test_no_connection_is_reset_when_the_service_ends_under_load(tmp_path):
    with running_server(tmp_path) as server:
        outcomes = asyncio.run(end_under_load(Served(server.url, server.process), 1))

    assert set(outcomes) <= set(KEPT), outcomes
    assert outcomes["answered"] > 50


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
