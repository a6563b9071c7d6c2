"""Measure elapsed time in a way that no change of the clock on the wall can disturb."""

import time


def get_elapsed() -> float:
    """Return seconds since some moment in the past, counting on while the process or the machine is stopped.

    Linux stops its plain monotonic clock while the machine is suspended; a leader that slept must notice that it did.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
