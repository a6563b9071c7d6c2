"""Run the fault campaign and print its table: ``python -m bench.fault_campaign --seed 1``.

Ends with 1 where an order was lost, doubled or told wrongly; with ``--unsafe`` or ``--unsafe-comparison``, where none
was.
"""

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.simulator.faults import KINDS
from app.simulator.readings import Readings
from app.storage import Storage
from bench.campaign.campaign import (
    AMENDING_FAULTS,
    CARELESS,
    CLOSING_CLIENTS,
    CREDULOUS,
    DEADLINE_SECONDS,
    LATE_FILLS,
    SAFE,
    Campaign,
)
from bench.campaign.clients import Clients
from bench.campaign.databases import Database, empty_database
from bench.campaign.kinds import CHOICES, NAMED, fetch_instruments
from bench.campaign.misfortunes import Misfortunes, list_harms
from bench.campaign.orders import Wish, make_orders
from bench.campaign.position_verdict import PositionVerdict, get_position_verdict
from bench.campaign.positions import HELD, PositionClients, make_cancellings, make_closes
from bench.campaign.readings import draw_readings
from bench.campaign.recorded import TrailVerdict, get_trail_verdict
from bench.campaign.resolving import Resolving, wait_until_resolved
from bench.campaign.services import Killer, SimulatorProcess, running_gateways, running_simulator
from bench.campaign.strangers import Strangers, running_other_program
from bench.campaign.verdict import Document, Verdict, get_verdict
from bench.preloaded import Machine

SLOWEST_START_SECONDS = 120.0
SLOWEST_ORDER_SECONDS = 1.5
"""More than this for each order means that nothing answers any more."""
DAY_SECONDS = 25 * 3_600
MOST_EXPIRED = 100
MOST_CULPRITS = 10
SECRET = "the secret of a campaign, which guards nothing"  # noqa: S105 - as it says.


@dataclass(frozen=True)
class Result:
    """What came of it; times in seconds."""

    verdict: Verdict
    positions: PositionVerdict
    kills: int
    befell: Mapping[str, int]
    seconds: float
    resolving: Resolving
    trail: TrailVerdict

    @property
    def is_good(self) -> bool:
        """Tell whether every order happened exactly once, nothing stayed unknown, and all of it is recorded."""
        is_resolved = self.resolving.seconds is not None
        return self.verdict.is_good and self.positions.is_good and is_resolved and self.trail.is_good


