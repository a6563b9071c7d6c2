"""The states of an order command in the journal, and the moves between them.

    PREPARED ──► SENDING ──► ACCEPTED            Tiger has it ──► REJECTED where Tiger refuses what it had taken
        │          │  ├────► REJECTED            Tiger said no
        ▼          │  ├────► DENIED              it certainly never left, and the client knows
      DENIED       │  └────► UNKNOWN ──► ACCEPTED, REJECTED, ABSENT or SENDING again
                   └───────► ABSENT ───► SENDING again; ACCEPTED or REJECTED where it surfaces late

The row says SENDING before the first byte is sent, so SENDING means "perhaps sent".
"""

import enum
from collections.abc import Mapping
from types import MappingProxyType


class State(enum.StrEnum):
    """Where a command stands.

    UNKNOWN was sent and no answer says what became of it. ABSENT was sent too, and after the stated wait Tiger still
    answered that it does not have it: it never arrived, and may be sent again under the same number.
    """

    PREPARED = "prepared"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DENIED = "denied"


MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.PREPARED: frozenset({State.SENDING, State.DENIED}),
        # SENDING to itself: again, after a failure in which it certainly did not leave, or under another number.
        State.SENDING: frozenset(State) - {State.PREPARED},
        State.UNKNOWN: frozenset(State) - {State.PREPARED, State.DENIED},
        State.ABSENT: frozenset(State) - {State.PREPARED, State.DENIED, State.UNKNOWN},
        State.ACCEPTED: frozenset({State.REJECTED}),
        State.REJECTED: frozenset(),
        State.DENIED: frozenset(),
    }
)
RESOLVED = frozenset({State.ACCEPTED, State.REJECTED, State.DENIED})
OUTCOMES: Mapping[State, str] = MappingProxyType(
    {
        State.PREPARED: "unknown",
        State.SENDING: "unknown",
        State.UNKNOWN: "unknown",
        State.ABSENT: "absent",
        State.ACCEPTED: "accepted",
        State.REJECTED: "rejected",
        State.DENIED: "denied",
    }
)
"""What clients are told of a state. What is absent was sent and never arrived; it may still surface."""


class ImpossibleMove(Exception):
    """The table of moves does not know this one: a bug of ours."""


def check_move(before: State, after: State) -> None:
    """Raise ``ImpossibleMove`` unless the table allows this move."""
    if after not in MOVES[before]:
        raise ImpossibleMove(f"{before} to {after}")
