"""What was seen of an order, an execution, a position or a segment, and whether that is news.

The same is seen several times: by the journal, by push, and by comparing; a push may come late. Each subject has one
row, how it was when something was last told of it, and these pure functions decide by it.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Protocol

from app.events.events import Topic

State = dict[str, Any]
OVER: Final = frozenset({"filled", "cancelled", "expired", "rejected"})
"""Phases of an order that are for good, but for fills that come to be known later."""
OPEN: Final = "open"
FIGURES: Final = ("quantity", "limit_price", "stop_price", "trailing_percent", "trailing_amount")
"""What a change of an order changes."""


class Sighting(Protocol):
    """Something seen of one subject; ``data`` is what clients are told of it."""

    @property
    def topic(self) -> Topic:
        """Return the topic of its events."""
        ...

    @property
    def subject(self) -> str:
        """Return the name of the row that says what was last told of it."""
        ...

    @property
    def moment(self) -> int | None:
        """Return when it came to be so, epoch milliseconds of Tiger's clock."""
        ...

    @property
    def data(self) -> dict[str, Any]:
        """Return what clients are told."""
        ...

    def find_type(self, told: State | None) -> str | None:
        """Return the type of the event that tells of it, or None where it is no news beside what was told."""
        ...

    def get_state(self, told: State | None) -> State:
        """Return what to keep once it is told."""
        ...


@dataclass(frozen=True, slots=True)
class OrderSighting:
    """An order as it stands; ``phase`` is open, filled, cancelled, expired or rejected.

    Moments are whole seconds: ``is_listed`` says that it stands so now, whatever else was told of the same second.
    """

    order_id: str
    phase: str
    filled: Decimal
    quantity: Decimal | None
    limit_price: Decimal | None
    stop_price: Decimal | None
    moment: int | None
    command_id: str | None = None
    trailing_percent: Decimal | None = None
    trailing_amount: Decimal | None = None
    is_listed: bool = False
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def topic(self) -> Topic:
        """Return the topic of its events."""
        return Topic.ORDERS

    @property
    def subject(self) -> str:
        """Return the name of its row."""
        return get_order_subject(self.order_id)

    @property
    def data(self) -> dict[str, Any]:
        """Return what clients are told."""
        return self.told

    def find_type(self, told: State | None) -> str | None:
        """Return what has happened; fills only grow, an end is an end, and figures change with the clock."""
        if told is None:
            return self._name("submitted")
        before = Decimal(told["filled"])
        if self.filled < before:
            return None
        if self.filled > before:
            return self._name("partly_filled")
        if told["phase"] in OVER:
            return None
        if self.phase in OVER:
            return self.phase
        since = told.get("moment")
        is_newer = self.moment is not None and since is not None and self.moment > since - self.is_listed
        return "changed" if is_newer and self._has_other_figures(told) else None

    def get_state(self, told: State | None) -> State:
        """Return what to keep; who asked for the order stays known."""
        figures = {name: getattr(self, name) for name in FIGURES}
        kept = {name: None if value is None else str(value) for name, value in figures.items()}
        before = told or {}
        moments = [moment for moment in (self.moment, before.get("moment")) if moment is not None]
        return {
            "phase": self.phase,
            "filled": str(self.filled),
            "moment": max(moments, default=None),
            **{name: value if value is not None else before.get(name) for name, value in kept.items()},
            "client_order_id": before.get("client_order_id"),
            "command_id": before.get("command_id") or self.command_id,
        }

    def _name(self, otherwise: str) -> str:
        if self.phase in OVER:
            return self.phase
        return "partly_filled" if self.filled else otherwise

    def _has_other_figures(self, told: State) -> bool:
        pairs = [(getattr(self, name), told.get(name)) for name in FIGURES]
        return any(now is not None and was is not None and now != Decimal(was) for now, was in pairs)


@dataclass(frozen=True, slots=True)
class FillSighting:
    """An execution: it happens once, and never changes."""

    fill_id: str
    order_id: str | None
    moment: int | None
    data: dict[str, Any]

    @property
    def topic(self) -> Topic:
        """Return the topic of its event."""
        return Topic.TRANSACTIONS

    @property
    def subject(self) -> str:
        """Return the name of its row."""
        return f"fill:{self.fill_id}"

    def find_type(self, told: State | None) -> str | None:
        """Return the type of its one event."""
        return "fill" if told is None else None

    def get_state(self, _told: State | None) -> State:
        """Return nothing: that it was told is all there is."""
        return {}


@dataclass(frozen=True, slots=True)
class FigureSighting:
    """A position by its quantity, or a segment by its cash: prices move all the time and are told elsewhere.

    ``moment`` is one at which it was so for certain.
    """

    topic: Topic
    name: str
    figure: Decimal
    moment: int | None
    data: dict[str, Any]

    @property
    def subject(self) -> str:
        """Return the name of its row."""
        return f"{self.topic}:{self.name}"

    def find_type(self, told: State | None) -> str | None:
        """Return its type where the figure is another one, unless something newer was told."""
        kind = "position" if self.topic is Topic.POSITIONS else "assets"
        if told is None:
            return kind if self.figure else None
        since = told.get("moment")
        if self.moment is not None and since is not None and self.moment < since:
            return None
        return kind if Decimal(told["figure"]) != self.figure else None

    def get_state(self, _told: State | None) -> State:
        """Return the figure and since when it was so."""
        return {"figure": str(self.figure), "moment": self.moment}


def get_order_subject(order_id: str) -> str:
    """Return the name of an order's row."""
    return f"order:{order_id}"


def read_state(written: str) -> State:
    """Return the state that a row holds."""
    state: State = json.loads(written)
    return state


def write_state(state: State) -> str:
    """Return what a row holds."""
    return json.dumps(state, separators=(",", ":"))
