"""Change the elected worker again and again, and watch the simulator: never two connections of one tiger_id.

Each change ends the leader in one of three ways: killed; frozen for longer than its lease, then let go on; or gone with
its machine, whose connection the server sees neither end nor answer. In the end another program takes the connection,
and the leader is killed once more: whoever follows it leaves that program alone for as long.
"""

import argparse
import itertools
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.leadership.lease import Lease
from app.push.pauses import KICKED_SECONDS
from app.settings import LeadershipSettings
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from app.storage import Storage
from app.storage.push_tables import push_states
from app.storage.token_tables import leadership
from app.storage.upgrade import upgrade
from bench.campaign.databases import Database, empty_database
from bench.push_worker import STANDS
from bench.refreshing.world import is_writable
from tests.support.server import wait_until

TIGER_ID = "20154747"
LONGEST_TAKEOVER_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.02
TWICE_SECONDS = 0.1
"""A kicked connection is closed in the turn of the server's loop after the sign-in that kicked it."""
WORKERS = 3
LOG_CHARACTERS = 3_000
WAYS = ("killed", "frozen", "gone")


@dataclass
class Seen:
    """What was seen of one run; ``connections`` are all that were let in and had their subscriptions confirmed."""

    takeovers: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    connections: int = 0
    most_at_a_time: int = 0
    kicked_leaders: int = 0
    away_seconds: float | None = None
    """After another program signed in; None where that was not tried."""

    @property
    def changes(self) -> int:
        """Return how often the leader changed."""
        return sum(map(len, self.takeovers.values()))

    @property
    def longest_takeover(self) -> float:
        """Return the seconds that the slowest change took."""
        return max((seconds for each in self.takeovers.values() for seconds in each), default=0.0)

    @property
    def is_right(self) -> bool:
        """Tell whether all was as promised; who signs in a second time in one term has lost its connection."""
        is_single = self.most_at_a_time == 1 and not self.kicked_leaders and self.connections == self.changes + 1
        was_away = self.away_seconds is None or self.away_seconds >= KICKED_SECONDS
        return is_single and was_away and self.longest_takeover <= LONGEST_TAKEOVER_SECONDS


