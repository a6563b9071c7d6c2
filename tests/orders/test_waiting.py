"""Requests that wait for another one's order command leave threads for what must not wait."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from app.gateway import get_gateway
from app.orders.waiting import WaitingRoom
from app.storage.order_tables import order_commands
from app.tiger.pipeline.bulkhead import Bulkhead
from tests.orders.trader import get_price


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


def test_a_command_that_waits_for_nothing_is_worked_on_for_a_part_of_its_time(trader, app):
    trader.place(limit_price=get_price())
    columns = order_commands.c
    with get_gateway(app).storage.reading() as connection:
        rows = connection.execute(select(columns.busy_until - columns.created_at)).scalars().all()

    seconds = get_gateway(app).settings.tiger.order_deadline_seconds
    # PostgreSQL looks at its clock for each column.
    assert max(rows) < 0.9 * seconds * 1_000
    assert min(rows) > 0.4 * seconds * 1_000
