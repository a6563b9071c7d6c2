"""Run the campaign of the streams and print its table: ``python -m bench.stream_campaign --orders 7000``.

Programs trade through the gateway and past it while clients listen, each resuming where it was cut off; every two
seconds a client, a worker or the elected worker is killed, and Tiger's push is cut or falls silent in turns. Ends with
1 where a client missed an event without being told so, or an order's end was never told; with
``--without-comparison``, where none did.
"""

import argparse
import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.storage import Storage
from app.storage.event_tables import account_events, event_counters
from app.storage.token_tables import leadership
from bench.campaign.databases import empty_database
from bench.campaign.services import Gateway, SimulatorProcess, running_gateway, running_simulator
from bench.streaming.clients import StreamClient
from bench.streaming.traders import GatewayTrader, SDKTrader, Trader
from bench.streaming.verdict import Verdict, get_verdict

ACCOUNTS = ("67686635", "66804149")
SAFE, FORGETFUL = "wsgi:app", "bench.streaming.forgetful_wsgi:app"
SECRET = "the secret of a campaign, which guards nothing"  # noqa: S105 - as it says.
HARM_SECONDS = 2.0
CALM_SECONDS = 60.0
ELECTED_SECONDS = 5.0
"""So long after the last misfortune everything has to have been told."""
REPORT_SECONDS = 5.0
PUSH_FAULTS = ("push_closed", "push_silent", "push_dropped", "push_duplicated", "push_out_of_order", "push_cut")
PUSHED = ("OrderStatus", "OrderTransaction")
MOST_CULPRITS = 10


@dataclass(frozen=True)
class Campaign:
    """What is tried."""

    seed: int = 1
    orders: int = 7_000
    clients: int = 20
    workers: int = 4
    instances: int = 1
    traders: int = 4
    pause_seconds: float = 0.1
    calm_seconds: float = CALM_SECONDS
    harm_seconds: float = HARM_SECONDS
    database_url: str | None = None
    gateway: str = SAFE


@dataclass
class Harm:
    """Kill a client, a worker, the elected worker, and let the push fail, in turns."""

    campaign: Campaign
    gateways: Sequence[Gateway]
    clients: Sequence[StreamClient]
    simulator: SimulatorProcess
    storage: Storage
    random: random.Random
    done: dict[str, int]
    stopped: threading.Event

    def run(self) -> None:
        """Do one thing each two seconds, and another to the push."""
        kills = itertools.cycle((self._kill_client, self._kill_worker, self._kill_leader))
        faults = itertools.cycle(PUSH_FAULTS)
        while not self.stopped.wait(self.campaign.harm_seconds):
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


@dataclass(frozen=True)
class Result:
    """What came of it."""

    verdict: Verdict
    harm: dict[str, int]
    seconds: float
    lags: list[float]
    connections: int
    failures: int


def run(campaign: Campaign, folder: Path, report: Callable[[str], None] = lambda _line: None) -> Result:
    """Run a campaign in a folder of its own."""
    chance = random.Random(campaign.seed)  # noqa: S311 - repeatable, not secret.
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(running_simulator(folder / "tiger", campaign.seed))
        database = stack.enter_context(empty_database(campaign.database_url, folder))
        variables = {
            "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder),
            "TIGER_REST_GATEWAY__DATABASE_URL": database.url,
            "TIGER_REST_GATEWAY__SECRET_KEY": SECRET,
            "TIGER_REST_BUDGET__LIMIT_SCALE": "0",
            "TIGER_REST_LEADERSHIP__LEASE_SECONDS": "2",
            "TIGER_REST_STREAMS__POLL_SECONDS": "2",
            "TIGER_REST_STREAMS__CHECK_SECONDS": "10",
        }
        gateways = [
            stack.enter_context(
                running_gateway(
                    folder / f"gateway-{index}",
                    workers=campaign.workers // campaign.instances,
                    wsgi=campaign.gateway,
                    variables=variables,
                )
            )
            for index in range(campaign.instances)
        ]
        storage = Storage(database.url, folder)
        stack.callback(storage.close)
        ports = [gateway.port for gateway in gateways]
        clients = [
            StreamClient(account, ports, random.Random(chance.random()))  # noqa: S311 - as above.
            for account, _ in zip(itertools.cycle(ACCOUNTS), range(campaign.clients), strict=False)
        ]
        listening = [threading.Thread(target=client.run, daemon=True) for client in clients]
        for thread in listening:
            thread.start()
        _wait(lambda: all(client.first_number is not None for client in clients), CALM_SECONDS)
        started = time.monotonic()
        harm = Harm(campaign, gateways, clients, simulator, storage, chance, {}, threading.Event())
        harming = threading.Thread(target=harm.run, daemon=True)
        harming.start()
        traders = _make_traders(campaign, ports, simulator, chance)
        _trade(traders, storage, report)
        seconds = time.monotonic() - started
        harm.stopped.set()
        harming.join()
        simulator.control("DELETE", "faults")
        orders = simulator.fetch_orders()
        verdict = _await_verdict(clients, storage, orders, campaign.calm_seconds)
        for client in clients:
            client.stop()
        lags = [lag for client in clients for lag in client.lags]
        connections = sum(client.connections for client in clients)
        return Result(verdict, harm.done, seconds, lags, connections, sum(each.failures for each in traders))


