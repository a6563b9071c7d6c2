"""What each process of a run begins with."""

import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every other process begin with tests that are marked as long, so that none of them is begun last.

    Each process is given its part of the list, of equal size, and one that is done takes over from the end of another's
    (pytest-xdist, ``--dist worksteal``).
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if processes == 1:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    short = [item for item in items if not item.get_closest_marker("long")]
    beginners, left = (processes + 1) // 2, len(items)
    items.clear()
    for process in range(processes):
        begun = long[process // 2 :: beginners] if process % 2 == 0 else []
        size = left // (processes - process)
        follow = max(0, size - len(begun))
        items += begun + short[:follow]
        del short[:follow]
        left -= size