def run(campaign: Campaign, folder: Path, report: Callable[[str], None] = lambda _line: None) -> Result:
    """Run a campaign in a folder of its own."""
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(running_simulator(folder / "tiger", campaign.seed, campaign.readings))
        database = stack.enter_context(empty_database(campaign.database_url, folder))
        machine = Machine.build(folder, database.file) if shutil.which("cc") else None
        variables = _get_variables(campaign, simulator, database, machine)
        gateways = stack.enter_context(
            running_gateways(
                folder,
                instances=campaign.instances,
                workers=campaign.workers,
                wsgi=campaign.gateway,
                variables=variables,
            )
        )
        ports = [gateway.port for gateway in gateways]
        instruments = fetch_instruments(ports[0]) if campaign.kinds else NAMED
        _inject_faults(simulator, campaign)
        orders = make_orders(campaign.orders, campaign.seed, campaign.wishes, campaign.kinds, instruments)
        clients = Clients(ports, orders, DEADLINE_SECONDS + 6, campaign.seed)
        closes = make_closes(campaign.orders, campaign.seed) if campaign.has_closings else []
        cancellings = make_cancellings(campaign.orders, campaign.seed) if campaign.has_closings else []
        closing = PositionClients(ports, closes, cancellings, DEADLINE_SECONDS + 6, campaign.seed)
        for account, symbol in {(close.account, close.symbol) for close in closes}:
            simulator.control("POST", "position", {"account": account, "symbol": symbol, "quantity": HELD})
        killer = Killer(gateways, campaign.kill_seconds, random.Random(campaign.seed), campaign.kills)  # noqa: S311
        harms = list_harms(database, machine)
        chosen = {name: harm for name, harm in harms.items() if campaign.harms is None or name in campaign.harms}
        misfortunes = Misfortunes(chosen, random.Random(campaign.seed), campaign.calm_seconds)  # noqa: S311 - repeatable, not secret.
        strangers = Strangers()
        started = time.monotonic()
        with contextlib.ExitStack() as others:
            if campaign.has_other_program:
                others.enter_context(running_other_program(simulator.credentials, folder, campaign.seed, strangers))
            harmful = [threading.Thread(target=each.run, daemon=True) for each in (killer, misfortunes)]
            for thread in harmful:
                thread.start()
            threads = clients.run(campaign.clients) + closing.run(CLOSING_CLIENTS)
            _watch(threads, clients, killer, report)
            seconds = time.monotonic() - started
            killer.stop()
            misfortunes.stop()
            for thread in harmful:
                thread.join()
        simulator.control("DELETE", "faults")
        storage = Storage(database.url, folder)
        resolving = wait_until_resolved(storage, report, may_be_refused=Wish.UNAFFORDABLE in campaign.wishes)
        trail = get_trail_verdict(storage, folder, SECRET)
        storage.close()
        closing.ask_in_the_end(campaign.clients)
        held = _ask_in_the_end(simulator, clients, campaign)
        verdict = get_verdict(orders, held, strangers)
        positions = get_position_verdict(closes, cancellings, orders, held)
        return Result(verdict, positions, killer.kills, misfortunes.befell, seconds, resolving, trail)


