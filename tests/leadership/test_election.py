"""At any moment at most one process leads, and before long one does."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.clock import get_elapsed
from app.errors import StorageUnavailable
from app.leadership import Job, Leadership, LeadershipLost, Term
from app.leadership.lease import Lease
from app.settings import LeadershipSettings
from app.storage import Storage
from app.storage.upgrade import upgrade
from tests.support.server import wait_until

LEASE = 1.0
QUICK = LeadershipSettings(lease_seconds=LEASE)


@pytest.fixture
def storage(database_url: str, tmp_path: Path) -> Iterator[Storage]:
    """Give an up-to-date database."""
    opened = Storage(database_url, tmp_path)
    upgrade(opened, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def stand(storage: Storage) -> Iterator[Callable[[], Leadership]]:
    """Give a way to let one more candidate stand."""
    standing: list[Leadership] = []

    def start() -> Leadership:
        standing.append(Leadership(storage, QUICK))
        standing[-1].start()
        return standing[-1]

    yield start
    for each in standing:
        each.stop()


def test_one_of_many_candidates_leads(stand: Callable[[], Leadership]) -> None:
    candidates = [stand() for _ in range(5)]
    wait_until(lambda: any(each.is_leader for each in candidates), 15)

    assert sum(each.is_leader for each in candidates) == 1


def test_nobody_takes_over_from_a_leader_that_sends_heartbeats(stand: Callable[[], Leadership]) -> None:
    leader = stand()
    wait_until(lambda: leader.is_leader, 15)
    other = stand()
    taken_over = threading.Event()
    other.on_tick(taken_over.set)
    term = leader.fetch_lease().term
    threading.Event().wait(2 * LEASE)

    assert (leader.is_leader, other.is_leader, leader.fetch_lease().term) == (True, False, term)


def test_a_leader_that_stops_hands_over_without_a_wait(stand: Callable[[], Leadership]) -> None:
    leader = stand()
    wait_until(lambda: leader.is_leader, 15)
    other = stand()
    leader.stop()

    assert wait_until(lambda: other.is_leader, 5) < LEASE / 2


def test_a_leader_that_sends_none_is_replaced_after_its_lease(
    storage: Storage, stand: Callable[[], Leadership]
) -> None:
    lease = Lease(storage)
    lease.take("gone:1:x", lease.fetch())
    other = stand()

    assert LEASE <= wait_until(lambda: other.is_leader, 5) <= 1.5 * LEASE + 2


def test_a_lease_is_taken_only_as_it_was_seen(storage: Storage) -> None:
    lease = Lease(storage)
    seen = lease.fetch()
    first = lease.take("first:1:x", seen)

    assert (first, lease.take("second:1:x", seen), lease.fetch().holder) == (seen.term + 1, None, "first:1:x")


def test_a_heartbeat_undoes_a_takeover_that_was_about_to_happen(storage: Storage) -> None:
    lease = Lease(storage)
    term = lease.take("first:1:x", lease.fetch()) or 0
    seen = lease.fetch()
    lease.renew(term)

    assert lease.take("second:1:x", seen) is None


def test_a_leader_that_was_replaced_while_it_was_frozen_confirms_nothing(storage: Storage) -> None:
    lease = Lease(storage)
    number = lease.take("frozen:1:x", lease.fetch()) or 0
    term = Term(number, LEASE, get_elapsed() - 10, lambda: lease.renew(number))
    lease.take("next:1:x", lease.fetch())

    with pytest.raises(LeadershipLost):
        term.confirm()
    assert term.ended.is_set()


def test_a_leader_that_nobody_replaced_goes_on_once_it_has_checked(storage: Storage) -> None:
    lease = Lease(storage)
    number = lease.take("frozen:1:x", lease.fetch()) or 0
    term = Term(number, LEASE, get_elapsed() - 10, lambda: lease.renew(number))
    held_before = term.seconds_left
    term.confirm()

    assert (held_before, term.seconds_left > LEASE / 2) == (0.0, True)


def test_a_leader_whose_database_is_gone_confirms_nothing() -> None:
    def renew() -> bool:
        raise StorageUnavailable("The database is gone.")

    term = Term(1, LEASE, get_elapsed() - 10, renew)

    with pytest.raises(StorageUnavailable):
        term.confirm()
    assert term.seconds_left == 0.0


def test_a_fresh_lease_is_confirmed_without_the_database() -> None:
    term = Term(1, LEASE, get_elapsed(), lambda: pytest.fail("asked the database"))

    term.confirm()


def test_starting_twice_is_starting_once(storage: Storage, stand: Callable[[], Leadership]) -> None:
    leader = stand()
    name = leader.name
    leader.start()

    assert leader.name == name


def test_a_lease_that_was_deleted_is_made_again(storage: Storage, stand: Callable[[], Leadership]) -> None:
    with storage.writing() as connection:
        connection.exec_driver_sql("DELETE FROM tiger_rest_leadership")
    leader = stand()

    wait_until(lambda: leader.is_leader, 15)


def test_a_job_of_the_leader_runs_nowhere_else(storage: Storage) -> None:
    ran: list[int] = []
    candidates = [Leadership(storage, QUICK) for _ in range(3)]
    for number, each in enumerate(candidates):
        each.add_job(Job("count", 0.05, lambda _term, number=number: ran.append(number)))  # type: ignore[misc]
        each.start()
    wait_until(lambda: len(ran) >= 5, 15)
    leaders = [number for number, each in enumerate(candidates) if each.is_leader]
    for each in candidates:
        each.stop()

    assert set(ran[:5]) == set(leaders)
