"""Change the elected worker again and again, and watch the simulator: never two connections of one tiger_id.

Each change ends the leader in one of three ways: killed; frozen for longer than its lease, then let go on; or gone with
its machine, whose connection the server sees neither end nor answer.
"""

import argparse
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from app.config.credentials import load_credentials
from app.config.loader import load_settings
from app.leadership import Job, Leadership
from app.leadership.lease import Lease
from app.push import Gap, PushHub
from app.settings import LeadershipSettings, PushSettings
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from app.storage import Storage
from app.storage.push_tables import push_states
from app.storage.upgrade import upgrade
from app.tiger.sessions import Sessions

ACCOUNT, TIGER_ID = "67686635", "20154747"
LEASE_SECONDS = 6.0
LONGEST_TAKEOVER_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.02
TWICE_SECONDS = 0.1
"""A kicked connection is closed in the turn of the server's loop after the sign-in that kicked it."""
WORKERS = 3
WAYS = ("killed", "frozen", "gone")


@dataclass
class Seen:
    """What was seen of one run."""

    takeovers: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    most_connections: int = 0
    kicked_leaders: int = 0


def serve(folder: Path) -> None:
    """Stand for election, and hold the connection as a gateway's worker does, until the process is ended."""
    settings = load_settings({"TIGER_REST_INSTANCE": str(folder)})
    file = folder / "simulator" / "credentials.toml"
    credentials = load_credentials(tomllib.loads(file.read_text())["credentials"], file, folder)
    storage = Storage(f"sqlite:///{folder / 'gateway.db'}", folder)
    leadership = Leadership(storage, LeadershipSettings(lease_seconds=LEASE_SECONDS))
    hub = PushHub(PushSettings(), credentials, storage, Sessions(settings, credentials).get_domains)
    hub.on_gap(_say_connected)
    hub.open_interest().want_account(ACCOUNT)
    leadership.add_job(Job("push", 1.0, hub.run))
    leadership.start()
    while True:
        signal.pause()


def _say_connected(gap: Gap) -> None:
    if gap.concerns == "accounts":
        print(os.getpid(), flush=True)


class Campaign:
    """Workers, the simulator that they connect to, and what is seen of both."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self._folder = folder
        self._simulator = simulator
        self._log = (folder / "workers.log").open("wb")
        self._storage = Storage(f"sqlite:///{folder / 'gateway.db'}", folder)
        upgrade(self._storage, folder)
        self._lease = Lease(self._storage)
        self._workers = [self._start() for _ in range(WORKERS)]
        self._twice_since: float | None = None
        self.seen = Seen()

    def run(self, changes: int) -> None:
        """Change the leader so many times, each in the next way."""
        self._wait_for_leader(set())
        for way in itertools.islice(itertools.cycle(WAYS), changes):
            leader = self._find_leader()
            began = time.monotonic()
            leader.send_signal(signal.SIGKILL if way == "killed" else signal.SIGSTOP)
            self._wait_for_leader({leader.pid})
            self.seen.takeovers[way].append(time.monotonic() - began)
            if way == "frozen":
                leader.send_signal(signal.SIGCONT)
                self._look_for(LEASE_SECONDS / 2)
            else:
                leader.kill()
                leader.wait()
                self._workers.remove(leader)
                self._workers.append(self._start())
            with self._storage.reading() as connection:
                states = [row.condition for row in connection.execute(push_states.select())]
            self.seen.kicked_leaders += states.count("kicked")

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.kill()
            worker.wait()
        self._storage.close()
        self._log.close()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "bench.push_takeover", "--worker", str(self._folder)]
        return subprocess.Popen(command, stdout=self._log, stderr=self._log)

    def _find_leader(self) -> "subprocess.Popen[bytes]":
        holder = self._lease.fetch().holder or "::"
        pid = int(holder.split(":")[1] or 0)
        return next(worker for worker in self._workers if worker.pid == pid)

    def _wait_for_leader(self, others: set[int]) -> None:
        """Wait until a worker that is none of these leads, and is connected."""
        lines = self._count_lines()
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            self._look()
            connected = self._read_lines()[lines:]
            if any(pid not in others for pid in connected) or (not others and self._read_lines()):
                return
            time.sleep(LOOK_SECONDS)
        raise RuntimeError("nobody took over")

    def _look_for(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self._look()
            time.sleep(LOOK_SECONDS)

    def _look(self) -> None:
        """Look how many connections there are; two count once they last."""
        count = sum(one["tiger_id"] == TIGER_ID for one in self._simulator.push_connections())
        now = time.monotonic()
        if count <= 1:
            self._twice_since = None
        elif self._twice_since is None:
            self._twice_since = now
        if count <= 1 or (self._twice_since is not None and now - self._twice_since >= TWICE_SECONDS):
            self.seen.most_connections = max(self.seen.most_connections, count)

    def _count_lines(self) -> int:
        return len(self._read_lines())

    def _read_lines(self) -> list[int]:
        lines = (self._folder / "workers.log").read_text(errors="replace").split("\n")
        return [int(line) for line in lines if line.isdigit()]


def list_figures(seen: Seen) -> Iterator[str]:
    """Yield what was seen, in words."""
    for way, seconds in seen.takeovers.items():
        if seconds:
            yield f"{way}: {len(seconds)} changes, takeover {max(seconds):.1f} s at most"
    yield f"most connections of one tiger_id at a time: {seen.most_connections}"
    yield f"leaders that were kicked: {seen.kicked_leaders}"


def is_right(seen: Seen) -> bool:
    """Tell whether all was as promised."""
    longest = max((second for seconds in seen.takeovers.values() for second in seconds), default=0.0)
    return seen.most_connections == 1 and not seen.kicked_leaders and longest <= LONGEST_TAKEOVER_SECONDS


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> int:
    """Run the campaign, or one of its workers."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--changes", type=int, default=100)
    arguments.add_argument("--worker", type=Path)
    chosen = arguments.parse_args()
    signal.signal(signal.SIGTERM, _end)
    if chosen.worker is not None:
        serve(chosen.worker)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        readings = Readings(quote_permission="granted", order_rate="none")
        with Simulator.running(SimulatorOptions(folder / "simulator", limit_scale=0, readings=readings)) as simulator:
            campaign = Campaign(folder, simulator)
            try:
                campaign.run(chosen.changes)
            finally:
                campaign.close()
    print("\n".join(list_figures(campaign.seen)))
    return 0 if is_right(campaign.seen) else 1


if __name__ == "__main__":
    sys.exit(main())