class Campaign:
    """Workers, the simulator that they connect to, and what is seen of both."""

    def __init__(self, folder: Path, simulator: Simulator, database: Database, lease_seconds: float) -> None:
        self._folder = folder
        self._database = database
        self._simulator = simulator
        self._lease_seconds = lease_seconds
        self._log = (folder / "workers.log").open("wb")
        self._storage = Storage(database.url, folder)
        upgrade(self._storage, folder)
        self._lease = Lease(self._storage)
        self._workers = [self._start() for _ in range(WORKERS)]
        self._twice_since: float | None = None
        self.seen = Seen()

    def run(self, changes: int, report: Callable[[str], None]) -> None:
        """Change the leader so many times, each in the next way."""
        self._wait_for_another(0)
        for number, way in enumerate(itertools.islice(itertools.cycle(WAYS), changes), 1):
            wait_until(self._do_all_stand, PATIENCE_SECONDS)
            leader = self._find_leader()
            if way == "killed":
                leader.kill()
            else:
                self._freeze(leader)
            began = time.monotonic()
            self._wait_for_another(leader.pid)
            took = time.monotonic() - began
            self.seen.takeovers[way].append(took)
            report(f"{number}/{changes} {way}: taken over after {took:.1f} s")
            if took > min(LONGEST_TAKEOVER_SECONDS, 2 * self._lease_seconds):
                report(self._read_log()[-LOG_CHARACTERS:])
            if way == "frozen":
                leader.send_signal(signal.SIGCONT)
                self._look_for(self._lease_seconds / 2)
            else:
                leader.kill()
                leader.wait()
                self._workers.remove(leader)
                self._workers.append(self._start())
            with self._storage.reading() as connection:
                states = [row.condition for row in connection.execute(push_states.select())]
            self.seen.kicked_leaders += states.count("kicked")
        self._look_for(self._lease_seconds)
        self.seen.connections = len(self._read_connected())

    def kick(self) -> None:
        """Take the connection away as another program does, kill the leader, and see how long nobody connects."""
        leader = self._find_leader()
        began = time.monotonic()
        self._simulator.kick(TIGER_ID)
        wait_until(lambda: not self._count_connections(), self._lease_seconds)
        time.sleep(self._lease_seconds)
        leader.kill()
        wait_until(lambda: self._count_connections() > 0, KICKED_SECONDS + PATIENCE_SECONDS)
        self.seen.away_seconds = time.monotonic() - began

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.kill()
            worker.wait()
        self._storage.close()
        self._log.close()

    def _start(self) -> "subprocess.Popen[bytes]":
        arguments = [str(self._folder), self._database.url, str(self._lease_seconds)]
        command = [sys.executable, "-m", "bench.push_worker", *arguments]
        return subprocess.Popen(command, stdout=self._log, stderr=self._log)

    def _do_all_stand(self) -> bool:
        """Tell whether every worker has started, and may be elected."""
        return {f"{STANDS} {worker.pid}" for worker in self._workers} <= set(self._read_log().split("\n"))

    def _freeze(self, worker: "subprocess.Popen[bytes]") -> None:
        """Stop it between its writes: nobody can take the lock on the lease from a process that stands still.

        SQLite lets it go when the process goes on or is killed, PostgreSQL after ten seconds.
        """
        worker.send_signal(signal.SIGSTOP)
        while not self._is_lease_free():
            worker.send_signal(signal.SIGCONT)
            time.sleep(LOOK_SECONDS)
            worker.send_signal(signal.SIGSTOP)

    def _is_lease_free(self) -> bool:
        if self._database.file is not None:
            return is_writable(str(self._database.file))
        try:
            with self._storage.engine.begin() as connection:
                connection.execute(select(leadership).with_for_update(nowait=True))
        except OperationalError:
            return False
        return True

    def _find_leader(self) -> "subprocess.Popen[bytes]":
        holder = self._lease.fetch().holder or "::"
        pid = int(holder.split(":")[1] or 0)
        return next(worker for worker in self._workers if worker.pid == pid)

    def _wait_for_another(self, ended: int) -> None:
        """Wait until a worker that is not this one leads, and is connected."""
        known = len(self._read_connected())
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            self._look()
            connected = self._read_connected()[known if ended else 0 :]
            if any(pid != ended for pid in connected):
                return
            time.sleep(LOOK_SECONDS)
        raise RuntimeError(f"nobody took over; the workers say: {self._read_log()[-LOG_CHARACTERS:]}")

    def _look_for(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self._look()
            time.sleep(LOOK_SECONDS)

    def _look(self) -> None:
        """Look how many connections there are; two count once they last."""
        count = self._count_connections()
        now = time.monotonic()
        if count <= 1:
            self._twice_since = None
        elif self._twice_since is None:
            self._twice_since = now
        if count <= 1 or (self._twice_since is not None and now - self._twice_since >= TWICE_SECONDS):
            self.seen.most_at_a_time = max(self.seen.most_at_a_time, count)

    def _count_connections(self) -> int:
        return sum(one["tiger_id"] == TIGER_ID for one in self._simulator.push_connections())

    def _read_connected(self) -> list[int]:
        return [int(line) for line in self._read_log().split("\n") if line.isdigit()]

    def _read_log(self) -> str:
        return (self._folder / "workers.log").read_text(errors="replace")


@contextmanager
def running_campaign(folder: Path, lease_seconds: float, server_url: str | None = None) -> Iterator[Campaign]:
    """Give a campaign whose workers and simulator live in a folder, and end them; on SQLite without a server."""
    readings = Readings(quote_permission="granted", order_rate="none")
    options = SimulatorOptions(folder, limit_scale=0, readings=readings)
    with Simulator.running(options) as simulator, empty_database(server_url, folder) as database:
        campaign = Campaign(folder, simulator, database, lease_seconds)
        try:
            yield campaign
        finally:
            campaign.close()


def render(seen: Seen, lease_seconds: float) -> str:
    """Return what was seen as a table."""
    lines = ["| the leader was | changes | takeover, median | longest |", "|---|---|---|---|"]
    for way, seconds in seen.takeovers.items():
        if seconds:
            middle, longest = statistics.median(seconds), max(seconds)
            lines.append(f"| {way} | {len(seconds)} | {middle:.1f} s | {longest:.1f} s |")
    lines += [
        "",
        f"Lease: {lease_seconds:g} s. Connections made: {seen.connections}, of {seen.changes + 1} terms.",
        f"Most connections of one tiger_id at a time: {seen.most_at_a_time}. Leaders kicked: {seen.kicked_leaders}.",
    ]
    if seen.away_seconds is not None:
        lines.append(f"After another program signed in nobody connected for {seen.away_seconds:.1f} s.")
    return "\n".join(lines)


def main() -> int:
    """Run the campaign."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--changes", type=int, default=100)
    arguments.add_argument("--lease-seconds", type=float, default=LeadershipSettings().lease_seconds)
    arguments.add_argument("--database", help="URL of a PostgreSQL server; SQLite without it")
    chosen = arguments.parse_args()
    # The workers have to be ended, whatever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with (
        tempfile.TemporaryDirectory() as name,
        running_campaign(Path(name), chosen.lease_seconds, chosen.database) as campaign,
    ):
        campaign.run(chosen.changes, lambda line: print(line, flush=True))
        print(f"another program signs in: about {KICKED_SECONDS:g} s", flush=True)
        campaign.kick()
        print(render(campaign.seen, chosen.lease_seconds))
    return 0 if campaign.seen.is_right else 1


if __name__ == "__main__":
    sys.exit(main())
