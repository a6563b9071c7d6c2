"""Faults on demand: what can be made to go wrong, for which calls, how often."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

PROCESSED_KINDS = frozenset(
    {
        "lost_answer",
        "late_visibility",
        "late_rejection",
        "delivered_twice",
        "late_fills",
        "broken_json",
        "garbage",
        "missing_fields",
        "other_values",
        "unknown_status",
        "foreign_signature",
        "huge_answer",
        "delay_after",
    }
)
"""The call takes effect; what goes wrong is its answer, or when it can be seen."""

UNPROCESSED_KINDS = frozenset(
    {
        "refused",
        "cut_before",
        "http_500",
        "http_429",
        "code",
        "expired_token",
        "hang",
        "late_acceptance",
        "delay",
    }
)
"""The call takes no effect, or (``delay``, ``late_acceptance``) takes it later."""

PUSH_KINDS = frozenset(
    {
        "push_refused",
        "push_dropped",
        "push_delayed",
        "push_duplicated",
        "push_out_of_order",
        "push_cut",
        "push_closed",
        "push_kicked",
        "push_silent",
    }
)
"""What goes wrong with frames of the push service; ``method`` names the command that is answered, or the event."""

DEFAULT_MESSAGE = "server error"

KINDS = PROCESSED_KINDS | UNPROCESSED_KINDS | PUSH_KINDS


@dataclass(frozen=True, slots=True)
class Fault:
    """Describe one thing that goes wrong.

    ``method`` is a wire method or ``*``; ``account`` and ``tiger_id`` narrow it further, and so does ``where``, by
    business fields and what they have to be, or to name where they are lists; of a pushed event, by its own fields.
    ``after`` lets so many calls, or events, pass that it would have struck. ``times`` ends the fault after so many
    calls, ``probability`` (0 to 1, drawn from the plan's seeded generator) lets some calls through. ``seconds`` is
    the length of a delay, of hiding, of refusing, or of lateness: ``late_fills`` has ``positions`` show what was held
    so long ago. ``code`` and ``message`` are used by ``code``, ``push_refused``, ``late_rejection`` and, the message,
    as status by ``unknown_status``.
    ``fields`` are dropped by ``missing_fields``, and ``other_values`` has fields say other ``values``. ``size`` is the
    length of a huge answer, in bytes.
    ``processed`` makes ``http_500``, ``http_429``, ``code``, ``hang`` and ``expired_token`` strike after the
    call has taken effect instead of before.
    """

    kind: str
    method: str = "*"
    times: int | None = None
    probability: float = 1.0
    seconds: float = 0.0
    code: int = 1
    message: str = DEFAULT_MESSAGE
    account: str | None = None
    tiger_id: str | None = None
    fields: tuple[str, ...] = ("id", "orders", "status", "items", "symbol")
    values: Mapping[str, Any] = field(default_factory=dict)
    size: int = 32 * 1024 * 1024
    processed: bool = False
    after: int = 0
    where: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            message = f"unknown fault {self.kind!r}; known: {', '.join(sorted(KINDS))}"
            raise ValueError(message)
        if not 0 <= self.probability <= 1:
            message = "probability must lie between 0 and 1"
            raise ValueError(message)
        if self.times is not None and self.times < 1:
            message = "times must be at least 1"
            raise ValueError(message)
        if self.after < 0:
            message = "after must be at least 0"
            raise ValueError(message)

    @property
    def strikes_after(self) -> bool:
        """Say whether the call takes effect before this goes wrong."""
        return self.processed or self.kind in PROCESSED_KINDS

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Fault":
        """Read a fault that came over the control path; raises ValueError naming what is wrong."""
        known = {item.name for item in fields(cls)}
        if unknown := set(body) - known:
            message = f"unknown fault field {', '.join(sorted(unknown))}"
            raise ValueError(message)
        values = dict(body)
        if "fields" in values:
            values["fields"] = tuple(values["fields"])
        try:
            return cls(**values)
        except TypeError as error:
            raise ValueError(str(error)) from error


class FaultPlan:
    """Hold the faults in force and deal them out, call by call."""

    def __init__(self, seed: int) -> None:
        # The draws must repeat from run to run; nothing secret hangs on them.
        self._random = random.Random(seed)
        self._faults: list[Fault] = []

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Return the faults in force, with the calls they have left."""
        return tuple(self._faults)

    def add(self, faults: Iterable[Fault]) -> None:
        """Put faults in force."""
        self._faults.extend(faults)

    def clear(self) -> None:
        """Let everything go well again."""
        self._faults.clear()

    def draw(self, method: str, tiger_id: str, account: str | None, biz: Any = None) -> tuple[Fault, ...]:
        """Return the faults that strike this call, and count them down."""
        return self._draw(
            lambda fault: fault.kind not in PUSH_KINDS and self._strikes(fault, method, tiger_id, account, biz)
        )

    def draw_pushed(
        self, name: str, tiger_id: str, account: str | None, values: Any, kinds: frozenset[str]
    ) -> tuple[Fault, ...]:
        """Return the faults of these kinds that strike a frame of the push service, and count them down.

        ``name`` is the data type of an event, or the command in capitals that a frame answers; ``*`` means every event.
        """
        is_event = not name.isupper()
        return self._draw(
            lambda fault: (
                fault.kind in kinds
                and (is_event or fault.method == name)
                and self._strikes(fault, name, tiger_id, account, values)
            )
        )

    def _draw(self, strikes: Callable[[Fault], bool]) -> tuple[Fault, ...]:
        struck: list[Fault] = []
        remaining: list[Fault] = []
        for fault in self._faults:
            if not strikes(fault):
                remaining.append(fault)
            elif fault.after:
                remaining.append(replace(fault, after=fault.after - 1))
            else:
                struck.append(fault)
                if fault.times is None:
                    remaining.append(fault)
                elif fault.times > 1:
                    remaining.append(replace(fault, times=fault.times - 1))
        self._faults = remaining
        return tuple(struck)

    def _strikes(self, fault: Fault, method: str, tiger_id: str, account: str | None, biz: Any) -> bool:
        return (
            fault.method in ("*", method)
            and fault.account in (None, account)
            and fault.tiger_id in (None, tiger_id)
            and all(_has(biz, name, value) for name, value in fault.where.items())
            and (fault.probability >= 1 or self._random.random() < fault.probability)
        )


def _has(biz: Any, name: str, value: str) -> bool:
    found = biz.get(name) if isinstance(biz, dict) else None
    return value in map(str, found) if isinstance(found, list) else isinstance(biz, dict) and str(found) == value
