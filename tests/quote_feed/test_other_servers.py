"""Servers that know nothing of streams give each a thread, a quarter of them at most, and quotes flow there, too."""

import contextlib
import sys
import urllib.request

import pytest

from tests.quote_feed.conftest import FIRST, VARIABLES
from tests.support.ports import reserve_port
from tests.support.processes import started, wait_for_start
from tests.support.sse import EventStream

PATH = f"/api/stream/quotes?account={FIRST}&symbols=AAPL"
# Clients that have gone are noticed by the next heartbeat: nobody waits for that here.
THREADED = (
    *("gunicorn", "-c", "/dev/null", "--bind", "127.0.0.1:{port}", "-k", "gthread", "--threads", "8"),
    *("--graceful-timeout", "1"),
)
COMMANDS = {
    "flask run": ("flask", "--app", "wsgi", "run", "--port", "{port}"),
    "waitress": ("waitress", "--listen=127.0.0.1:{port}", "--threads=8", "wsgi:app"),
    "gunicorn's own threads": (*THREADED, "wsgi:app"),
    "a host": (*THREADED, "tests.quote_feed.host:app"),
}


@pytest.fixture(params=COMMANDS)
def url(request, simulator, tmp_path):
    """Run the server, and give the address of the gateway in it."""
    port = reserve_port()
    command = [sys.executable, "-m", *(part.format(port=port) for part in COMMANDS[request.param])]
    variables = {
        **VARIABLES,
        "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder),
        "TIGER_REST_INSTANCE": str(tmp_path / "instance"),
        "TIGER_REST_GATEWAY__THREADS": "8",
    }
    if request.param == "a host":
        variables = {"SIMULATOR_FOLDER": str(simulator.folder), "HOST_FOLDER": str(tmp_path / "instance")}
    prefix = "/tiger" if request.param == "a host" else ""
    served = f"http://127.0.0.1:{port}{prefix}"
    log = tmp_path / "server.log"
    with started(command, log, variables) as process:
        wait_for_start(process, log, lambda: is_healthy(served))
        yield served


def is_healthy(served):
    with urllib.request.urlopen(f"{served}/health", timeout=20) as answer:  # noqa: S310 - loopback.
        return answer.status == 200


def test_a_stream_flows_and_a_quarter_of_the_threads_is_the_most(url, tiger):
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(EventStream(url, PATH)) for _ in range(2)]
        with pytest.raises(AssertionError, match=r"503: .*too_busy"):
            EventStream(url, PATH)
        tiger.wait_subscribed("AAPL")
        tiger.push("AAPL", 501.5)
        told = [stream.wait_for("quote", lambda data: data["latest_price"] == 501.5).data for stream in streams]

        assert [each["source"] for each in told] == ["push", "push"]
