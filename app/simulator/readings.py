"""The open points of Tiger's behaviour, each of which this server can play in more than one way.

Public sources are silent about them or contradict each other, so a client has to be right under every reading. All of
them can be chosen at the start and changed while the server runs; the defaults are the best attested.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Literal, Self, get_args, get_type_hints


@dataclass(frozen=True, slots=True)
class Readings:
    """Hold one choice for each open point.

    ``order_numbers``: whether ``order_no`` reserves what it tells, or tells the next free number until an order has it.
    ``used_number``: how a placement under a number in use is answered: refused with the text documented for global
    accounts, refused with the text of the account's own kind, or answered with the order that has the number.
    ``lookup_by_number``: what ``orders`` with an order_id does on accounts that are not global.
    ``missing_order``: what ``orders`` answers for an id that no order has.
    ``unaffordable``: what becomes of an order that cannot be paid.
    ``expired_day_order``: how a DAY order that ran out ends.
    ``order_rate``: whether placing and modifying is limited to five a second for each account.
    ``quote_permission``: which device may read real-time quotes.
    ``earnings_span``: what an earnings calendar over more than a month answers.
    ``refusal_language``: in which language reasons are told.
    ``ioc_fok``: whether IOC and FOK are taken.
    ``cancel``: whether a cancelled order is PendingCancel first, or keeps its status with cancelStatus RECEIVED.
    ``market_order_outside_rth``: whether outside_rth on market orders is ignored or refused.
    ``push_account_topics``: whether each of the push service's topics of an account brings, and ends, all four.
    """

    order_numbers: Literal["reserved", "next_free"] = "next_free"
    used_number: Literal["refused_1100", "refused_1200", "answers_holder"] = "refused_1100"
    lookup_by_number: Literal["works", "ignored", "refused"] = "works"
    missing_order: Literal["empty", "null", "error"] = "empty"
    unaffordable: Literal["refused_at_once", "taken_then_invalid", "taken_then_inactive"] = "taken_then_invalid"
    expired_day_order: Literal["cancelled_with_remark", "invalid"] = "cancelled_with_remark"
    order_rate: Literal["none", "five_a_second"] = "five_a_second"
    quote_permission: Literal["granted", "needs_grab", "another_device_has_it"] = "needs_grab"
    earnings_span: Literal["any", "one_month_error", "one_month_clipped"] = "one_month_error"
    refusal_language: Literal["en", "zh"] = "zh"
    ioc_fok: Literal["refused", "accepted"] = "refused"
    cancel: Literal["at_once", "two_steps"] = "two_steps"
    market_order_outside_rth: Literal["ignored", "refused"] = "ignored"
    push_account_topics: Literal["together", "apart"] = "together"

    @classmethod
    def read(cls, chosen: Iterable[str]) -> Self:
        """Return the readings that ``NAME=VALUE`` texts choose; raises ValueError naming what would be right."""
        pairs = [text.partition("=") for text in chosen]
        return cls().choose({name.strip(): value.strip() for name, _, value in pairs})

    def choose(self, chosen: Mapping[str, str]) -> Self:
        """Return these readings with some chosen anew; raises ValueError naming what would be right."""
        known = get_choices()
        for name, value in chosen.items():
            if name not in known:
                raise ValueError(f"unknown reading {name!r}; known: {', '.join(known)}")
            if value not in known[name]:
                raise ValueError(f"reading {name} cannot be {value!r}; it is one of {', '.join(known[name])}")
        return replace(self, **dict(chosen))  # type: ignore[arg-type]


def get_choices() -> dict[str, tuple[str, ...]]:
    """Return what each reading may be."""
    hints = get_type_hints(Readings)
    return {item.name: get_args(hints[item.name]) for item in fields(Readings)}


class ReadingsInForce:
    """Hold the readings in force; whatever answers differently under them asks here, call by call."""

    def __init__(self, readings: Readings) -> None:
        self.now = readings
        self._first = readings

    def choose(self, chosen: Mapping[str, str]) -> None:
        """Change some readings from now on; raises ValueError and changes none where one is unknown."""
        self.now = self.now.choose(chosen)

    def reset(self) -> None:
        """Read everything as at the start again."""
        self.now = self._first

    def to_dict(self) -> dict[str, str]:
        """Return each reading's name and value."""
        return asdict(self.now)
