"""Requests that wait for another one's order command leave threads for what must not wait."""

from concurrent.futures import ThreadPoolExecutor

from app.orders.waiting import WaitingRoom
from app.tiger.flow.bulkhead import Bulkhead


def has_place(room: WaitingRoom, bulkhead: Bulkhead) -> bool:
    with room.place(bulkhead) as found:
        return found


def test_a_waiting_request_takes_a_place_of_the_bulkhead():
    bulkhead, room = Bulkhead(2), WaitingRoom(2)
    with ThreadPoolExecutor(1) as pool:
        with bulkhead.entered(is_urgent=True):
            while_full = pool.submit(has_place, room, bulkhead).result()
        afterwards = pool.submit(has_place, room, bulkhead).result()

    assert (while_full, afterwards) == (False, True)


def test_a_place_that_the_bulkhead_refused_is_free_again():
    bulkhead, room = Bulkhead(2), WaitingRoom(1)
    with ThreadPoolExecutor(1) as pool, bulkhead.entered(is_urgent=True):
        pool.submit(has_place, room, bulkhead).result()

    assert has_place(room, bulkhead)