def _make_traders(
    campaign: Campaign, ports: Sequence[int], simulator: SimulatorProcess, chance: random.Random
) -> list[Trader]:
    left, lock, pause = [campaign.orders], threading.Lock(), campaign.pause_seconds
    found: list[Trader] = []
    for index in range(campaign.traders):
        own = random.Random(chance.random())  # noqa: S311 - as above.
        if index % 2:
            found.append(GatewayTrader(ACCOUNTS, left, own, pause, ports=ports, lock=lock))
        else:
            found.append(SDKTrader(ACCOUNTS, left, own, pause, credentials=simulator.credentials, lock=lock))
    return found


def _trade(traders: Sequence[Trader], storage: Storage, report: Callable[[str], None]) -> None:
    threads = [threading.Thread(target=trader.run, daemon=True) for trader in traders]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(REPORT_SECONDS)
            report(f"{max(0, traders[0].left[0])} orders left, {_count_events(storage)} events")


def _await_verdict(
    clients: Sequence[StreamClient], storage: Storage, orders: Sequence[dict[str, Any]], calm_seconds: float
) -> Verdict:
    """Return the verdict as soon as it is good, or once nothing more is to be expected."""
    ends_at = time.monotonic() + calm_seconds
    while True:
        verdict = get_verdict(clients, _read_rows(storage), orders)
        if verdict.is_good or time.monotonic() > ends_at:
            return verdict
        time.sleep(1.0)


def _read_rows(storage: Storage) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {account: [] for account in ACCOUNTS}
    with storage.reading() as connection:
        for row in connection.execute(select(account_events).order_by(account_events.c.number)).mappings():
            found.setdefault(row["account"], []).append({**row, "data": json.loads(row["data"])})
    return found


def _count_events(storage: Storage) -> int:
    with storage.reading() as connection:
        return sum(connection.execute(select(event_counters.c.last)).scalars())


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    ends_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends_at:
            raise TimeoutError("not all clients were given a snapshot")
        time.sleep(0.1)


def render(campaign: Campaign, result: Result) -> str:
    """Return the table of a campaign, and what is known of each fault."""
    verdict = result.verdict
    lags = sorted(result.lags) or [0.0]
    harm = ", ".join(f"{count} x {name}" for name, count in sorted(result.harm.items()))
    sources = ", ".join(f"{count} x {name}" for name, count in sorted(verdict.sources.items()))
    rows = [
        ("seed", campaign.seed),
        ("instances x workers", f"{campaign.instances} x {campaign.workers // campaign.instances}"),
        ("database", "PostgreSQL" if campaign.database_url else "SQLite"),
        ("gateway", campaign.gateway),
        ("orders", campaign.orders),
        ("orders that failed", result.failures),
        ("clients", campaign.clients),
        ("connections of clients", result.connections),
        ("befell", harm),
        ("seconds between misfortunes", f"{campaign.harm_seconds:g}"),
        ("seconds", f"{result.seconds:.0f}"),
        ("events", f"{verdict.events} ({sources})"),
        ("events told to clients", verdict.told),
        ("gaps told", verdict.gaps),
        ("told twice", verdict.doubled),
        ("told out of order", verdict.disordered),
        ("missed without a gap", verdict.missing),
        ("ends of orders never told", verdict.lost_orders),
        ("ends of orders told twice", verdict.doubled_ends),
        ("fills never told", verdict.lost_fills),
        ("seconds from row to client", f"median {statistics.median(lags):.3f}, p99 {lags[int(len(lags) * 0.99)]:.3f}"),
        ("verdict", "each event once and in order" if verdict.is_good else "FAILED"),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join([f"{name:<{width}}  {value}" for name, value in rows] + verdict.culprits[:MOST_CULPRITS])


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=7_000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--instances", type=int, default=1)
    parser.add_argument("--pause-seconds", type=float, default=0.1, help="of a trader after an order, on average")
    parser.add_argument("--harm-seconds", type=float, default=HARM_SECONDS, help="between two misfortunes")
    parser.add_argument("--calm-seconds", type=float, default=CALM_SECONDS, help="for everything to be told after them")
    parser.add_argument("--database-url", help="a PostgreSQL server; SQLite unless given")
    parser.add_argument("--without-comparison", action="store_true", help="losses are to be found")
    chosen = parser.parse_args()
    campaign = Campaign(
        chosen.seed,
        chosen.orders,
        chosen.clients,
        chosen.workers,
        chosen.instances,
        pause_seconds=chosen.pause_seconds,
        calm_seconds=chosen.calm_seconds,
        harm_seconds=chosen.harm_seconds,
        database_url=chosen.database_url,
    )
    if chosen.without_comparison:
        campaign = replace(campaign, gateway=FORGETFUL)
    folder = tempfile.mkdtemp(prefix="tiger-rest-streams-")
    result = run(campaign, Path(folder), lambda line: print(line, flush=True))
    print(render(campaign, result), flush=True)
    is_safe = campaign.gateway == SAFE
    if result.verdict.is_good or not is_safe:
        shutil.rmtree(folder)
    else:
        print(f"logs and database: {folder}", flush=True)
    return 0 if result.verdict.is_good == is_safe else 1


if __name__ == "__main__":
    sys.exit(main())
