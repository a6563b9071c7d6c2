"""The request for a stream of quotes, which stands in the query of an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.tiger.identification import get_instrument
from app.tiger.instrument import SECURITY_TYPES, Instrument, UnclearInstrument
from schemas.fields import Choice, Symbols, Text
from schemas.requests import get_error, optional, required

MOST_STREAMED: Final = 300
YES: Final = ("1", "true")
NO: Final = ("0", "false")


class WrittenSymbols(Symbols):
    """Symbols as the query of an address has them: one behind the other, with commas between."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Sequence[str]:
        written = value.split(",") if isinstance(value, str) else value
        return super()._deserialize(written, attr, data, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteStreamRequest:
    """Ask for the quotes of instruments as they change."""

    symbols: Sequence[str] = required(
        WrittenSymbols(MOST_STREAMED),
        "Up to 300 symbols with commas between: of stocks, of options by their identifiers, of futures.",
    )
    sec_type: str | None = optional(
        Choice(SECURITY_TYPES), None, "The kind of all of them. Left out, the form of each symbol tells it."
    )
    depth: str = optional(Choice((*YES, *NO)), NO[0], "1 for the order books as well.")
    after: str | None = optional(
        Text(), None, "The id of the last event that you saw, where you cannot send the header Last-Event-ID."
    )

    def __post_init__(self) -> None:
        """Refuse a symbol that identifies nothing."""
        try:
            _ = self.named
        except UnclearInstrument as error:
            raise get_error(str(error), "symbols") from error

    @property
    def named(self) -> tuple[Instrument, ...]:
        """Return what is asked for, each once."""
        return tuple(dict.fromkeys(get_instrument(symbol, self.sec_type) for symbol in self.symbols))

    @property
    def has_depth(self) -> bool:
        """Tell whether order books are asked for."""
        return self.depth in YES
