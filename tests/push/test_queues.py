"""What waits for a listener is bounded, and what is left out is said to be."""

import threading

import pytest
from tigeropen.push.pb.AssetData_pb2 import AssetData

from app.push import AccountEvent, Gap
from app.push.queues import TellingQueue
from app.tiger.push.account_data import READERS
from tests.support.server import wait_until

NOTHING = READERS["assetData"](AssetData(account="A"))
GAP = Gap("1", "accounts", "overflow", None, 0, ("A",))


def event(number):
    return AccountEvent("1", "A", number, NOTHING)


@pytest.fixture
def gate():
    """Give what a listener waits for."""
    return threading.Event()


@pytest.fixture
def told():
    """Give what has been told."""
    return []


@pytest.fixture
def queue(gate, told):
    """Give a queue of three, whose listener waits."""

    def tell(one):
        gate.wait(10)
        told.append(one)

    queue = TellingQueue("test", tell, lambda: True, most=3)
    yield queue
    gate.set()
    queue.close(5)


def test_all_is_told_in_order(queue, gate, told):
    events = [event(number) for number in range(3)]
    for each in events:
        queue.put(each)
    gate.set()

    wait_until(lambda: told == events, 10)


def test_what_finds_it_full_is_left_out_and_a_gap_takes_the_place_of_what_waits(queue, gate, told):
    taken = [queue.put(event(number)) for number in range(10)]
    queue.replace(GAP)
    gate.set()
    wait_until(lambda: GAP in told, 10)

    assert False in taken
    assert len(told) <= 2
    assert told[-1] == GAP


def test_a_gap_finds_room_behind_events(queue, gate, told):
    while queue.put(event(1)):
        pass
    found = queue.put(GAP)
    gate.set()
    wait_until(lambda: GAP in told, 10)

    assert found


def test_nothing_is_told_once_the_term_is_over_and_that_is_noted(told):
    queue = TellingQueue("test", told.append, lambda: False)
    queue.put(event(1))
    wait_until(lambda: queue.has_withheld, 10)
    queue.close(5)

    assert told == []
