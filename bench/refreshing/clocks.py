"""Clocks that jump while refreshes are due, or on the wire."""

import os
import signal
import time
from collections.abc import Iterator

from app.simulator.faults import Fault
from bench.preloaded import Machine
from bench.refreshing.trials import Counts
from bench.refreshing.world import RENEWAL, World, get_pid
from tests.support.server import wait_until

GIVEN_UP = "was left unfinished"
ON_THE_WIRE_SECONDS = 5.0


def jump_clock(world: World, machine: Machine, seconds: float) -> Iterator[tuple[str, Counts, float]]:
    """Set the clock of all gateways, and count around each jump; with what may be late because of a takeover."""
    wait_until(lambda: all(world.get_refreshes().values()), 30)
    for offset in (3_600, 0, -3_600, 0):
        world.simulator.reset_counts()
        time.sleep(seconds / 2)
        machine.set_clock(offset)
        time.sleep(seconds / 2)
        yield f"set to {offset:+d} s", Counts.of(world), 0.5
    for offset in (3_600, -3_600):
        world.simulator.reset_counts()
        time.sleep(seconds / 2)
        leader = world.wait_for_leader()
        machine.set_clock(offset)
        os.kill(get_pid(leader.holder or ""), signal.SIGKILL)
        world.wait_for_leader(after_term=leader.term)
        time.sleep(seconds / 2)
        yield f"set to {offset:+d} s as the leader is killed", Counts.of(world), 10.0


def jump_clock_on_the_wire(world: World, machine: Machine) -> Iterator[tuple[str, Counts, int]]:
    """Set the clock while Tiger takes its time over a refresh of each; count, and tell how many were given up."""
    for offset in (3_600, 0, -3_600, 0):
        given_up = world.read_log().count(GIVEN_UP)
        world.simulator.inject(Fault("delay_after", RENEWAL, seconds=ON_THE_WIRE_SECONDS, times=2))
        world.simulator.reset_counts()
        wait_until(lambda: all(world.get_refreshes().values()), 30)
        machine.set_clock(offset)
        time.sleep(2 * ON_THE_WIRE_SECONDS)
        world.simulator.clear_faults()
        yield (
            f"set to {offset:+d} s with both on the wire",
            Counts.of(world),
            world.read_log().count(GIVEN_UP) - given_up,
        )
