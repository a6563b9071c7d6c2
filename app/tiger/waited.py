"""How long each thread has waited for Tiger, so that a request can say which part of its time went by so."""

import threading


class _Waited(threading.local):
    seconds = 0.0


_waited = _Waited()


def add_waited_seconds(seconds: float) -> None:
    """Add to the time that this thread has waited for Tiger."""
    _waited.seconds += seconds


def get_waited_seconds() -> float:
    """Return how long this thread has waited for Tiger since it began; it only grows."""
    return _waited.seconds
