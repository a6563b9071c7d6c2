"""The rows of the shared count, where clocks go back and counts are new to everybody."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from app.shared.call_counter import CallCounter
from app.storage.pipeline_tables import call_leases
from app.tiger.pipeline.limits import Count

TIGER_ID = "20153921"
ROLES = ("z", "z", "az", "az", "az", "az", "za", "za")
TURNS = 100


def test_a_late_answer_leaves_alone_what_else_is_held(counter, storage, clock):
    count = Count(TIGER_ID, "place_order", 10, 60.0)
    (under_way,) = counter.take([count], is_urgent=True, arrival_seconds=1.0).rows
    clock.advance(-600)  # As where a server's clock is set back.
    counter.count_anew([count], ["a row that is over"])
    with storage.reading() as connection:
        free_at = select(call_leases.c.free_at).where(call_leases.c.id == under_way)
        held_until = connection.execute(free_at).scalar_one()

    # The next call that is counted puts it right, for as long as a call under way counts.
    assert held_until >= 1_000_000 + 61_000


def test_counts_that_are_new_to_all_are_begun_by_many_at_once(storage):
    counter, barrier = CallCounter(storage), threading.Barrier(len(ROLES))

    def count_all(role):
        """Count again and again what nobody has counted before: one after the other, or the later one alone."""
        grants = []
        for turn in range(TURNS):
            barrier.wait(30)
            time.sleep((turn * 7 + len(role) * 3) % 5 / 1_000)
            counts = [Count("new", f"{name}{turn}", len(ROLES), 60.0) for name in role]
            grants.append(counter.take(counts, is_urgent=True, arrival_seconds=1.0))
        return grants

    with ThreadPoolExecutor(len(ROLES)) as pool:
        grants = list(pool.map(count_all, ROLES))

    assert all(len(grant.rows) == len(role) for role, each in zip(ROLES, grants, strict=True) for grant in each)
