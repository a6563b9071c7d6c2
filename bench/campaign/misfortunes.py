"""What befalls the gateways' machine and database meanwhile: one thing at a time, then a moment's calm."""

import contextlib
import functools
import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bench.campaign.databases import BACKENDS_ENDED, LOCKED, READ_ONLY, Database, Harm
from bench.preloaded import Machine

SECONDS = {LOCKED: 10.0, READ_ONLY: 6.0, BACKENDS_ENDED: 1.0}
JUMP_SECONDS = 6.0
DAY_SECONDS = 86_400
JUMPS = {
    "clock two days on": 2 * DAY_SECONDS,
    "clock two days back": -2 * DAY_SECONDS,
    "clock a minute on": 60,
    "clock a minute back": -60,
}


def list_harms(database: Database, machine: Machine | None) -> Mapping[str, Harm]:
    """Return what this database and this machine can suffer; without a compiler there is no machine."""
    harms = dict(database.harms)
    if machine is not None:
        harms |= {name: functools.partial(_jumped, machine, offset) for name, offset in JUMPS.items()}
        harms.setdefault(READ_ONLY, functools.partial(_unwritable, machine))
    return harms


@dataclass
class Misfortunes:
    """Let harms befall in a random order, again and again, until stopped."""

    harms: Mapping[str, Harm]
    chance: random.Random
    calm_seconds: float
    befell: Counter[str] = field(default_factory=Counter)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Let one befall after the other."""
        while self.harms:
            for name in self.chance.sample(sorted(self.harms), len(self.harms)):
                if self._stopped.wait(self.calm_seconds):
                    return
                with self.harms[name]():
                    self.befell[name] += 1
                    self._stopped.wait(SECONDS.get(name, JUMP_SECONDS))

    def stop(self) -> None:
        """Let nothing more befall, and end what has."""
        self._stopped.set()


@contextlib.contextmanager
def _jumped(machine: Machine, offset_seconds: int) -> Iterator[None]:
    machine.set_clock(offset_seconds)
    yield
    machine.set_clock(0)


@contextlib.contextmanager
def _unwritable(machine: Machine) -> Iterator[None]:
    machine.set_read_only(True)
    yield
    machine.set_read_only(False)
