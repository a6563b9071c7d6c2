"""What clients that mean harm, or know no better, do to those that trade: without a proxy in front.

Some connections drip their request, thousands say nothing, some ask for a large file and never read it. Beside them 16
clients place orders and one asks for health. Then the gateway is told to end while new connections come at full speed.
Prints how long orders and health took, and what became of the connections at the end.
"""

import argparse
import asyncio
import contextlib
import resource
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.clients import Client, Reply, get_percentile
from bench.serving import UNLIMITED, Served, running_gateway, running_simulator
from tests.support.processes import started

TRADERS = 16
ORDER_PAUSE_SECONDS = 0.25
DRIP_SECONDS = 0.5
LARGE = "/docs/swagger-ui-bundle.js"
ORDER = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1.0}
ORDERS_WITHIN_SECONDS = 1.0
HEALTH_WITHIN_SECONDS = 0.1
TOLD = "ready"
FREE = {"BUDGET__LIMIT_SCALE": "0", "GATEWAY__THREADS": "16"}
"""Nobody is held back by limits, and the threads are as many as by default."""


@dataclass(frozen=True)
class Harm:
    """How many connections of each kind."""

    dripping: int = 200
    idle: int = 4_000
    not_reading: int = 200


# What the attacker runs, in a process of its own, so that it does not hold up those who measure.


async def drip(address: tuple[str, int], number: int) -> None:
    """Send a request byte by byte, half of them within the head and half within the body; again when cut off."""
    head = "POST /api/market/quote HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer client_key_001\r\n"
    text = f"{head}Content-Length: 60000\r\n\r\n{' ' * 60_000}" if number % 2 else f"{head}X-Slow: {'a' * 60_000}"
    sent = len(head) + 25 if number % 2 else len(head)
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(*address)
            writer.write(text[:sent].encode())
            for byte in text[sent:]:
                writer.write(byte.encode())
                await writer.drain()
                await asyncio.sleep(DRIP_SECONDS)
        await asyncio.sleep(DRIP_SECONDS)


async def idle(address: tuple[str, int]) -> None:
    """Connect and say nothing; again when closed."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(*address)
            await reader.read()
            writer.close()
        await asyncio.sleep(DRIP_SECONDS)


async def ask_and_not_read(address: tuple[str, int]) -> None:
    """Ask for something large, and leave it where it is."""
    loop = asyncio.get_running_loop()
    while True:
        with contextlib.suppress(OSError), socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.setblocking(False)
            await loop.sock_connect(connection, address)
            await loop.sock_sendall(connection, f"GET {LARGE} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            await asyncio.sleep(60)


async def attack(address: tuple[str, int], harm: Harm) -> None:
    """Open all of it, say so, and go on until ended."""
    tasks = [asyncio.create_task(drip(address, number)) for number in range(harm.dripping)]
    tasks += [asyncio.create_task(ask_and_not_read(address)) for _ in range(harm.not_reading)]
    for number in range(harm.idle):
        tasks.append(asyncio.create_task(idle(address)))
        if number % 50 == 0:
            await asyncio.sleep(0.02)
    await asyncio.sleep(1)
    print(TOLD, flush=True)
    await asyncio.gather(*tasks)


@contextlib.contextmanager
def attacking(folder: Path, address: tuple[str, int], harm: Harm) -> Iterator[None]:
    """Run the attacker for the block."""
    log = folder / "attacker.log"
    numbers = (harm.dripping, harm.idle, harm.not_reading)
    command = [sys.executable, "-m", "bench.edge", "--attack", ":".join(map(str, (*address, *numbers)))]
    with started(command, log) as process:
        ends_at = time.monotonic() + 60
        while TOLD not in log.read_text(encoding="utf-8") and time.monotonic() < ends_at:
            time.sleep(0.1)
        yield
        process.send_signal(signal.SIGKILL)


# Those who trade.


async def trade(address: tuple[str, int], number: int, until: float, replies: list[Reply]) -> None:
    """Place one order after the other."""
    client = Client(address)
    while time.time() < until:
        replies.append(await client.send("POST", "/api/trade/place-order", {**ORDER, "limit_price": 1 + number}))
        await asyncio.sleep(ORDER_PAUSE_SECONDS)
    client.close()


async def check_health(address: tuple[str, int], until: float, replies: list[Reply]) -> None:
    """Ask for health every 20 ms, each time on a connection of its own."""
    while time.time() < until:
        replies.append(await Client(address).send("GET", "/health", Connection="close"))
        await asyncio.sleep(0.02)


async def trade_beside(address: tuple[str, int], seconds: float) -> tuple[list[Reply], list[Reply]]:
    """Return what orders and health checks were answered in this time."""
    orders: list[Reply] = []
    health: list[Reply] = []
    until = time.time() + seconds
    traders = (trade(address, number, until, orders) for number in range(TRADERS))
    await asyncio.gather(*traders, check_health(address, until, health))
    return orders, health


# Those who are there at the end.


async def connect_once(address: tuple[str, int], outcomes: Counter[str]) -> bool:
    """Ask once on a new connection, and count what became of it; tell whether somebody listens yet."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(*address), 10)
    except (OSError, TimeoutError):
        outcomes["not let in"] += 1
        return False
    try:
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 30)
    except (OSError, TimeoutError) as error:
        outcomes[f"reset ({type(error).__name__})"] += 1
    else:
        outcomes["answered" if answer.startswith(b"HTTP/1.1 200") else "closed without an answer"] += 1
    writer.close()
    return True


