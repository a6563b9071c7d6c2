"""The trials. Each acts on a running world and returns what it saw; nothing here decides whether that is good."""

import concurrent.futures
import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import text

from app.simulator.faults import Fault
from app.storage.token_tables import tokens
from bench.refreshing.world import (
    ACCOUNTS,
    RENEWAL,
    TIGER_IDS,
    World,
    freeze_between_writes,
    get_longest_gap,
    get_pid,
    get_shortest_gap,
    thaw,
)
from tests.support.server import wait_until

FIRST, SECOND = TIGER_IDS
SPEAKING_SECONDS = 1.2
SILENT_SECONDS = 0.8
"""Longer than a call waits for the database before it goes on with the token that it has."""
SYMBOLS = ("AAPL", "MSFT", "NVDA", "TSLA", "AMZN", "META", "GOOGL", "SPY")


@dataclass
class Counts:
    """How often, and how far apart, each tiger_id was refreshed; gaps in seconds, over all."""

    refreshes: list[int]
    shortest_gap: float
    longest_gap: float

    @classmethod
    def of(cls, world: World) -> "Counts":
        """Count what the simulator has received."""
        arrived = world.get_refreshes()
        return cls(
            [len(arrivals) for arrivals in arrived.values()],
            min(get_shortest_gap(arrivals) for arrivals in arrived.values()),
            max(get_longest_gap(arrivals) for arrivals in arrived.values()),
        )


def watch_schedule(world: World, seconds: float) -> Counts:
    """Let the schedule run for so long, from the first refresh on."""
    wait_until(lambda: all(world.get_refreshes().values()), 30)
    world.simulator.reset_counts()
    time.sleep(seconds)
    return Counts.of(world)


@dataclass
class Takeovers:
    """How long each change of leader took, and what that did to the refreshes."""

    killed_seconds: list[float] = field(default_factory=list)
    frozen_seconds: list[float] = field(default_factory=list)
    counts: Counts | None = None


def disturb_leaders(world: World, kills: int, freezes: int, seed: int) -> Takeovers:
    """Kill and freeze leaders at random moments; the frozen wake up while another leads."""
    chance = random.Random(seed)  # noqa: S311 - moments must repeat from run to run.
    disturbances = ["kill"] * kills + ["freeze"] * freezes
    chance.shuffle(disturbances)
    result = Takeovers()
    wait_until(lambda: all(world.get_refreshes().values()), 30)
    for disturbance in disturbances:
        leader = world.wait_for_leader()
        time.sleep(chance.uniform(0.2, 2.5))
        started = time.monotonic()
        pid = get_pid(leader.holder or "")
        if disturbance == "kill":
            os.kill(pid, signal.SIGKILL)
        else:
            freeze_between_writes(world, pid)
        world.wait_for_leader(after_term=leader.term)
        taken = result.killed_seconds if disturbance == "kill" else result.frozen_seconds
        taken.append(time.monotonic() - started)
        time.sleep(chance.uniform(0.0, 2.0))
        thaw(pid)
    time.sleep(5)
    result.counts = Counts.of(world)
    return result


@dataclass
class Load:
    """What clients saw while tokens were replaced under them."""

    reads: int
    calls: int
    errors: list[str]
    refreshes: int
    refresh_errors: list[str]


