"""What befalls clients, workers and Tiger's push while the campaign trades."""

import contextlib
import itertools
import os
import random
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.storage import Storage
from app.storage.token_tables import leadership
from bench.campaign.services import Gateway, SimulatorProcess
from bench.streaming.clients import StreamClient

ELECTED_SECONDS = 5.0
PUSH_FAULTS = ("push_closed", "push_silent", "push_dropped", "push_duplicated", "push_out_of_order", "push_cut")
PUSHED = ("OrderStatus", "OrderTransaction")


@dataclass
class Misfortunes:
    """Kill a client, a worker, the elected worker, and let the push fail, in turns."""

    pause_seconds: float
    gateways: Sequence[Gateway]
    clients: Sequence[StreamClient]
    simulator: SimulatorProcess
    storage: Storage
    random: random.Random
    done: dict[str, int]
    stopped: threading.Event

    def run(self) -> None:
        """Do one thing after each pause, and another to the push."""
        kills = itertools.cycle((self._kill_client, self._kill_worker, self._kill_leader))
        faults = itertools.cycle(PUSH_FAULTS)
        while not self.stopped.wait(self.pause_seconds):
            with contextlib.suppress(ProcessLookupError, OSError):
                next(kills)()
            kind = next(faults)
            fault = {"kind": kind, "method": self.random.choice(PUSHED), "times": 1}
            with contextlib.suppress(OSError):
                self.simulator.control("POST", "faults", {"faults": [fault]})
                self._count(kind)

    def _kill_client(self) -> None:
        self.random.choice(self.clients).kill()
        self._count("client killed")

    def _kill_worker(self) -> None:
        if workers := self.random.choice(self.gateways).list_workers():
            os.kill(self.random.choice(workers), signal.SIGKILL)
            self._count("worker killed")

    def _kill_leader(self) -> None:
        # The one before may have been killed a moment ago, and nobody elected yet.
        ends_at = time.monotonic() + ELECTED_SECONDS
        while not (found := self._find_leaders()) and time.monotonic() < ends_at:
            time.sleep(0.1)
        for pid in found:
            os.kill(pid, signal.SIGKILL)
            self._count("elected worker killed")

    def _find_leaders(self) -> list[int]:
        with self.storage.reading() as connection:
            holders = connection.execute(select(leadership.c.holder).where(leadership.c.holder.is_not(None)))
            names = holders.scalars().all()
        workers = {pid for gateway in self.gateways for pid in gateway.list_workers()}
        return [pid for name in names if (pid := int(name.split(":")[1])) in workers]

    def _count(self, name: str) -> None:
        self.done[name] = self.done.get(name, 0) + 1
