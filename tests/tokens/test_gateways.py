"""The short forms of the refresh campaign: gunicorn, several workers, real kills."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bench.refreshing.killing import kill_everybody, lose_a_token
from bench.refreshing.trials import (
    disturb_leaders,
    refresh_together,
    refresh_under_load,
    silencing_database,
    watch_schedule,
)
from bench.refreshing.world import TIGER_IDS, World, running_world
from tests.support.databases import DATABASES
from tests.support.server import wait_until

pytestmark = pytest.mark.long

BRISK = {
    "leadership__lease_seconds": 1.5,
    "tiger__read_deadline_seconds": 2,
    "token_refresh__call_seconds": 2,
    "token_refresh__retry_first_seconds": 1,
}


@pytest.fixture(params=DATABASES)
def run_world(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Any]:
    """Give a way to run two workers, or two gateways with two workers each on PostgreSQL."""
    instances = {"sqlite": 1, "postgresql": 2}[request.param]

    def run(**options: Any) -> Any:
        settings = BRISK | options.pop("settings", {})
        return running_world(
            tmp_path, instances=instances, workers=2, database=request.param, settings=settings, **options
        )

    return run


@pytest.fixture
def world(run_world: Callable[..., Any]) -> Iterator[World]:
    """Give gateways that refresh every second."""
    with run_world(interval_seconds=1.0) as running:
        yield running


def test_all_workers_together_refresh_once_an_interval(world: World) -> None:
    counts = watch_schedule(world, 5)

    # How many of five are due in five seconds depends on the machine, that none comes early does not.
    assert min(counts.refreshes) >= 3
    assert counts.shortest_gap >= 1.0
    assert counts.longest_gap < 3.0


def test_a_killed_and_a_frozen_leader_are_replaced_and_nothing_is_refreshed_twice(world: World) -> None:
    result = disturb_leaders(world, kills=1, freezes=1, seed=7)

    assert result.counts is not None
    assert result.counts.shortest_gap >= 1.0
    assert max(result.killed_seconds + result.frozen_seconds) < 10


def test_the_log_tells_of_each_round_as_documented_and_holds_no_token(run_world: Callable[..., Any]) -> None:
    # Both tokens are found before: on a busy machine one was found a second after the other, which are two rounds.
    with run_world(interval_seconds=60, settings={"token_refresh__initial_delay_seconds": 4}) as world:
        wait_until(lambda: "Next token refresh in" in world.read_log(), 30)
        log = world.read_log()
        leaks = world.find_tokens_in_clear()

    assert "Starting scheduled token refresh for all accounts" in log
    assert "Token refresh successful for account 67686635, tiger_id: 20154747" in log
    assert "Token refresh completed: 2/2 successful" in log
    assert "Next token refresh in 0.0h" in log
    assert leaks == []


def test_ten_refreshes_by_hand_through_all_workers_are_one(run_world: Callable[..., Any]) -> None:
    settings = {"token_refresh__initial_delay_seconds": 3_600, "token_refresh__call_seconds": 10}
    with run_world(interval_seconds=3_600, settings=settings) as world:
        result = refresh_together(world, 10)

    assert (result.calls, result.answers, result.different_answers, result.failures) == (1, 10, 1, 0)


def test_no_client_notices_that_tokens_end_under_load(run_world: Callable[..., Any]) -> None:
    settings = {"token_refresh__join_seconds": 0, "token_refresh__call_seconds": 10, "tiger__read_deadline_seconds": 10}
    with run_world(interval_seconds=3_600, ends_old_token=True, settings=settings) as world:
        load = refresh_under_load(world, 8, 6)

    assert (load.errors, load.refresh_errors) == ([], [])
    assert load.refreshes >= 6


@pytest.mark.skipif("postgresql" not in DATABASES, reason="locks a table of PostgreSQL's")
def test_no_client_notices_that_tokens_end_while_the_database_is_silent(tmp_path: Path) -> None:
    with (
        running_world(
            tmp_path,
            instances=2,
            workers=1,
            database="postgresql",
            interval_seconds=3_600,
            ends_old_token=True,
            settings={"token_refresh__join_seconds": 0},
        ) as world,
        silencing_database(world),
    ):
        load = refresh_under_load(world, 8, 12)

    assert (load.errors, load.refresh_errors) == ([], [])
    assert load.refreshes >= 12


def test_a_token_lost_with_its_worker_is_told_loudly_and_mended_by_a_new_file(run_world: Callable[..., Any]) -> None:
    with run_world(interval_seconds=1.0, ends_old_token=True) as world:
        loss = lose_a_token(world, delay_seconds=1.5)

    assert (loss.status, loss.readiness_status, loss.is_logged, loss.recovered_read) == ("lost", 503, True, 200)
    assert loss.needs == [f'credential="{TIGER_IDS[0]}",reason="lost"']
    assert loss.needs_afterwards == []


def test_a_refresh_whose_processes_are_killed_again_and_again_ends_in_its_own_time(
    run_world: Callable[..., Any],
) -> None:
    with run_world(interval_seconds=5, settings={"token_refresh__call_seconds": 10}) as world:
        result = kill_everybody(world, 2.5, 60.0)

    assert result.kills > 1
    # By the count of each process itself it would go on for as long as they are killed.
    assert 10.0 < result.seconds_until_ended < 40.0
    assert result.seconds_until_next > 10.0
    assert result.is_logged


def test_a_worker_that_was_told_to_end_begins_no_refresh(tmp_path: Path) -> None:
    settings = {"token_refresh__initial_delay_seconds": 4}
    with running_world(tmp_path, workers=1, interval_seconds=3_600, settings=settings) as world:
        world.wait_for_leader()
        url = urlsplit(world.servers[0].url)
        with socket.create_connection((url.hostname, url.port)) as slow:
            # The worker waits for the rest of it, and would have been killed in a refresh that takes as long.
            slow.sendall(b"POST /api/token/refresh HTTP/1.1\r\n")
            threading.Event().wait(0.5)
            seconds = world.servers[0].stop()

        assert seconds > 6
        assert world.simulator.calls("user_token_refresh") == 0
