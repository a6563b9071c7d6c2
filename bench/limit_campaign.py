"""Race orders against limits: ``python -m bench.limit_campaign``; exactly so many pass as a limit lets, never one more.

Clients order all at once, through two gateways on PostgreSQL (``--database-url``) or one of four workers on SQLite,
while workers are killed, and once more while Tiger loses answers. For each limit, of the account and of the key, it is
counted how many orders the simulator really got, beside what the clients were told. One whose answer was lost counts as
sent; whose worker was killed hears nothing, and what it took is taken, whether it reached Tiger or not.
"""

import argparse
import contextlib
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from app.risk.limit_rows import LimitRows
from app.risk.limits.counters import Counters
from app.risk.limits.table import LIMITS, LimitInput, read_value
from app.risk.owners import Owner
from app.storage.engine import Storage
from bench.campaign.asking import ask
from bench.campaign.databases import empty_database
from bench.campaign.kinds import FIRST
from bench.campaign.services import Gateway, Killer, SimulatorProcess, running_gateway, running_simulator

KEY_ID: Final = "demo-full-access"
SECRET: Final = "a secret of campaigns, which guards nothing at all"  # noqa: S105 - as it says.
TIMEOUT_SECONDS: Final = 60.0
KILL_SECONDS: Final = 0.8
SETTLE_SECONDS: Final = 11.0
"""After so long no worker goes by lists that show the orders of the trial before."""
STEADY_SECONDS: Final = 6.0
MOST_SETTLE_SECONDS: Final = 180.0
UNHEARD: Final = "0"
PASSED: Final = ("200", "202")
QUANTITY: Final = 2
PRICE: Final = 1.0
ALLOWED: Final = 12
MINUTE_SECONDS: Final = 60
SYMBOLS: Final = ("MSFT", "NVDA", "TSLA", "AMZN", "GOOGL", "META", "AAPL")
RACED: Final = ("orders_per_day", "orders_per_minute", "value_per_day", "max_open_orders", "max_position_value")
"""Limits that let some of the orders pass."""
SHUT: Final[dict[str, Any]] = {
    "max_order_value": 1,
    "max_order_quantity": 1,
    "max_daily_loss": 0,
    "price_band": 5,
    "symbols": "BABA",
    "sec_types": "OPT",
    "sides": "SELL",
    "hours": "regular",
    "reduce_only": True,
}
"""Limits that let none of them pass, with a value that does so."""
ASKED: Final[dict[str, dict[str, Any]]] = {"hours": {"outside_rth": True}}
"""What an order asks for besides, where only that is refused."""


@dataclass(frozen=True)
class Outcome:
    """What came of a trial of one limit: ``sent`` are the orders that Tiger really has."""

    limit: str
    of: str
    allowed: int
    asked: int
    answers: Counter[str]
    sent: int
    kills: int
    seconds: float

    @property
    def is_exact(self) -> bool:
        """Return whether no order too many went out, and none too few was let pass."""
        passed = sum(self.answers[status] for status in PASSED)
        return max(self.sent, passed) <= self.allowed <= passed + self.answers[UNHEARD]