def render(campaign: Campaign, result: Result) -> str:
    """Return the table of a campaign, and what is known of each order that is not as it must be."""
    verdict = result.verdict
    resolved = result.resolving.seconds
    rows = [
        ("seed", campaign.seed),
        ("instances x workers", f"{campaign.instances} x {campaign.workers // campaign.instances}"),
        ("database", campaign.database),
        ("readings", ", ".join(f"{name}={value}" for name, value in campaign.readings.items()) or "defaults"),
        ("gateway", campaign.gateway),
        ("clients", campaign.clients),
        ("client orders", verdict.orders),
        ("of these kinds", _count(verdict.kinds)),
        ("another program's orders", verdict.strangers if campaign.has_other_program else "it is not there"),
        ("workers killed", result.kills),
        ("befell", _count(result.befell)),
        ("seconds", f"{result.seconds:.0f}"),
        ("answers", _count(verdict.answers)),
        ("of them replays", verdict.replayed),
        ("most tries of a client", verdict.most_tries),
        ("exactly one order at Tiger", verdict.exactly_one),
        ("refused, or given up", verdict.refused),
        *verdict.faults.to_rows(),
        ("closings", _count(result.positions.outcomes)),
        *result.positions.faults.to_rows(),
        ("nothing unknown any more", "never" if resolved is None else f"after {resolved:.1f} s"),
        ("rows of the audit trail", result.trail.rows),
        ("not as the journal has it", len(result.trail.culprits)),
        ("verdict", "every order exactly once" if result.is_good else "FAILED"),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {value}" for name, value in rows]
    lines += [f"{name}: {one}" for name, culprits in verdict.culprits.items() for one in culprits[:MOST_CULPRITS]]
    lines += [f"positions: {one}" for one in result.positions.culprits[:MOST_CULPRITS]]
    lines += [f"left: {one}" for one in result.resolving.left]
    lines += [f"audit trail: {one}" for one in result.trail.culprits[:MOST_CULPRITS]]
    return "\n".join(lines)


def _count(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} x {name}" for name, count in sorted(counts.items())) or "nothing"


def _inject_faults(simulator: SimulatorProcess, campaign: Campaign) -> None:
    faults = [{"method": "place_order", **fault} for fault in campaign.faults if fault["kind"] in KINDS]
    faults += [{"method": method, **fault} for fault in AMENDING_FAULTS for method in ("modify_order", "cancel_order")]
    faults.append(dict(LATE_FILLS))
    simulator.control("POST", "faults", {"faults": faults})


def _get_variables(
    campaign: Campaign, simulator: SimulatorProcess, database: Database, machine: Machine | None
) -> dict[str, str]:
    return {
        "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder),
        "TIGER_REST_GATEWAY__DATABASE_URL": database.url,
        "TIGER_REST_GATEWAY__SECRET_KEY": SECRET,
        "TIGER_REST_TIGER__ORDER_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
        # Tiger's limits would stretch the campaign over an hour; they are on trial elsewhere.
        "TIGER_REST_BUDGET__LIMIT_SCALE": "0",
        "TIGER_REST_ORDERS__ABSENCE_SECONDS": str(campaign.absence_seconds),
        **({} if machine is None else machine.variables),
    }


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


def _ask_in_the_end(simulator: SimulatorProcess, clients: Clients, campaign: Campaign) -> list[Document]:
    """Ask what became of the orders, now and when they have run out; return what Tiger held before that."""
    clients.ask_in_the_end(campaign.clients)
    held = simulator.fetch_orders()
    # Not those of other kinds: some outlast the day.
    resting = [order for order in clients.orders if order.wish is Wish.RESTS and order.was_accepted and not order.kind]
    simulator.control("POST", "clock", {"advance_seconds": DAY_SECONDS})
    clients.ask_about_expired([order for order in resting if order.amendment is None][:MOST_EXPIRED])
    return held


def run_in_own_folder(campaign: Campaign) -> Result:
    """Run a campaign, print its table, and keep its folder where it was bad."""
    folder = tempfile.mkdtemp(prefix="tiger-rest-campaign-")
    result = run(campaign, Path(folder), lambda line: print(line, flush=True))
    print(render(campaign, result), flush=True)
    if result.is_good or campaign.gateway != SAFE:
        shutil.rmtree(folder)
    else:
        print(f"logs and database: {folder}", flush=True)
    return result


def read_arguments(parser: argparse.ArgumentParser) -> tuple[argparse.Namespace, Campaign]:
    """Read the command line; what is common to one campaign and to many."""
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--instances", type=int, default=1)
    parser.add_argument("--kinds", choices=CHOICES, default="all", help="what is mixed among plain orders and brackets")
    parser.add_argument("--database-url", help="a PostgreSQL server; SQLite unless given")
    chosen = parser.parse_args()
    campaign = Campaign(
        seed=chosen.seed,
        orders=chosen.orders,
        clients=chosen.clients,
        workers=chosen.workers,
        instances=chosen.instances,
        database_url=chosen.database_url,
        kinds=CHOICES[chosen.kinds],
    )
    return chosen, campaign


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reading", action="append", default=[], metavar="NAME=VALUE", help="how Tiger is played")
    parser.add_argument("--random-readings", type=int, metavar="SEED", help="draw those that concern orders")
    parser.add_argument("--other-program", action="store_true", help="let another program trade on the same accounts")
    parser.add_argument("--unsafe", action="store_true", help="take the safety out: duplicates are to be found")
    parser.add_argument("--unsafe-comparison", action="store_true", help="take Tiger's answers for what was asked")
    chosen, campaign = read_arguments(parser)
    readings = {} if chosen.random_readings is None else draw_readings(chosen.random_readings)
    readings |= dict(text.split("=", 1) for text in chosen.reading)
    Readings().choose(readings)
    gateway = CARELESS if chosen.unsafe else CREDULOUS if chosen.unsafe_comparison else SAFE
    campaign = replace(campaign, readings=readings, has_other_program=chosen.other_program, gateway=gateway)
    result = run_in_own_folder(campaign)
    return 0 if result.is_good == (campaign.gateway == SAFE) else 1


if __name__ == "__main__":
    sys.exit(main())
