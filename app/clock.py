"""The two clocks of a process: the one on the wall, which anybody can set, and elapsed time, which nobody can.

Waits are counted in elapsed time. The clock on the wall dates what is stored for people and for other processes.
"""

import time


def get_now_ms() -> int:
    """Return the clock on the wall, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def get_elapsed() -> float:
    """Return seconds since some moment in the past, counting on while the process or the machine is stopped.

    Linux stops its plain monotonic clock while the machine is suspended; a leader that slept must notice that it did.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def was_lately(moment_ms: int | None, seconds: float, now_ms: int) -> bool:
    """Return whether a stored moment lies less than so many seconds back; in the future lies none, but a set clock."""
    return moment_ms is not None and 0 <= now_ms - moment_ms < seconds * 1_000
