"""Workers that gunicorn replaces hand the lease over at once."""

import contextlib
import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.refreshing.world import World, get_pid, running_world
from tests.support.server import wait_until

LEASE = 60.0
"""So long that a takeover within half of it can only be a handover."""


@contextlib.contextmanager
def workers(folder: Path, *arguments: str) -> Iterator[World]:
    """Run two workers that would wait long for a dead leader."""
    settings = {"leadership__lease_seconds": LEASE, "token_refresh__initial_delay_seconds": 3_600}
    with running_world(folder, workers=2, interval_seconds=3_600, settings=settings, arguments=arguments) as world:
        world.wait_for_leader()
        yield world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Give two workers as configured."""
    with workers(tmp_path) as running:
        yield running


def has_new_leader(world: World, term: int) -> bool:
    found = world.fetch_leader()
    return found.term > term and found.holder is not None


def test_a_worker_that_is_asked_to_stop_hands_over(world: World) -> None:
    leader = world.fetch_leader()
    os.kill(get_pid(leader.holder or ""), signal.SIGTERM)

    wait_until(lambda: has_new_leader(world, leader.term), LEASE / 2)


def test_a_reload_of_all_workers_hands_over(world: World) -> None:
    leader = world.fetch_leader()
    world.servers[0].process.send_signal(signal.SIGHUP)

    wait_until(lambda: has_new_leader(world, leader.term), LEASE / 2)


def test_a_worker_at_the_end_of_its_requests_hands_over(tmp_path: Path) -> None:
    with workers(tmp_path, "--max-requests", "5") as world:
        leader = world.fetch_leader()

        def has_handed_over() -> bool:
            world.call("/health/live")
            return has_new_leader(world, leader.term)

        wait_until(has_handed_over, LEASE / 2)


def test_a_change_of_the_code_hands_over(tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    source.touch()
    with workers(tmp_path, "--reload", "--reload-engine", "poll", "--reload-extra-file", str(source)) as world:
        leader = world.fetch_leader()
        times = itertools.count(2_000_000_000)

        def has_handed_over() -> bool:
            # Again and again: a worker that sees the file for the first time only notes how old it is.
            os.utime(source, (0, next(times)))
            return has_new_leader(world, leader.term)

        wait_until(has_handed_over, LEASE / 2)


def test_the_end_of_the_service_leaves_the_lease_empty(world: World) -> None:
    world.servers[0].stop()

    assert world.fetch_leader().holder is None
