"""Measure what halts and a confirmation add to an order: ``python -m bench.halt_cost``.

The same order, one at a time, to the same simulator, through the order service with its journal on SQLite: once with
nothing in the way, and once where it looks at a table of halts and takes the confirmation of a preview. The processor's
time of the thread that places is told beside the clock's: it is the same on a machine that has other work to do.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from app.config.loader import load_settings
from app.orders.records import NewCommand
from app.orders.requester import Requester
from app.orders.service import OrderService
from app.risk.confirmations import Confirmations
from app.risk.halt_watch import HaltWatch
from app.risk.halts import Halts, Mode
from app.risk.rules import Rules
from app.settings import Credential
from app.storage import Storage
from app.storage.upgrade import upgrade
from app.tiger.sessions import Sessions
from app.tiger.trading.order_tickets import OrderTicket
from bench.campaign.services import running_simulator
from bench.order_cost import ACCOUNT, PAUSE_SECONDS, PLENTY, RESERVED, WARM_UP, load_credential

MOST_MILLISECONDS: Final = 0.5
"""Of the processor's time, which they may add."""
TICKET: Final = OrderTicket("AAPL", "BUY", "LMT", Decimal(1), limit_price=Decimal(5))
REQUESTER: Final = Requester("bench", "bench", "bench", requires_confirmation=True)


@dataclass(frozen=True, slots=True)
class Way:
    """How an order is placed, and what is prepared before each, which is not measured."""

    place: Callable[[str | None], None]
    confirm: Callable[[], str | None]


def build_way(credential: Credential, instance: Path, *, is_guarded: bool) -> Way:
    """Return one of the two, with a database of its own."""
    settings = load_settings({"TIGER_REST_INSTANCE": str(instance), **PLENTY})
    storage = Storage(settings.gateway.database_url, settings.instance)
    upgrade(storage, settings.instance)
    halts, confirmations = Halts(storage), Confirmations(storage)
    halts.halt(ACCOUNT, Mode.HALTED, "It was halted once.", "bench")
    halts.resume(ACCOUNT, "It goes on.", "bench")
    halts.halt("another", Mode.HALTED, "It is halted.", "bench")
    watch = HaltWatch(halts)
    rules = Rules(halts, watch, confirmations, lambda _: None)
    service = OrderService(settings, storage, gate=rules if is_guarded else None)
    session = Sessions(settings, [credential], clearance=watch if is_guarded else None).session(ACCOUNT)
    digest = NewCommand.placing(ACCOUNT, REQUESTER, TICKET).digest

    def place(token: str | None) -> None:
        answer = service.place(session, replace(REQUESTER, confirm_token=token), TICKET)
        if answer.error is not None:
            raise answer.error

    def confirm() -> str | None:
        return confirmations.give(REQUESTER.key_id, ACCOUNT, digest).token if is_guarded else None

    return Way(place, confirm)


def measure(ways: dict[str, Way], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Return the milliseconds of each way's orders by the clock and of the processor, the ways taking turns."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(rounds + WARM_UP):
        for name in sorted(ways, reverse=bool(turn % 2)):
            token = ways[name].confirm()
            # What runs behind an order, such as reserving the next number, is not to meet the next measurement.
            time.sleep(PAUSE_SECONDS)
            started, busy = time.perf_counter(), time.thread_time()
            ways[name].place(token)
            ended, worked = time.perf_counter(), time.thread_time()
            taken[name].append(((ended - started) * 1_000, (worked - busy) * 1_000))
        if turn % 100 == 0:
            print(f"round {turn} of {rounds + WARM_UP}", file=sys.stderr, flush=True)
    return {name: times[WARM_UP:] for name, times in taken.items()}


def main() -> int:
    """Measure, print the table, and end with 1 where the guards add more than they may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="tiger-rest-cost-") as name:
        folder = Path(name)
        with running_simulator(folder / "tiger", 1, RESERVED) as simulator:
            credential = load_credential(simulator)
            plain, guarded = "journal alone", "with halts and confirmation"
            ways = {
                each: build_way(credential, folder / each.split()[0], is_guarded=each == guarded)
                for each in (plain, guarded)
            }
            taken = measure(ways, rounds)
    print(f"{'one order at a time, ms':<30}{'median':>9}{'p95':>9}{'processor':>11}")
    medians = {}
    for name, times in taken.items():
        by_clock, worked = zip(*times, strict=True)
        medians[name] = statistics.median(by_clock), statistics.median(worked)
        p95 = statistics.quantiles(by_clock, n=20)[-1]
        print(f"{name:<30}{medians[name][0]:>9.2f}{p95:>9.2f}{medians[name][1]:>11.2f}")
    by_clock_added, added = (after - before for after, before in zip(medians[guarded], medians[plain], strict=True))
    print(f"added to the median: {by_clock_added:.2f} ms, of the processor's time {added:.2f} ms")
    return 0 if added <= MOST_MILLISECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
