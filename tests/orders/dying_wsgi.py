"""The gateway with a worker that dies or stands still, once, at a moment of an order's life that the environment names.

Moments: ``stored`` (the row is on disk, nothing is sent) and ``answered`` (Tiger has answered, nothing of it is
written); the signal is SIGKILL or SIGSTOP. What is patched is patched here; the application has no such switch.
"""

import os
import signal
from pathlib import Path
from typing import Any

from app import create_app
from app.orders.placing import Placing
from app.orders.transitions import Transitions
from app.request_context import get_context
from tests.orders.trader import FATAL_KEY

MOMENT = os.environ["DYING_MOMENT"]
MARK = Path(os.environ["DYING_MARK"])
SIGNAL = signal.Signals[os.environ.get("DYING_SIGNAL", "SIGKILL")]

SEAMS: dict[str, tuple[type, str]] = {"stored": (Placing, "send"), "answered": (Transitions, "conclude")}


def die_once(holder: type, name: str) -> None:
    """Send this worker the signal as it enters a method with the fatal order, the first time."""
    method = getattr(holder, name)

    def dying(*arguments: Any, **named: Any) -> Any:
        is_fatal = any(getattr(argument, "idempotency_key", None) == FATAL_KEY for argument in arguments)
        if is_fatal and not MARK.exists():
            # None of its other threads stands still with SQLite's lock, which everybody would wait for.
            with get_context().gateway.storage.write_queue.turn(5):
                MARK.touch()
                os.kill(os.getpid(), SIGNAL)
        return method(*arguments, **named)

    setattr(holder, name, dying)


if MOMENT in SEAMS:
    die_once(*SEAMS[MOMENT])
app = create_app()
