"""Halt trading in the middle of many placements, and see that nothing reaches Tiger a second after the answer.

The simulator's own record of orders says when each arrived. Orders are cancelled all the while; then every worker is
killed, the gateway is started anew, and its database is locked: the halt has to hold each time.
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

from bench.campaign.databases import LOCKED, empty_database
from bench.clients import ACCOUNT, Client, Reply
from bench.serving import UNLIMITED, Served, SimulatorHandle, running_gateway, running_simulator
from tests.support.processes import get_descendants

PROMISED_SECONDS: Final = 1.0
WORKERS: Final = 4
CLIENTS: Final = 64
CANCELLING_CLIENTS: Final = 8
BEFORE_SHARE: Final = 0.4
"""Part of the placements that are answered when the halt comes."""
PLACE: Final = "/api/trade/place-order"
HALTED: Final = "trading_halted"
SETTINGS: Final = {
    "BUDGET__LIMIT_SCALE": "0",
    "TOKEN_REFRESH__INITIAL_DELAY_SECONDS": "600",
}


@dataclass(slots=True)
class Result:
    """What was seen."""

    placements: Counter[str] = field(default_factory=Counter)
    cancellations: Counter[int] = field(default_factory=Counter)
    halt_answered_at: float = 0.0
    latest_arrival_seconds: float = float("-inf")
    """Of the last order that reached the simulator, after the answer to the halt."""
    later: dict[str, str] = field(default_factory=dict)
    """What a placement was answered after each misfortune."""

    @property
    def is_good(self) -> bool:
        """Tell whether all that is promised was kept."""
        is_held = self.placements[HALTED] > 0 and all(code != "200" for code in self.later.values())
        is_cancelled = set(self.cancellations) == {200}
        return is_held and is_cancelled and self.latest_arrival_seconds <= PROMISED_SECONDS


def run(orders: int, cancels: int, folder: Path) -> Result:
    """Run the campaign in this folder."""
    result = Result()
    with (
        running_simulator(folder / "simulator", *UNLIMITED) as simulator,
        empty_database(None, folder) as database,
    ):
        settings = {"GATEWAY__DATABASE_URL": database.url, **SETTINGS}
        options = ("--workers", str(WORKERS))
        with running_gateway(folder / "first", simulator, *options, **settings) as gateway:
            asyncio.run(_halt_meanwhile(gateway, orders, cancels, result))
            for worker in get_descendants(gateway.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            result.later["workers killed"] = _place_once(gateway)
            with database.harms[LOCKED]():
                result.later["database locked"] = _place_once(gateway)
        settings["INSTANCE"] = str(folder / "first" / "instance")
        with running_gateway(folder / "second", simulator, *options, **settings) as gateway:
            result.later["started anew"] = _place_once(gateway)
        arrivals = [order["openTime"] / 1_000 for order in _list_orders(simulator)]
        result.latest_arrival_seconds = max(arrivals, default=0.0) - result.halt_answered_at
    return result


async def _halt_meanwhile(gateway: Served, orders: int, cancels: int, result: Result) -> None:
    resting: list[str] = []

    async def rest(client: Client, number: int) -> None:
        reply = await client.send("POST", PLACE, _get_order(number))
        if reply.status == 200:
            resting.append(reply.body["data"]["order_id"])

    await _share(gateway, CLIENTS, cancels, rest)
    halting = asyncio.Event()

    async def place(client: Client, number: int) -> None:
        reply = await client.send("POST", PLACE, _get_order(number), Idempotency_Key=f"campaign-{number}")
        result.placements[_get_code(reply)] += 1
        if result.placements.total() >= orders * BEFORE_SHARE:
            halting.set()

    async def cancel(client: Client, number: int) -> None:
        await halting.wait()
        reply = await client.send("POST", "/api/trade/cancel-order", {"order_id": resting[number]})
        result.cancellations[reply.status] += 1

    async def halt() -> None:
        await halting.wait()
        body = {"mode": "halted", "reason": "The campaign says so."}
        client = Client(gateway.address)
        reply = await client.send("POST", "/api/trade/halt", body)
        client.close()
        if reply.status != 200:
            raise RuntimeError(f"the halt was answered {reply.status}: {reply.body}")
        result.halt_answered_at = reply.had_at

    await asyncio.gather(
        _share(gateway, CLIENTS, orders, place),
        _share(gateway, CANCELLING_CLIENTS, len(resting), cancel),
        halt(),
    )


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


def _place_once(gateway: Served) -> str:
    """Place one more order, once somebody answers again, and return what was answered."""
    ends = time.monotonic() + 60

    async def place() -> str:
        while True:
            client = Client(gateway.address)
            reply = await client.send("POST", PLACE, _get_order(1))
            client.close()
            if reply.status or time.monotonic() > ends:
                return _get_code(reply)
            await asyncio.sleep(0.1)

    return asyncio.run(place())


def _list_orders(simulator: SimulatorHandle) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = simulator.control("orders")["orders"]
    return [order for order in listed if order["account"] == ACCOUNT]


def main() -> int:
    """Run it, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--cancels", type=int, default=1_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = run(given.orders, given.cancels, Path(folder))
    told = {"placements": dict(result.placements), "cancellations": dict(result.cancellations)}
    told |= {"latest_arrival_seconds": round(result.latest_arrival_seconds, 3), "later": result.later}
    sys.stdout.write(json.dumps({**told, "is_good": result.is_good}, indent=2) + "\n")
    return 0 if result.is_good else 1


if __name__ == "__main__":
    raise SystemExit(main())
