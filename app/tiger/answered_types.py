"""Choose by the type of an instrument how Tiger is asked about it."""

from collections.abc import Mapping
from typing import TypeVar

from app.errors import InvalidRequest
from app.tiger.identification import get_instrument
from app.tiger.instrument import Instrument, UnclearInstrument

S = TypeVar("S")


def choose_by_type(sources: Mapping[str, S], instrument: Instrument, subject: str) -> S:
    """Return what answers about the instrument; ``subject`` is what is asked for, in the plural.

    Raises:
        InvalidRequest: Tiger answers this for no instrument of that type.
    """
    source = sources.get(instrument.sec_type)
    if source is None:
        reason = f"Tiger has {subject} of {', '.join(sources)} only, not of {instrument.sec_type}."
        raise InvalidRequest(reason, details={"sec_type": [reason]})
    return source


def read_instrument(named: str | Instrument) -> Instrument:
    """Return the instrument, which a caller without its type names by its symbol or identifier alone.

    Raises:
        InvalidRequest: It names nothing.
    """
    if isinstance(named, Instrument):
        return named
    try:
        return get_instrument(named)
    except UnclearInstrument as error:
        raise InvalidRequest.of_fields({name: [reason] for name, reason in error.details.items()}) from error
