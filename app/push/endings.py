"""What the end of a connection means: how it stands now, why, how long it is waited, and how loud that is told."""

import logging
import traceback
from dataclasses import dataclass
from typing import Final

from app.push.connection import ConnectionEnded
from app.push.events import Condition
from app.push.pauses import Pauses
from app.push.session import Kicked, SignInRefused
from app.tiger.push.frames import UnreadableFrame
from app.tiger.wire.tls_faults import find_tls_fault

KICKED: Final = (
    "Another program signed in to Tiger's push service with tiger_id %s: it is left there for %.0f s. "
    "Stop that program, or set push.enabled to false"
)
AGAIN: Final = "Push of tiger_id %s: {}; it is tried again in %.1f s"


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a connection; ``pause`` is in seconds, ``text`` takes the tiger_id and the pause."""

    condition: Condition
    kind: str
    reason: str
    pause: float
    level: int
    text: str


def get_ending(error: Exception, pauses: Pauses) -> Ending:
    """Return what an exception that ended a connection means; it counts in the pauses.

    After a bug of ours, too, the next sign-in comes after a pause, and everybody hears that nothing comes.
    """
    match error:
        case Kicked():
            reason = "another program signed in with the same tiger_id"
            return Ending("kicked", "kicked", reason, pauses.after_kick(), logging.ERROR, KICKED)
        case SignInRefused():
            reason = f"Tiger refuses the sign-in: {error}"
            return Ending("refused", "refused", reason, pauses.after_refusal(), logging.ERROR, _say(reason))
        case ConnectionEnded() | UnreadableFrame() | OSError():
            reason = describe(error)
            return Ending("down", "lost", reason, pauses.after_loss(), logging.WARNING, _say(reason))
    reason = f"unexpected {type(error).__name__}"
    # The text of the exception may hold what was read.
    trace = "".join(traceback.format_tb(error.__traceback__))
    return Ending("down", "lost", reason, pauses.after_loss(), logging.ERROR, _say(reason, f"\n{trace}"))


def describe(error: Exception) -> str:
    """Return in a few words why a connection ended, or did not come about."""
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return find_tls_fault(error) or f"no connection: {error.strerror or str(error) or type(error).__name__}{where}"
    return str(error)


def _say(reason: str, further: str = "") -> str:
    # What was said there may hold signs of the log's own.
    return AGAIN.format(reason.replace("%", "%%")) + further.replace("%", "%%")