async def end_under_load(served: Served, seconds: float) -> Counter[str]:
    """Open connections without a pause, tell the gateway to end, and return what became of each."""
    outcomes: Counter[str] = Counter()

    async def connect_on() -> None:
        while await connect_once(served.address, outcomes):
            pass

    tasks = [asyncio.create_task(connect_on()) for _ in range(TRADERS)]
    await asyncio.sleep(seconds)
    served.process.terminate()
    await asyncio.wait(tasks, timeout=60)
    return outcomes


def report(harm: Harm, orders: list[Reply], health: list[Reply], outcomes: Counter[str]) -> bool:
    """Print the table, and tell whether everything is as promised."""
    took = [reply.seconds for reply in orders]
    of_health = [reply.seconds for reply in health]
    print(f"\n{harm.dripping} dripping, {harm.idle:,} idle, {harm.not_reading} not reading; {TRADERS} clients trade\n")
    print("| | number | answers | p50 ms | p99 ms | slowest ms | promised ms |\n|---|---:|---|---:|---:|---:|---:|")
    for name, replies, times, bound in (
        ("orders", orders, took, ORDERS_WITHIN_SECONDS),
        ("health", health, of_health, HEALTH_WITHIN_SECONDS),
    ):
        figures = (get_percentile(times, 0.5), get_percentile(times, 0.99), max(times), bound)
        statuses = dict(Counter(reply.status for reply in replies))
        print(
            f"| {name} | {len(replies):,} | {statuses} | "
            + " | ".join(f"{1_000 * each:,.1f}" for each in figures)
            + " |"
        )
    print("\nSIGTERM under load\n\n| connections | number |\n|---|---:|")
    for outcome, number in sorted(outcomes.items()):
        print(f"| {outcome} | {number:,} |")
    sys.stdout.flush()
    return (
        {reply.status for reply in [*orders, *health]} == {200}
        and max(took) <= ORDERS_WITHIN_SECONDS
        and max(of_health) <= HEALTH_WITHIN_SECONDS
        and set(outcomes) <= {"answered", "not let in"}
    )


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="how long the clients trade")
    parser.add_argument("--idle", type=int, default=Harm.idle, help="connections that say nothing")
    parser.add_argument("--attack", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if arguments.attack:
        host, *numbers = arguments.attack.split(":")
        port, *counts = map(int, numbers)
        asyncio.run(attack((host, port), Harm(*counts)))
        return
    harm = Harm(idle=arguments.idle)
    with tempfile.TemporaryDirectory(prefix="tiger-rest-bench-") as name:
        folder = Path(name)
        with (
            running_simulator(folder / "simulator", *UNLIMITED) as simulator,
            running_gateway(folder / "gateway", simulator, **FREE) as served,
        ):
            with attacking(folder, served.address, harm):
                orders, health = asyncio.run(trade_beside(served.address, arguments.seconds))
            outcomes = asyncio.run(end_under_load(served, 2))
    sys.exit(0 if report(harm, orders, health, outcomes) else 1)


if __name__ == "__main__":
    main()
