"""Requests of the streams; but for the ticket they stand in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from marshmallow import ValidationError, fields

from schemas.fields import Choice, Flag, Text, Whole, Words
from schemas.requests import optional

TOPICS = ("orders", "transactions", "positions", "assets")
STREAMS = ("events", "quotes")
LONGEST_WAIT_SECONDS = 25


class WrittenTopics(fields.String):
    """Topics, with commas between them."""

    pattern = rf" *({'|'.join(TOPICS)}) *(, *({'|'.join(TOPICS)}) *)*"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        named = [part.strip() for part in super()._deserialize(value, attr, data, **kwargs).split(",")]
        if unknown := [name for name in named if name not in TOPICS]:
            raise ValidationError(f"{unknown[0] or 'Nothing'} is no topic: send some of {', '.join(TOPICS)}.")
        return tuple(dict.fromkeys(named))


class WrittenWhole(Whole):
    """A whole number as an address has it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len("999")
        return super()._deserialize(int(value) if is_number else value, attr, data, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEventsRequest:
    """Ask for the events of an account."""

    topics: Sequence[str] | None = optional(
        cast("fields.Field[Sequence[str]]", WrittenTopics()),
        None,
        "What the events are about, with commas between them; everything where left out.",
    )
    after: str | None = optional(
        Text(longest=64),
        None,
        "The id of the last event that you have had: what came after it follows. Without it how the account stands "
        "comes first.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PollEventsRequest(AccountEventsRequest):
    """Ask for the events of an account that came after one of them."""

    wait: int = optional(
        WrittenWhole(0, LONGEST_WAIT_SECONDS), 20, "How many seconds to wait for the first event where there is none."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTicketRequest:
    """Ask for a ticket that stands for the API key in the address of one stream."""

    stream: str = optional(Choice(STREAMS), "events", "The stream: of events, or of quotes.")
    topics: Sequence[str] | None = optional(Words(TOPICS), None, "The topics, of a stream of events.")
    symbols: str | None = optional(
        Text(longest=4_000), None, "The symbols, of a stream of quotes, as they will stand in its address."
    )
    depth: bool | None = optional(Flag(), None, "Order books, too.")

    def get_query(self, account: str) -> dict[str, str]:
        """Return what stands in the address of the stream besides the ticket."""
        query = {"account": account}
        if self.topics is not None:
            query["topics"] = ",".join(self.topics)
        if self.symbols is not None:
            query["symbols"] = self.symbols
        if self.depth:
            query["depth"] = "1"
        return query
