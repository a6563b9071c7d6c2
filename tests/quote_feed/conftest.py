"""Fixtures: a simulator in which nothing moves by itself, and a gateway of two workers before it."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.support.server import Server, running_server, wait_until
from tests.support.sse import EventStream

NOW_MS = int(datetime(2026, 3, 11, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)
FIRST, FIRST_ID = "67686635", "20154747"
VARIABLES = {"TIGER_REST_BUDGET__LIMIT_SCALE": "0", "TIGER_REST_STREAMS__QUOTE_POLL_SECONDS": "1"}
"""Settings of every gateway here: tests follow each other too fast for Tiger's limits."""


class Tiger:
    """A simulator whose prices change when they are told to, each a millisecond after the one before."""

    _moments = itertools.count(NOW_MS + 1_000)

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def push(self, symbol: str, price: float, **further: object) -> None:
        """Push a trade."""
        now_ms = next(self._moments)
        values = {"symbol": symbol, "type": 1, "latestPrice": price, "timestamp": now_ms}
        self.simulator.publish("Quote", values | {"latestPriceTimestamp": now_ms} | further)

    def list_subscribed(self, kind: str = "subscribedSymbols") -> set[str]:
        """Return what the first developer has subscribed for."""
        return {
            symbol
            for each in self.simulator.push_connections()
            if each["tiger_id"] == FIRST_ID
            for symbol in each[kind]
        }

    def wait_subscribed(self, *symbols: str) -> None:
        """Wait until these, and no others, are subscribed for."""
        wait_until(lambda: self.list_subscribed() == set(symbols), 20)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run a simulator for the module."""
    readings = Readings(quote_permission="granted", order_rate="none")
    folder = tmp_path_factory.mktemp("simulator")
    options = SimulatorOptions(folder, limit_scale=0, key_bits=1024, readings=readings, frozen_at_ms=NOW_MS)
    with Simulator.running(options) as running:
        yield running


@pytest.fixture
def tiger(simulator: Simulator) -> Iterator[Tiger]:
    """Give the module's simulator, and take back what a test did to it."""
    yield Tiger(simulator)
    simulator.clear_faults()
    simulator.set_entitlements(FIRST_ID)
    simulator.reset_readings()


@pytest.fixture(scope="module")
def server(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a gateway of two workers."""
    folder = tmp_path_factory.mktemp("gateway")
    variables = {**VARIABLES, "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder)}
    with running_server(folder, "--workers", "2", "--threads", "8", **variables) as running:
        yield running


@pytest.fixture
def listen(server: Server, tiger: Tiger) -> Iterator[Callable[..., EventStream]]:
    """Give what opens a stream of symbols; the streams of a test end with it, and with them the subscriptions."""
    with ExitStack() as stack:

        def open_one(*symbols: str, query: str = "", last_event_id: str | None = None) -> EventStream:
            path = f"/api/stream/quotes?account={FIRST}&symbols={quote(','.join(symbols), safe=',')}{query}"
            return stack.enter_context(EventStream(server.url, path, last_event_id=last_event_id))

        yield open_one
    tiger.wait_subscribed()


def find_leader(server: Server) -> int:
    """Return the pid of the worker that was elected last."""
    return int(re.findall(r"This worker leads now: .*\([^:]+:(\d+):", server.log.read_text())[-1])
