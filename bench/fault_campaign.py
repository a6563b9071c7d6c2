"""Run the fault campaign and print its table: ``python -m bench.fault_campaign --seed 1``.

Ends with 1 where an order was lost, doubled or told wrongly; with ``--unsafe``, where none was.
"""

import argparse
import contextlib
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from app.orders.journal import Journal
from app.storage import Storage
from bench.campaign.clients import Clients, make_orders
from bench.campaign.services import Killer, SimulatorProcess, running_gateway, running_simulator
from bench.campaign.verdict import Verdict, judge

DEADLINE_SECONDS = 4.0
ABSENCE_SECONDS = 5.0
LATE_SECONDS = 3.0
SLOWEST_START_SECONDS = 60.0
SLOWEST_ORDER_SECONDS = 1.5
"""More than this for each order means that nothing answers any more."""

SETTLING_SECONDS = 30.0
SECRET = "the secret of a campaign, which guards nothing"  # noqa: S105 - as it says.

FAULTS = (
    {"kind": "lost_answer", "probability": 0.10},
    {"kind": "cut_before", "probability": 0.05},
    {"kind": "http_500", "probability": 0.015},
    {"kind": "http_500", "probability": 0.015, "processed": True},
    {"kind": "garbage", "probability": 0.01},
    {"kind": "broken_json", "probability": 0.01},
    {"kind": "delay", "probability": 0.01, "seconds": DEADLINE_SECONDS + 1},
    {"kind": "delay_after", "probability": 0.01, "seconds": DEADLINE_SECONDS + 1},
    {"kind": "late_visibility", "probability": 0.05, "seconds": LATE_SECONDS},
    {"kind": "late_acceptance", "probability": 0.02, "seconds": LATE_SECONDS},
)
"""What goes wrong with ``place_order``; each is drawn for itself, so that one order may meet several."""


@dataclass(frozen=True)
class Campaign:
    """What to run."""

    seed: int
    orders: int = 2_000
    clients: int = 16
    workers: int = 4
    instances: int = 1
    kill_seconds: float = 2.0
    kills: int | None = None
    is_safe: bool = True
    database_url: str | None = None


@dataclass(frozen=True)
class Result:
    """What came of it; times in seconds."""

    verdict: Verdict
    kills: int
    seconds: float
    settled_in: float | None
    left: dict[str, int]

    @property
    def is_good(self) -> bool:
        """Tell whether every order happened exactly once and nothing stayed unknown."""
        return self.verdict.is_good and self.settled_in is not None


def run(campaign: Campaign, folder: Path, report: Callable[[str], None] = lambda _line: None) -> Result:
    """Run a campaign in a folder of its own."""
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(running_simulator(folder / "tiger", campaign.seed))
        database_url = stack.enter_context(_database(campaign, folder))
        variables = _get_variables(simulator, database_url)
        gateways = [
            stack.enter_context(
                running_gateway(
                    folder / f"gateway-{index}",
                    workers=campaign.workers // campaign.instances,
                    wsgi="wsgi:app" if campaign.is_safe else "bench.campaign.unsafe_wsgi:app",
                    variables=variables,
                )
            )
            for index in range(campaign.instances)
        ]
        simulator.control("POST", "faults", {"faults": [{"method": "place_order", **fault} for fault in FAULTS]})
        orders = make_orders(campaign.orders, campaign.seed)
        clients = Clients([gateway.port for gateway in gateways], orders, DEADLINE_SECONDS + 6, campaign.seed)
        chance = random.Random(campaign.seed)  # noqa: S311 - repeatable, not secret.
        killer = Killer(gateways, campaign.kill_seconds, chance, campaign.kills)
        started = time.monotonic()
        threads = clients.run(campaign.clients)
        killing = threading.Thread(target=killer.run, daemon=True)
        killing.start()
        _watch(threads, clients, killer, report)
        seconds = time.monotonic() - started
        killer.stop()
        killing.join()
        simulator.control("DELETE", "faults")
        storage = Storage(database_url, folder)
        settled_in, left = _wait_until_settled(Journal(storage, claim_ms=0), report)
        storage.close()
        return Result(judge(orders, simulator.fetch_orders()), killer.kills, seconds, settled_in, left)


