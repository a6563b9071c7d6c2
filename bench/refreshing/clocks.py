"""Clocks that jump: a library preloaded into the gateways, which moves their clock on the wall and no other."""

import os
import signal
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.simulator.faults import Fault
from bench.refreshing.trials import Counts
from bench.refreshing.world import RENEWAL, World, get_pid
from tests.support.server import wait_until

SOURCE = Path(__file__).with_name("clock.c")
GIVEN_UP = "was left unfinished"
ON_THE_WIRE_SECONDS = 5.0


@dataclass(frozen=True)
class WallClock:
    """The clock of the gateways that are started with these variables."""

    library: Path
    offset_file: Path

    @classmethod
    def build(cls, folder: Path) -> "WallClock":
        """Compile the library; it needs a C compiler."""
        library = folder / "clock.so"
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"],  # noqa: S607 - found on the PATH.
            check=True,
        )
        clock = cls(library, folder / "offset")
        clock.offset_file.write_bytes(struct.pack("l", 0))
        return clock

    @property
    def variables(self) -> dict[str, str]:
        """Return what a process needs in its environment to live by this clock."""
        return {"LD_PRELOAD": str(self.library), "CLOCK_OFFSET": str(self.offset_file)}

    def set_offset(self, seconds: int) -> None:
        """Set the clock this far from the real one, at once, for all."""
        descriptor = os.open(self.offset_file, os.O_WRONLY)
        os.pwrite(descriptor, struct.pack("l", seconds), 0)
        os.close(descriptor)


def jump_clock(world: World, clock: WallClock, seconds: float) -> Iterator[tuple[str, Counts, float]]:
    """Set the clock of all gateways, and count around each jump; with what may be late because of a takeover."""
    wait_until(lambda: all(world.get_refreshes().values()), 30)
    for offset in (3_600, 0, -3_600, 0):
        world.simulator.reset_counts()
        time.sleep(seconds / 2)
        clock.set_offset(offset)
        time.sleep(seconds / 2)
        yield f"set to {offset:+d} s", Counts.of(world), 0.5
    for offset in (3_600, -3_600):
        world.simulator.reset_counts()
        time.sleep(seconds / 2)
        leader = world.wait_for_leader()
        clock.set_offset(offset)
        os.kill(get_pid(leader.holder or ""), signal.SIGKILL)
        world.wait_for_leader(after_term=leader.term)
        time.sleep(seconds / 2)
        yield f"set to {offset:+d} s as the leader is killed", Counts.of(world), 10.0


def jump_clock_on_the_wire(world: World, clock: WallClock) -> Iterator[tuple[str, Counts, int]]:
    """Set the clock while Tiger takes its time over a refresh of each; count, and tell how many were given up."""
    for offset in (3_600, 0, -3_600, 0):
        given_up = world.read_log().count(GIVEN_UP)
        world.simulator.inject(Fault("delay_after", RENEWAL, seconds=ON_THE_WIRE_SECONDS, times=2))
        world.simulator.reset_counts()
        wait_until(lambda: all(world.get_refreshes().values()), 30)
        clock.set_offset(offset)
        time.sleep(2 * ON_THE_WIRE_SECONDS)
        world.simulator.clear_faults()
        yield (
            f"set to {offset:+d} s with both on the wire",
            Counts.of(world),
            world.read_log().count(GIVEN_UP) - given_up,
        )