class Campaign:
    """The trials on one set of services, one after the other."""

    def __init__(
        self, rows: LimitRows, simulator: SimulatorProcess, gateways: Sequence[Gateway], clients: int, seed: int
    ) -> None:
        self._rows = rows
        self._simulator = simulator
        self._gateways = gateways
        self._clients = clients
        self._random = random.Random(seed)  # noqa: S311 - to repeat a run, not to keep a secret.
        self._turn = 0
        self._counted = 0
        held = {each["symbol"] for each in self._ask("positions")["positions"]}
        self._symbol = next(symbol for symbol in SYMBOLS if symbol not in held)

    def run(self, limit: str, of: str, orders: int, *, loses_answers: bool, kills: bool) -> Outcome:
        """Set the limit, race the orders, and count what reached Tiger."""
        self._turn += 1
        self._make_room(limit)
        owner = Owner.account(FIRST) if of == "account" else Owner.key(KEY_ID)
        self._rows.change(owner, owner.id, {limit: read_value(LIMITS[limit], self._get_value(limit, owner))})
        if loses_answers:
            fault = {"kind": "lost_answer", "method": "place_order", "probability": 0.3}
            self._simulator.control("POST", "faults", fault)
        before = len(self._simulator.fetch_orders())
        killer = Killer(list(self._gateways), KILL_SECONDS, self._random)
        thread = threading.Thread(target=killer.run, daemon=True)
        started = time.monotonic()
        if kills:
            thread.start()
        more = ASKED.get(limit, {})
        with ThreadPoolExecutor(self._clients) as pool:
            answers = Counter(pool.map(lambda number: self._place(number, more), range(orders)))
        killer.stop()
        seconds = time.monotonic() - started
        self._simulator.control("DELETE", "faults")
        minutes = 1 + int(seconds // MINUTE_SECONDS) if limit == "orders_per_minute" else 1
        allowed = ALLOWED * minutes if limit in RACED else 0
        sent = len(self._simulator.fetch_orders()) - before
        return Outcome(limit, of, allowed, orders, answers, sent, killer.kills, seconds)

    def _get_value(self, limit: str, owner: Owner) -> Any:
        """Return the value that lets so many of the orders pass as it may, beside what trials before have used."""
        limits = self._rows.read(owner)
        counters = Counters() if limits is None else limits.counters
        if limit == "value_per_day":
            return ALLOWED * QUANTITY * PRICE + float(sum(counters.values.values()))
        if limit == "orders_per_day":
            return ALLOWED + counters.orders
        if limit == "orders_per_minute" and counters.seconds:
            time.sleep(max(0.0, counters.seconds[-1][0] + MINUTE_SECONDS + 2 - time.time()))
        if limit == "max_position_value":
            # A position is worth the market, which moves: between so many orders and one more.
            quote = self._ask("quote", area="market", symbol=self._symbol)
            dearest = max(quote[name] or 0 for name in ("latest_price", "ask_price", "bid_price"))
            return round((self._counted + ALLOWED + 0.5) * QUANTITY * dearest, 2)
        if limit == "max_open_orders":
            return self._counted + ALLOWED
        return ALLOWED if limit in RACED else SHUT[limit]

    def _make_room(self, limit: str) -> None:
        """End the limits and the orders of the trial before, and let everybody see it."""
        for owner in (Owner.account(FIRST), Owner.key(KEY_ID)):
            self._rows.change(owner, owner.id, dict.fromkeys(LIMITS))
        self._ask("cancel-all-orders")
        if self._turn > 1 and LimitInput.HOLDINGS in LIMITS[limit].needs:
            self._counted = self._wait_for_agreement()

    def _wait_for_agreement(self) -> int:
        """Wait until all workers count the same open orders, and go on doing so, and return how many.

        What was in doubt may arrive after all, and is cancelled. Whose worker was killed before it was sent counts for
        ten minutes: nobody can say that it never arrives.
        """
        owner = Owner.account(FIRST)
        self._rows.change(owner, owner.id, {"max_open_orders": Decimal(10**6)})
        ends_at = time.monotonic() + MOST_SETTLE_SECONDS
        time.sleep(SETTLE_SECONDS)
        steady, since = self._count_open(), time.monotonic()
        while len(steady) != 1 or -1 in steady or time.monotonic() - since < STEADY_SECONDS:
            if time.monotonic() > ends_at:
                raise RuntimeError(f"The workers do not agree how many orders are open: {sorted(steady)}.")
            self._ask("cancel-all-orders")
            time.sleep(1.0)
            if (counted := self._count_open()) != steady:
                steady, since = counted, time.monotonic()
        self._rows.change(owner, owner.id, {"max_open_orders": None})
        return steady.pop()

    def _count_open(self) -> set[int]:
        """Return how many open orders the workers count; those of every gateway are asked several times."""
        counted: set[int] = set()
        for gateway in [gateway for gateway in self._gateways for _ in range(8)]:
            owners = ask(gateway.port, "limits", {"account": FIRST}, TIMEOUT_SECONDS).data.get("owners", ())
            counted |= {-1 if each["used"] is None else int(each["used"]) for of in owners for each in of["limits"]}
        return counted

    def _place(self, number: int, more: Mapping[str, Any]) -> str:
        body = {"account": FIRST, "symbol": self._symbol, "action": "BUY", "order_type": "LMT", "quantity": QUANTITY}
        port = self._gateways[number % len(self._gateways)].port
        key = f"limits-{self._turn}-{number}"
        return str(ask(port, "place-order", {**body, "limit_price": PRICE, **more}, TIMEOUT_SECONDS, key).status)

    def _ask(self, path: str, area: str = "trade", **fields: Any) -> dict[str, Any]:
        """Ask the first gateway, which may have lost a worker just now."""
        for _ in range(20):
            reply = ask(self._gateways[0].port, path, {"account": FIRST, **fields}, TIMEOUT_SECONDS, area=area)
            if reply.status == 200:
                return reply.data
            time.sleep(0.5)
        raise RuntimeError(f"{path}: {reply.name}")


@contextlib.contextmanager
def running(folder: Path, database_url: str | None, clients: int, seed: int) -> Iterator[Campaign]:
    """Run the services: two gateways of two workers on PostgreSQL, or one of four on SQLite."""
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(empty_database(database_url, folder))
        simulator = stack.enter_context(running_simulator(folder / "tiger", seed))
        variables = {
            "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder),
            "TIGER_REST_GATEWAY__DATABASE_URL": database.url,
            "TIGER_REST_GATEWAY__SECRET_KEY": SECRET,
            "TIGER_REST_BUDGET__LIMIT_SCALE": "0",
        }
        names, workers = (("one", "two"), 2) if database_url else (("one",), 4)
        gateways = [
            stack.enter_context(running_gateway(folder / name, workers=workers, variables=variables)) for name in names
        ]
        storage = Storage(database.url, folder)
        stack.callback(storage.close)
        yield Campaign(LimitRows(storage), simulator, gateways, clients, seed)


def report(outcomes: Sequence[Outcome]) -> bool:
    """Print the table, and return whether every limit was exact."""
    print(
        f"{'limit':<20}{'of':<9}{'asked':>7}{'allowed':>9}{'sent':>6}{'200':>6}{'202':>6}{'403':>7}{'other':>7}{'unheard':>9}{'kills':>7}{'s':>7}"
    )
    for each in outcomes:
        told = each.answers
        other = each.asked - sum(told[status] for status in ("200", "202", "403", UNHEARD))
        figures = f"{each.asked:>7}{each.allowed:>9}{each.sent:>6}{told['200']:>6}{told['202']:>6}{told['403']:>7}"
        verdict = "" if each.is_exact else "  NOT EXACT"
        rest = f"{other:>7}{told[UNHEARD]:>9}{each.kills:>7}{each.seconds:>7.1f}"
        print(f"{each.limit:<20}{each.of:<9}{figures}{rest}{verdict}", flush=True)
    return all(each.is_exact for each in outcomes)


def main() -> int:
    """Run the trials, print the table, and end with 1 where a limit was not exact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000, help="of all trials together")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limits", nargs="*", default=[*RACED, *SHUT], choices=[*RACED, *SHUT])
    parser.add_argument("--database-url", default=os.environ.get("TIGER_REST_TEST_DATABASE_URL"))
    parser.add_argument("--sqlite", action="store_true", help="a file, whatever the environment says")
    chosen = parser.parse_args()
    trials = [(limit, of, loses) for loses in (False, True) for limit in chosen.limits for of in ("account", "key")]
    share = max(ALLOWED * 3, -(-chosen.orders // len(trials)))
    url = None if chosen.sqlite else chosen.database_url
    outcomes = []
    with (
        tempfile.TemporaryDirectory(prefix="tiger-rest-limits-") as name,
        running(Path(name), url, chosen.clients, chosen.seed) as campaign,
    ):
        for limit, of, loses_answers in trials:
            outcomes.append(campaign.run(limit, of, share, loses_answers=loses_answers, kills=True))
            print(f"{len(outcomes)} of {len(trials)}: {outcomes[-1]}", file=sys.stderr, flush=True)
    print(f"{share * len(trials)} orders, {chosen.clients} clients, {'PostgreSQL' if url else 'SQLite'}")
    return 0 if report(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
