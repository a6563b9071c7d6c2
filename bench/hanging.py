"""What a hanging, then a dead upstream does to the gateway.

200 reads hang at Tiger while health checks and cancellations go on; then Tiger is gone for half a minute under load and
comes back. Prints percentiles, the end of the reads, the time to the first success, and what was left over.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.clients import Client, Reply, get_percentile
from bench.serving import UNLIMITED, Served, SimulatorHandle, running_gateway, running_simulator

READS = 200
CANCELLATIONS = 150
CANCEL_PAUSE_SECONDS = 0.03
DEADLINE_SECONDS = 8.0
ORDER = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1.0}


async def place_orders(address: tuple[str, int], count: int) -> list[str]:
    """Place orders that rest, and return their ids."""
    client = Client(address)
    replies = [
        await client.send("POST", "/api/trade/place-order", {**ORDER, "limit_price": 1 + n}) for n in range(count)
    ]
    return [reply.body["data"]["order_id"] for reply in replies if reply.status == 200]


async def check_health(address: tuple[str, int], until: float, replies: list[Reply]) -> None:
    """Ask for health every 20 ms."""
    client = Client(address)
    while time.time() < until:
        replies.append(await client.send("GET", "/health"))
        await asyncio.sleep(0.02)


async def cancel_orders(address: tuple[str, int], orders: list[str], replies: list[Reply]) -> None:
    """Cancel one order after the other."""
    client = Client(address)
    for order in orders:
        replies.append(await client.send("POST", "/api/trade/cancel-order", {"order_id": order}))
        await asyncio.sleep(CANCEL_PAUSE_SECONDS)


async def hang(address: tuple[str, int], orders: list[str]) -> tuple[list[Reply], list[Reply], list[Reply]]:
    """Send the reads that hang, with health checks and cancellations beside them."""
    health: list[Reply] = []
    cancelled: list[Reply] = []
    # Each its own question, so that none shares the call of another one.
    reads = [
        Client(address).send("POST", "/api/market/kline", {"symbol": "AAPL", "period": "day", "limit": 1 + number})
        for number in range(READS)
    ]
    beside = [check_health(address, time.time() + DEADLINE_SECONDS, health), cancel_orders(address, orders, cancelled)]
    told = await asyncio.gather(*reads, *beside)
    return [reply for reply in told if reply is not None], health, cancelled


async def load(address: tuple[str, int], until: float, replies: list[Reply], number: int) -> None:
    """Ask for quotes, each time for one that is not kept, until the time is over."""
    client = Client(address)
    while time.time() < until:
        replies.append(await client.send("POST", "/api/market/quote", {"symbol": "AAPL"}, Cache_Control="no-cache"))
        await asyncio.sleep(0.02 + number / 1_000)


def get_leftovers(served: Served) -> dict[str, int]:
    """Return threads, open sockets and resident memory (KiB) of the gateway's processes."""
    children = (
        Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text(encoding="ascii").split()
    )
    total: Counter[str] = Counter()
    for pid in children:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        total["threads"] += int(status.partition("Threads:")[2].split()[0])
        total["KiB"] += int(status.partition("VmRSS:")[2].split()[0])
        total["sockets"] += sum("socket" in str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir())
    return dict(total)


def report_hang(served: Served, simulator: SimulatorHandle) -> bool:
    """Let 200 reads hang, and print what that did to the rest."""
    orders = asyncio.run(place_orders(served.address, CANCELLATIONS))
    simulator.control("faults", {"kind": "hang", "method": "kline"}, "POST")
    reads, health, cancelled = asyncio.run(hang(served.address, orders))
    simulator.control("faults", method="DELETE")
    took = [reply.seconds for reply in reads]
    of_health = [reply.seconds * 1_000 for reply in health]
    of_cancel = [reply.seconds * 1_000 for reply in cancelled]
    print(f"\n{len(reads)} reads hanging")
    print(f"  reads             {dict(Counter(reply.status for reply in reads))}, last after {max(took):.2f} s")
    print(
        f"  /health           {len(health)}: {dict(Counter(reply.status for reply in health))}, "
        f"p50 {get_percentile(of_health, 0.5):.1f} ms, p99 {get_percentile(of_health, 0.99):.1f} ms"
    )
    print(
        f"  cancel-order      {len(cancelled)}: {dict(Counter(reply.status for reply in cancelled))}, "
        f"p50 {get_percentile(of_cancel, 0.5):.1f} ms, p99 {get_percentile(of_cancel, 0.99):.1f} ms, "
        f"slowest {max(of_cancel):.0f} ms, sent together with all the reads",
        flush=True,
    )
    return (
        max(took) <= DEADLINE_SECONDS + 0.5
        and get_percentile(of_health, 0.99) <= 50
        and get_percentile(of_cancel, 0.99) <= 250
        and max(of_cancel) <= 1_000
        and {reply.status for reply in cancelled} == {200}
    )


def report_death(served: Served, simulator: SimulatorHandle, seconds: float) -> bool:
    """Let Tiger be gone under load, and print when it worked again and what was left over."""

    async def run(length: float, replies: list[Reply]) -> None:
        until = time.time() + length
        await asyncio.gather(*(load(served.address, until, replies, number) for number in range(20)))

    before: list[Reply] = []
    asyncio.run(run(5, before))
    time.sleep(2)
    was = get_leftovers(served)
    replies: list[Reply] = []
    simulator.control("faults", {"kind": "refused", "method": "*", "times": 1, "seconds": seconds}, "POST")
    died_at = time.time()
    asyncio.run(run(seconds + 15, replies))
    back_at = died_at + seconds
    successes = [reply.had_at for reply in replies if reply.status == 200 and reply.had_at > back_at - 0.5]
    first = min(successes, default=float("inf"))
    time.sleep(2)
    left = get_leftovers(served)
    print(f"\nTiger gone for {seconds:.0f} s")
    print(f"  replies           {dict(Counter(reply.status for reply in replies))}")
    print(f"  first success     {first - back_at:.2f} s after its return")
    print(f"  before / after    {was} / {left}", flush=True)
    return first - back_at <= 5 and left["threads"] <= was["threads"] + 4 and left["sockets"] <= was["sockets"] + 4


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="how long Tiger is gone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tiger-rest-bench-") as folder:
        free = {"BUDGET__LIMIT_SCALE": "1000"}
        with (
            running_simulator(Path(folder) / "simulator", *UNLIMITED) as simulator,
            running_gateway(Path(folder) / "gateway", simulator, **free) as served,
        ):
            kept = [report_hang(served, simulator), report_death(served, simulator, arguments.seconds)]
    sys.exit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
