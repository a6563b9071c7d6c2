"""One campaign from its start to its verdict: programs trade, clients listen, and misfortunes befall them."""

import contextlib
import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.storage import Storage
from app.storage.event_tables import account_events, event_counters
from bench.campaign.databases import empty_database
from bench.campaign.services import SimulatorProcess, running_gateways, running_simulator
from bench.streaming.clients import StreamClient
from bench.streaming.misfortunes import Misfortunes
from bench.streaming.traders import GatewayTrader, SDKTrader, Trader
from bench.streaming.verdict import Verdict, get_verdict

ACCOUNTS = ("67686635", "66804149")
SAFE, FORGETFUL = "wsgi:app", "bench.streaming.forgetful_wsgi:app"
SECRET = "the secret of a campaign, which guards nothing"  # noqa: S105 - as it says.
HARM_SECONDS = 2.0
CALM_SECONDS = 60.0
"""So long after the last misfortune everything has to have been told."""
REPORT_SECONDS = 5.0


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
        gateways = stack.enter_context(
            running_gateways(
                folder,
                instances=campaign.instances,
                workers=campaign.workers,
                wsgi=campaign.gateway,
                variables=variables,
            )
        )
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
        misfortunes = Misfortunes(
            campaign.harm_seconds, gateways, clients, simulator, storage, chance, {}, threading.Event()
        )
        harming = threading.Thread(target=misfortunes.run, daemon=True)
        harming.start()
        traders = _make_traders(campaign, ports, simulator, chance)
        _trade(traders, storage, report)
        seconds = time.monotonic() - started
        misfortunes.stopped.set()
        harming.join()
        simulator.control("DELETE", "faults")
        orders = simulator.fetch_orders()
        verdict = _await_verdict(clients, storage, orders, campaign.calm_seconds)
        for client in clients:
            client.stop()
        lags = [lag for client in clients for lag in client.lags]
        connections = sum(client.connections for client in clients)
        return Result(verdict, misfortunes.done, seconds, lags, connections, sum(each.failures for each in traders))


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