def render(campaign: Campaign, result: Result) -> str:
    """Return the table of a campaign."""
    verdict = result.verdict
    unknown = "no, left: " + str(result.left) if result.settled_in is None else f"after {result.settled_in:.1f} s"
    rows = [
        ("seed", campaign.seed),
        ("instances x workers", f"{campaign.instances} x {campaign.workers // campaign.instances}"),
        ("database", (campaign.database_url or "sqlite").partition(":")[0]),
        ("safety", "on" if campaign.is_safe else "TAKEN OUT"),
        ("clients", campaign.clients),
        ("client orders", verdict.orders),
        ("workers killed", result.kills),
        ("seconds", f"{result.seconds:.0f}"),
        ("answers", ", ".join(f"{count} x {name}" for name, count in sorted(verdict.answers.items()))),
        ("of them replays", verdict.replayed),
        ("most tries of a client", verdict.most_tries),
        ("exactly one order at Tiger", verdict.exactly_one),
        ("no order at Tiger", verdict.missing),
        ("several orders at Tiger", verdict.duplicated),
        ("orders nobody asked for", verdict.strangers),
        ("last answer without success", verdict.without_final_answer),
        ("last answer with a wrong id", verdict.wrong_id),
        ("last answer with a wrong state", verdict.wrong_state),
        ("existing, told as failed", verdict.told_as_failed),
        ("nothing unknown any more", unknown),
        ("verdict", "every order exactly once" if result.is_good else "FAILED"),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _get_variables(simulator: SimulatorProcess, database_url: str) -> dict[str, str]:
    return {
        "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder),
        "TIGER_REST_GATEWAY__DATABASE_URL": database_url,
        "TIGER_REST_GATEWAY__SECRET_KEY": SECRET,
        "TIGER_REST_TIGER__ORDER_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
        # Tiger's limits would stretch the campaign over an hour; they are on trial elsewhere.
        "TIGER_REST_BUDGET__LIMIT_SCALE": "0",
        "TIGER_REST_ORDERS__ABSENCE_SECONDS": str(ABSENCE_SECONDS),
    }


@contextlib.contextmanager
def _database(campaign: Campaign, folder: Path) -> Iterator[str]:
    """Give an empty database: a file, or one on the server of the campaign's URL, dropped afterwards."""
    if campaign.database_url is None:
        yield f"sqlite:///{folder}/gateway.db"
        return
    name = f"tiger_rest_campaign_{time.time_ns()}"
    engine = create_engine(campaign.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(campaign.database_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def _watch(
    threads: Sequence[threading.Thread], clients: Clients, killer: Killer, report: Callable[[str], None]
) -> None:
    started = told = time.monotonic()
    longest = SLOWEST_START_SECONDS + SLOWEST_ORDER_SECONDS * len(clients.orders)
    for thread in threads:
        while thread.is_alive():
            thread.join(1.0)
            if time.monotonic() - started > longest:
                raise TimeoutError(f"only {clients.done} of {len(clients.orders)} orders ended within {longest:.0f} s")
            if time.monotonic() - told > 10:
                told = time.monotonic()
                report(f"{clients.done} of {len(clients.orders)} orders, {killer.kills} workers killed")


def _wait_until_settled(journal: Journal, report: Callable[[str], None]) -> tuple[float | None, dict[str, int]]:
    started = time.monotonic()
    while True:
        states = journal.count_states()
        left = {state: count for state, count in states.items() if count and state != "absent"}
        if not left:
            return time.monotonic() - started, {}
        if time.monotonic() - started > SETTLING_SECONDS:
            return None, left
        report(f"not settled yet: {left}")
        time.sleep(0.5)


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--instances", type=int, default=1)
    parser.add_argument("--database-url", help="a PostgreSQL server; SQLite unless given")
    parser.add_argument("--unsafe", action="store_true", help="take the safety out: duplicates are to be found")
    chosen = parser.parse_args()
    campaign = Campaign(
        seed=chosen.seed,
        orders=chosen.orders,
        clients=chosen.clients,
        workers=chosen.workers,
        instances=chosen.instances,
        is_safe=not chosen.unsafe,
        database_url=chosen.database_url,
    )
    with tempfile.TemporaryDirectory(prefix="tiger-rest-campaign-") as folder:
        result = run(campaign, Path(folder), lambda line: print(line, flush=True))
        print(render(campaign, result))
    return 0 if result.is_good == campaign.is_safe else 1


if __name__ == "__main__":
    sys.exit(main())
