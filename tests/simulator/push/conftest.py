"""Fixtures: one simulator for each module, its time stopped in a Wednesday's session, as each test finds it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from app.simulator.options import SimulatorOptions
from app.simulator.running import Simulator
from tests.simulator.conftest import PLAIN
from tests.simulator.push.clients import Bare, Subscriber
from tests.simulator.trader import Trader

NOW_MS = int(datetime(2026, 3, 11, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(scope="module")
def module_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run a simulator for the module, in which nothing moves but what a test moves."""
    folder = tmp_path_factory.mktemp("push")
    options = SimulatorOptions(folder, limit_scale=0, readings=PLAIN, frozen_at_ms=NOW_MS)
    with Simulator.running(options) as simulator:
        simulator.read_as(order_rate="none")
        yield simulator


@pytest.fixture
def simulator(module_simulator: Simulator) -> Iterator[Simulator]:
    """Give the module's simulator, and take back the faults."""
    yield module_simulator
    module_simulator.clear_faults()


@pytest.fixture
def trader(simulator: Simulator) -> Trader:
    """Give a trader on the first live account."""
    return Trader(simulator)


@pytest.fixture
def connect(simulator: Simulator) -> Iterator[Callable[..., Subscriber]]:
    """Give what connects the SDK's client."""
    with ExitStack() as stack:
        yield lambda *names, **options: stack.enter_context(Subscriber(simulator, *names, **options))


@pytest.fixture
def bare(simulator: Simulator) -> Iterator[Callable[..., Bare]]:
    """Give what opens a bare connection."""
    with ExitStack() as stack:
        yield lambda *names, **options: stack.enter_context(Bare(simulator, *names, **options))


@pytest.fixture
def signed_in(bare: Callable[..., Bare]) -> Bare:
    """Give a bare connection that has signed in."""
    return bare().sign_in()


def get_values(message: Any) -> dict[str, Any]:
    """Return the fields that a message holds."""
    return {field.name: value for field, value in message.ListFields()}
