"""Halt trading in the middle of many placements, and see that nothing reaches Tiger a second after the answer.

A clock on the wire says when each order left, and the simulator's record which arrived. Orders are cancelled all the
while; then every worker is killed, the gateway is started anew, and its database is locked or gone: the halt has to
hold each time. In the end trading is resumed, and nothing may be placed while the database cannot say so.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, make_url, text

from bench.campaign.databases import END_BACKENDS, LOCKED, Database, Harm, empty_database
from bench.clients import ACCOUNT, Client, Reply
from bench.serving import UNLIMITED, Served, SimulatorHandle, running_gateway, running_simulator
from bench.wire_clock import read_departures, timed_wire
from tests.support.processes import get_descendants

PROMISED_SECONDS: Final = 1.0
WORKERS: Final = 4
CLIENTS: Final = 64
CANCELLING_CLIENTS: Final = 8
BEFORE_SHARE: Final = 0.4
"""Part of the placements that are answered when the halt comes."""
PLACE: Final = "/api/trade/place-order"
MOST_TURNS: Final = 5
UNAVAILABLE: Final = 503
HALTED: Final = "trading_halted"
RESUMED: Final = "resumed"
AFTERWARDS: Final = "afterwards"
OPEN: Final = (RESUMED, AFTERWARDS)
GONE: Final = "database gone"
SECRET: Final = "a secret of a campaign, which guards nothing at all"  # noqa: S105 - as it says.
FEWER_THREADS: Final = "12"
"""A server as it comes lets 100 connections be open."""
SETTINGS: Final = {
    "BUDGET__LIMIT_SCALE": "0",
    "TOKEN_REFRESH__INITIAL_DELAY_SECONDS": "600",
}


@dataclass(slots=True)
class Result:
    """What was seen."""

    placements: Counter[str] = field(default_factory=Counter)
    cancellations: Counter[int] = field(default_factory=Counter)
    cancellations_again: int = 0
    halt_answered_at: float = 0.0
    halt_written_at: float = 0.0
    departures: list[float] = field(default_factory=list)
    """When each placement was on the wire, those of orders that were to be cancelled, too."""
    arrivals: list[float] = field(default_factory=list)
    """When the simulator took each order, those left out: on a busy machine it may be long after that."""
    later: dict[str, str] = field(default_factory=dict)
    """What a placement was answered after each misfortune."""
    cancelled_later: dict[str, int] = field(default_factory=dict)
    """How a cancellation was answered meanwhile."""
    unknown: dict[str, str] = field(default_factory=dict)
    """What a placement was answered while trading was open and the database could not say so, and what afterwards."""

    @property
    def latest_departure_seconds(self) -> float:
        """Return how long after the answer to the halt the last order was on the wire."""
        return max(self.departures, default=float("inf")) - self.halt_answered_at

    @property
    def is_good(self) -> bool:
        """Return whether all that is promised was kept."""
        is_held = self.placements[HALTED] > 0 and all(code != "200" for code in self.later.values())
        is_cancelled = set(self.cancellations) == {200} and set(self.cancelled_later.values()) == {200}
        was_open = all((code == "200") == (name in OPEN) for name, code in self.unknown.items())
        accepted, doubtful = self.placements["200"], self.placements["order_state_unknown"]
        adds_up = len(self.departures) >= len(self.arrivals) and accepted <= len(self.arrivals) <= accepted + doubtful
        return is_held and is_cancelled and was_open and adds_up and self.latest_departure_seconds <= PROMISED_SECONDS

    def to_dict(self) -> dict[str, Any]:
        """Return it as it is printed."""
        return {
            "placements": dict(self.placements),
            "arrived": len(self.arrivals),
            "cancellations": dict(self.cancellations),
            "cancellations_again": self.cancellations_again,
            "halt_answered_after_seconds": round(self.halt_answered_at - self.halt_written_at, 3),
            "latest_departure_seconds": round(self.latest_departure_seconds, 3),
            "latest_arrival_seconds": round(max(self.arrivals, default=0.0) - self.halt_answered_at, 3),
            "later": self.later,
            "cancelled_later": self.cancelled_later,
            "unknown": self.unknown,
            "is_good": self.is_good,
        }


def run(orders: int, cancels: int, folder: Path, server_url: str | None = None) -> Result:
    """Run the campaign in this folder, on SQLite or on a server of PostgreSQL."""
    result = Result()
    with (
        running_simulator(folder / "simulator", *UNLIMITED) as simulator,
        timed_wire(simulator, folder) as departures,
        empty_database(server_url, folder) as database,
    ):
        harms = list_harms(database, server_url)
        settings = {"GATEWAY__DATABASE_URL": database.url, "GATEWAY__SECRET_KEY": SECRET, **SETTINGS}
        if server_url is not None:
            settings["GATEWAY__THREADS"] = FEWER_THREADS
        options = ("--workers", str(WORKERS))
        with running_gateway(folder / "first", simulator, *options, **settings) as gateway:
            spare = asyncio.run(_halt_meanwhile(gateway, orders, cancels, len(harms), result))
            for worker in get_descendants(gateway.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            result.later["workers killed"] = _place_once(gateway)
            for (name, harm), order_id in zip(harms.items(), spare, strict=True):
                with harm():
                    result.later[name] = _place_once(gateway)
                    reply = _ask_once(gateway, "/api/trade/cancel-order", {"order_id": order_id})
                    result.cancelled_later[name] = reply.status
        settings["INSTANCE"] = str(folder / "first" / "instance")
        with running_gateway(folder / "second", simulator, *options, **settings) as gateway:
            result.later["started anew"] = _place_once(gateway)
            result.departures = read_departures(departures)
            result.arrivals = _list_arrivals(simulator)[cancels + len(harms) :]
            _ask_once(gateway, "/api/trade/resume", {})
            result.unknown[RESUMED] = _place_once(gateway)
            for name, harm in harms.items():
                with harm():
                    result.unknown[name] = _place_once(gateway)
            result.unknown[AFTERWARDS] = _place_until_taken(gateway)
    return result


def list_harms(database: Database, server_url: str | None) -> dict[str, Harm]:
    """Return how the database is kept from saying whether trading is open, by name."""
    if server_url is None:
        return {LOCKED: database.harms[LOCKED]}
    return {LOCKED: database.harms[LOCKED], GONE: lambda: _gone(server_url, database.url)}


@contextlib.contextmanager
def _gone(server_url: str, url: str) -> Iterator[None]:
    """Let nobody connect, and end every connection."""
    name = make_url(url).database
    server = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"))
        connection.execute(text(END_BACKENDS), {"name": name})
        yield
        connection.execute(text(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true"))
    server.dispose()


async def _halt_meanwhile(gateway: Served, orders: int, cancels: int, spare: int, result: Result) -> list[str]:
    """Place, halt in the middle, and cancel all the while; return the orders that were left for later."""
    resting: list[str] = []

    async def rest(client: Client, number: int) -> None:
        for turn in range(MOST_TURNS):
            reply = await client.send("POST", PLACE, _get_order(number), Idempotency_Key=f"resting-{number}")
            if reply.status == 200:
                resting.append(reply.body["data"]["order_id"])
                return
            await asyncio.sleep(turn)
        raise RuntimeError(f"an order to be cancelled was answered {reply.status}: {reply.body}")

    await _share(gateway, CLIENTS, cancels + spare, rest)
    halting = asyncio.Event()

    async def place(client: Client, number: int) -> None:
        reply = await client.send("POST", PLACE, _get_order(number), Idempotency_Key=f"campaign-{number}")
        result.placements[_get_code(reply)] += 1
        if result.placements.total() >= orders * BEFORE_SHARE:
            halting.set()

    async def cancel(client: Client, number: int) -> None:
        await halting.wait()
        await _cancel(client, resting[number], result)

    async def halt() -> None:
        await halting.wait()
        body = {"mode": "halted", "reason": "The campaign says so."}
        client = Client(gateway.address)
        reply = await client.send("POST", "/api/trade/halt", body)
        client.close()
        if reply.status != 200:
            raise RuntimeError(f"the halt was answered {reply.status}: {reply.body}")
        result.halt_answered_at, result.halt_written_at = reply.had_at, reply.body["data"]["changed_at"] / 1_000

    await asyncio.gather(
        _share(gateway, CLIENTS, orders, place),
        _share(gateway, CANCELLING_CLIENTS, cancels, cancel),
        halt(),
    )
    return resting[cancels:]


async def _cancel(client: Client, order_id: str, result: Result) -> None:
    """Cancel an order, again where the machine or the simulator has too much to do: a halt refuses otherwise."""
    for turn in range(MOST_TURNS):
        reply = await client.send("POST", "/api/trade/cancel-order", {"order_id": order_id})
        if reply.status != UNAVAILABLE:
            break
        result.cancellations_again += 1
        await asyncio.sleep(turn)
    result.cancellations[reply.status] += 1


async def _share(gateway: Served, clients: int, count: int, work: Callable[[Client, int], Awaitable[None]]) -> None:
    """Have so many clients do all of it, each the next one that nobody has begun."""
    numbers: Iterator[int] = iter(range(count))

    async def serve() -> None:
        client = Client(gateway.address)
        for number in numbers:
            await work(client, number)
        client.close()

    await asyncio.gather(*(serve() for _ in range(clients)))


def _get_order(number: int) -> dict[str, Any]:
    price = 1 + number % 90
    return {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": price}


def _get_code(reply: Reply) -> str:
    return "200" if reply.status == 200 else str((reply.body or {}).get("code") or reply.status)


def _ask_once(gateway: Served, path: str, body: dict[str, Any]) -> Reply:
    """Send one request, once somebody answers again."""
    ends = time.monotonic() + 60

    async def ask() -> Reply:
        while True:
            client = Client(gateway.address)
            reply = await client.send("POST", path, body)
            client.close()
            if reply.status or time.monotonic() > ends:
                return reply
            await asyncio.sleep(0.1)

    return asyncio.run(ask())


def _place_once(gateway: Served) -> str:
    """Place one more order, and return what was answered."""
    return _get_code(_ask_once(gateway, PLACE, _get_order(1)))


def _place_until_taken(gateway: Served) -> str:
    """Do the same until it is taken, for a while: connections that were ended are found to be so one by one."""
    ends = time.monotonic() + 30
    while (code := _place_once(gateway)) != "200" and time.monotonic() < ends:
        time.sleep(0.5)
    return code


def _list_arrivals(simulator: SimulatorHandle) -> list[float]:
    listed: list[dict[str, Any]] = simulator.control("orders")["orders"]
    return sorted(order["openTime"] / 1_000 for order in listed if order["account"] == ACCOUNT)


def main() -> int:
    """Run it, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--cancels", type=int, default=1_000)
    parser.add_argument("--database-url", help="A PostgreSQL server; SQLite by default.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = run(given.orders, given.cancels, Path(folder), given.database_url)
    sys.stdout.write(json.dumps(result.to_dict(), indent=2) + "\n")
    return 0 if result.is_good else 1


if __name__ == "__main__":
    raise SystemExit(main())
