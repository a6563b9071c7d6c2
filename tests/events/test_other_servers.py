"""A stream brings events as they come under every server that takes the gateway, and through nginx."""

import contextlib
import sys

import pytest

from tests.events.hearing import ORDER, hearing
from tests.support.client import FIRST
from tests.support.ports import reserve_port
from tests.support.processes import started, wait_for_start
from tests.support.server import Server

WAITRESS = ["-m", "waitress", "--listen=127.0.0.1:{port}"]
SERVERS = {
    "gunicorn": (["-m", "gunicorn", "--bind", "127.0.0.1:{port}", "wsgi:app"], ""),
    "flask run": (["-m", "flask", "--app", "wsgi", "run", "--port", "{port}"], ""),
    "waitress": ([*WAITRESS, "wsgi:app"], ""),
    "embedded": ([*WAITRESS, "tests.events.host_wsgi:host"], "/tiger"),
}


@contextlib.contextmanager
def running(name, folder):
    arguments, prefix = SERVERS[name]
    port, log = reserve_port(), folder / "server.log"
    command = [sys.executable, *(each.format(port=port) for each in arguments)]
    with started(command, log, {"TIGER_REST_INSTANCE": str(folder / "instance")}) as process:
        server = Server(process, f"http://127.0.0.1:{port}{prefix}", log)
        wait_for_start(process, log, server.answers)
        yield server


@pytest.mark.parametrize("name", SERVERS)
def test_an_event_comes_while_the_stream_stays_open(name, tmp_path):
    with running(name, tmp_path) as server, hearing(server.url) as stream:
        first, snapshot = stream.read()
        status, placed = server.call("/api/trade/place-order", ORDER)
        event = stream.read_until("accepted")

        assert (first, snapshot["account"], status) == ("snapshot", FIRST, 200)
        assert event["data"]["order_id"] == placed["data"]["order_id"]