def refresh_under_load(world: World, clients: int, refreshes: int) -> Load:
    """Read all the time with so many clients, and refresh by hand through every gateway in turn."""
    ended = threading.Event()
    errors: list[str] = []
    reads = [0] * clients

    def read(number: int) -> None:
        account = ACCOUNTS[TIGER_IDS[number % 2]]
        while not ended.is_set():
            # Each read differs from the others, so that none is answered from what another one fetched.
            reads[number] += 1
            body = {"account": account, "symbol": SYMBOLS[number % len(SYMBOLS)], "limit": 1 + reads[number] % 300}
            status, answer = world.call("/api/market/kline", body, number % len(world.servers))
            if status != 200:
                errors.append(f"{status} {answer.get('code')}")

    refresh_errors: list[str] = []
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(read, number) for number in range(clients)]
        for number in range(refreshes):
            status, body = world.call(
                "/api/token/refresh", {"account": ACCOUNTS[TIGER_IDS[number % 2]]}, number % len(world.servers)
            )
            if status != 200:
                refresh_errors.append(f"{status} {body.get('code')}")
        ended.set()
        for future in running:
            future.result()
    calls = world.simulator.calls("kline")
    return Load(sum(reads), calls, errors, world.simulator.calls(RENEWAL), refresh_errors)


@contextlib.contextmanager
def silencing_database(world: World) -> Iterator[None]:
    """Let nobody read or write the stored tokens for most of a second, again and again; needs PostgreSQL."""
    ended = threading.Event()

    def silence() -> None:
        while not ended.wait(SPEAKING_SECONDS):
            with world.storage.writing() as connection:
                connection.execute(text(f"LOCK TABLE {tokens.name} IN ACCESS EXCLUSIVE MODE"))
                ended.wait(SILENT_SECONDS)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        silenced = pool.submit(silence)
        try:
            yield
        finally:
            ended.set()
            silenced.result()


@dataclass
class Together:
    """What simultaneous refreshes by hand came to."""

    calls: int
    answers: int
    different_answers: int
    failures: int


def refresh_together(world: World, clients: int) -> Together:
    """Refresh one token by hand from so many clients at once."""
    world.simulator.reset_counts()
    barrier = threading.Barrier(clients)

    def refresh(number: int) -> tuple[int, str]:
        barrier.wait()
        status, body = world.call("/api/token/refresh", {"account": ACCOUNTS[FIRST]}, number % len(world.servers))
        return status, str(body.get("data"))

    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        answers = list(pool.map(refresh, range(clients)))
    failures = sum(status != 200 for status, _ in answers)
    return Together(world.simulator.calls(RENEWAL), len(answers), len({answer for _, answer in answers}), failures)


@dataclass
class Failing:
    """What the failure of one credential did to it and to the other."""

    kind: str
    other_longest_gap: float
    pauses: list[float]
    readiness: str
    warning: str
    status_after: str


FAULTS = {
    "tiger down": Fault("cut_before", RENEWAL, tiger_id=FIRST),
    "tiger hangs": Fault("hang", RENEWAL, tiger_id=FIRST),
    "wrong key": Fault("code", RENEWAL, tiger_id=FIRST, code=1000, message="failed to verify signature"),
    "garbage token": Fault("missing_fields", RENEWAL, tiger_id=FIRST, fields=("token",)),
}


def fail_one(world: World, kind: str, seconds: float) -> Failing:
    """Let the refreshes of the first tiger_id fail for a while, then let them succeed."""
    wait_until(lambda: all(world.get_refreshes().values()), 30)
    world.simulator.reset_counts()
    world.simulator.inject(FAULTS[kind])
    time.sleep(seconds)
    arrived = world.get_refreshes()
    _, ready = world.call("/health/ready")
    world.simulator.clear_faults()
    before = world.simulator.calls(RENEWAL, FIRST)
    wait_until(lambda: world.simulator.calls(RENEWAL, FIRST) > before, 60)
    wait_until(lambda: world.call("/health/ready")[1]["status"] == "ready", 10)
    pauses = [(later - earlier) / 1_000 for earlier, later in zip(arrived[FIRST], arrived[FIRST][1:], strict=False)]
    return Failing(
        kind=kind,
        other_longest_gap=get_longest_gap(arrived[SECOND]),
        pauses=[round(pause, 1) for pause in pauses],
        readiness=ready["status"],
        warning="; ".join([*ready["reasons"], *ready["warnings"]]),
        status_after=world.call("/health/ready")[1]["status"],
    )
