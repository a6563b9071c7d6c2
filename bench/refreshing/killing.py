"""Trials that kill the processes of a refresh: before its answer came, and all of them, again and again."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass

from app.simulator.faults import Fault
from bench.refreshing.world import (
    ACCOUNTS,
    RENEWAL,
    TIGER_IDS,
    World,
    freeze,
    get_pid,
    get_shortest_gap,
    thaw,
)
from tests.support.server import wait_until

FIRST, SECOND = TIGER_IDS


@dataclass
class Loss:
    """What is told of a token that was lost between Tiger's answer and the first durable write."""

    readiness_status: int
    reason: str
    is_logged: bool
    status: str
    needs: list[str]
    needs_afterwards: list[str]
    seconds_until_told: float
    seconds_until_recovered: float
    recovered_read: int


def lose_a_token(world: World, delay_seconds: float = 3.0) -> Loss:
    """Kill a worker whose refresh Tiger has done and whose answer it does not have yet, then mend it as told."""
    wait_until(lambda: all(world.get_refreshes().values()), 30)
    wait_until(lambda: _kill_before_the_answer(world, delay_seconds), 60)
    started = time.monotonic()
    wait_until(lambda: "lost" in str(world.call("/health/ready")[1]["reasons"]), 90)
    told = time.monotonic() - started
    status, ready = world.call("/health/ready")
    state = world.call("/api/token/status")[1]["data"]["credentials"][0]
    needs = world.fetch_needs()
    world.give_token(0, FIRST)
    started = time.monotonic()
    wait_until(lambda: world.call("/health/ready")[1]["status"] == "ready", 60)
    recovered = time.monotonic() - started
    read, _ = world.call("/api/market/quote", {"account": ACCOUNTS[FIRST], "symbol": "AAPL"})
    return Loss(
        readiness_status=status,
        reason="; ".join(ready["reasons"]),
        is_logged="A new token was lost on its way" in world.read_log(),
        status=state["last_attempt"]["outcome"],
        needs=needs,
        needs_afterwards=world.fetch_needs(),
        seconds_until_told=told,
        seconds_until_recovered=recovered,
        recovered_read=read,
    )


@dataclass
class Killed:
    """What became of a refresh whose processes were all killed, again and again; seconds from its announcement."""

    kills: int
    seconds_until_told: float
    seconds_until_ended: float
    outcome: str
    seconds_until_next: float
    is_logged: bool


def kill_everybody(world: World, pause_seconds: float, most_seconds: float) -> Killed:
    """Kill every worker while a refresh of the first tiger_id is on the wire, and those that come after them.

    Each may live for the pause after the first of them has answered: long enough to look, and no longer.
    """
    wait_until(lambda: all(world.get_refreshes().values()), 30)
    wait_until(lambda: FIRST not in world.fetch_refreshing(), 30)
    world.simulator.reset_counts()
    world.simulator.inject(Fault("delay_after", RENEWAL, tiger_id=FIRST, seconds=most_seconds, times=1))
    wait_until(lambda: FIRST in world.fetch_refreshing() and world.get_refreshes()[FIRST], 60)
    started, kills, told = time.monotonic(), 0, 0.0
    while FIRST in world.fetch_refreshing() and time.monotonic() - started < most_seconds:
        for pid in world.get_workers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        kills += 1
        wait_until(lambda: _answers(world), 60)
        ends = time.monotonic() + pause_seconds
        while FIRST in world.fetch_refreshing() and time.monotonic() < ends:
            if not told and "is gone" in str(world.call("/health/ready")[1]["warnings"]):
                told = time.monotonic() - started
            time.sleep(0.1)
    ended = time.monotonic() - started
    wait_until(lambda: len(world.get_refreshes()[FIRST]) > 1, 60)
    state = world.call("/api/token/status")[1]["data"]["credentials"][0]
    return Killed(
        kills=kills,
        seconds_until_told=told,
        seconds_until_ended=ended,
        outcome=str(state["last_attempt"]["outcome"]),
        seconds_until_next=get_shortest_gap(world.get_refreshes()[FIRST][:2]),
        is_logged="was left by" in world.read_log(),
    )


def _answers(world: World) -> bool:
    with contextlib.suppress(OSError):
        return all(world.call("/health/ready", server=number)[0] for number in range(len(world.servers)))
    return False


def _kill_before_the_answer(world: World, delay_seconds: float) -> bool:
    """Kill the worker that waits for the first tiger_id's new token, and for no other; False if that moment passed.

    It stands still while the database is asked what it waits for: a token that it fetched meanwhile would be lost too.
    """
    before = world.simulator.calls(RENEWAL, FIRST)
    world.simulator.inject(Fault("delay_after", RENEWAL, tiger_id=FIRST, seconds=delay_seconds, times=1))
    wait_until(lambda: world.simulator.calls(RENEWAL, FIRST) > before, 60)
    while holder := world.fetch_refreshing().get(FIRST):
        pid = get_pid(holder)
        freeze(pid)
        if world.fetch_refreshing() == {FIRST: holder}:
            os.kill(pid, signal.SIGKILL)
            return True
        thaw(pid)
        time.sleep(delay_seconds / 30)
    return False
