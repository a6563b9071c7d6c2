"""Fixtures: simulators of every kind, and traders on their accounts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.simulator.trader import Trader, Wire

Simulate = Callable[..., Simulator]
# What these modules are about is the same under every reading, and is told most plainly under these; each reading has
# tests of its own.
PLAIN = Readings(
    order_numbers="reserved",
    unaffordable="refused_at_once",
    expired_day_order="invalid",
    refusal_language="en",
    ioc_fok="accepted",
    cancel="at_once",
    quote_permission="granted",
)


@pytest.fixture
def simulate(tmp_path: Path) -> Iterator[Simulate]:
    """Give what starts a simulator with options of its own; without rate limits unless asked for."""
    with ExitStack() as stack:

        def start(**options: Any) -> Simulator:
            chosen: dict[str, Any] = {"folder": tmp_path, "limit_scale": 0.0, "readings": PLAIN} | options
            simulator = stack.enter_context(Simulator.running(SimulatorOptions(**chosen)))
            if not chosen["limit_scale"]:
                simulator.read_as(order_rate="none")
            return simulator

        yield start


@pytest.fixture
def simulator(simulate: Simulate) -> Simulator:
    """Give a simulator that no other test has touched."""
    return simulate()


@pytest.fixture
def trader(simulator: Simulator) -> Trader:
    """Give a trader on the first live account."""
    return Trader(simulator)


@pytest.fixture
def wire(simulator: Simulator) -> Wire:
    """Give bare HTTP access with the keys of the first developer id."""
    return Wire(simulator)
