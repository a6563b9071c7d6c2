"""What happens to streams of quotes when a worker dies, a key is revoked, or the gateway ends."""

import os
import signal
import subprocess
import sys

from tests.quote_feed.conftest import FIRST, FIRST_ID, VARIABLES, find_leader
from tests.support.processes import ROOT
from tests.support.server import running_server, wait_until
from tests.support.sse import EventStream

PATH = f"/api/stream/quotes?account={FIRST}&symbols=AAPL"


def make_key(instance, *arguments):
    """Make a key as an operator does."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "keys", *arguments]
    environ = {**os.environ, "TIGER_REST_INSTANCE": str(instance)}
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True).stdout.strip()


def test_the_death_of_the_elected_worker_costs_others_a_moment(simulator, tiger, tmp_path):
    variables = {**VARIABLES, "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder)}
    with running_server(tmp_path, "--workers", "2", **variables) as server:
        lost = EventStream(server.url, PATH)
        tiger.wait_subscribed("AAPL")
        first = find_leader(server)
        os.kill(first, signal.SIGSTOP)  # What is opened now is the other worker's.
        streams = [EventStream(server.url, PATH) for _ in range(8)]
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: find_leader(server) != first, 30)
        tiger.wait_subscribed("AAPL")
        wait_until(lambda: len(simulator.push_connections()) == 1, 30)
        tiger.push("AAPL", 401.5)
        told = [stream.wait_for("quote", lambda data: data["latest_price"] == 401.5) for stream in streams]
        for stream in (lost, *streams):
            stream.close()

        assert len(told) == len(streams)


def test_a_stream_says_that_another_program_took_the_push_and_goes_on_by_asking(simulator, tiger, tmp_path):
    variables = {**VARIABLES, "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder)}
    with (
        running_server(tmp_path, "--workers", "2", **variables) as server,
        EventStream(server.url, PATH) as stream,
    ):
        stream.wait_for("source", lambda data: data["source"] == "push")
        simulator.kick(FIRST_ID)
        down = stream.wait_for("source", lambda data: data["source"] == "poll").data
        simulator.set_price("AAPL", 303.25)
        told = stream.wait_for("quote", lambda data: data["latest_price"] == 303.25).data
        simulator.set_price("AAPL", None)

        assert "another program" in down["reason"]
        assert told["source"] == "poll"


def test_the_streams_of_a_key_end_with_it(server, tmp_path):
    instance = server.log.parent / "instance"
    key = make_key(instance, "create", "--name", "leaving", "--accounts", FIRST, "--permissions", "read")
    with EventStream(server.url, PATH, key=key) as leaving, EventStream(server.url, PATH) as staying:
        make_key(instance, "revoke", "leaving")
        leaving.read_rest()

        assert leaving.lines[-1].startswith("retry: ")
        assert staying.wait_for("source").data["source"] in {"push", "poll"}


def test_an_end_tells_clients_to_come_again(simulator, tmp_path):
    with running_server(tmp_path, TIGER_REST_SIMULATOR__FOLDER=str(simulator.folder)) as server:
        stream = EventStream(server.url, PATH)
        seconds = server.stop()
        stream.read_rest()
        stream.close()

        assert stream.lines[-1].startswith("retry: ")
        assert seconds < 15


def test_the_socket_of_quotes_is_private(server):
    socket = server.log.parent / "instance" / "quotes.sock"
    wait_until(socket.exists, 20)

    assert socket.stat().st_mode & 0o777 == 0o600
