"""What a developer bought of Tiger's limits [SDK: get_addon_entitlement]."""

from collections.abc import Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import ADDON_ENTITLEMENTS

from app.tiger.sessions import Session
from app.tiger.wire.methods import HIGH, LOW, MIDDLE
from app.tiger.wire.values import mapping, whole

CLASSES: Final = (("highFreqLimit", HIGH), ("midFreqLimit", MIDDLE), ("lowFreqLimit", LOW))
MOST_TIMES: Final = 20
"""No figure beyond so many times what is published is believed, nor one below a tenth of it."""
LEAST_SHARE: Final = 10


def fetch_bought(session: Session) -> tuple[int, int, int] | None:
    """Return the calls a minute of the high, middle and low class, or None where Tiger says nothing to be believed.

    Raises:
        GatewayError: Tiger could not be asked.
    """
    return get_bought(mapping(session.read(ADDON_ENTITLEMENTS, None, session.read_deadline())))


def get_bought(data: Mapping[str, Any]) -> tuple[int, int, int] | None:
    """Read the limits in an answer.

    Nobody has seen whether ``rateMultiple`` is in the figures already. It is left alone: a call too many is worse
    than one too few.
    """
    effective = mapping(data.get("effectiveEntitlement")) or data
    high, middle, low = (_get_calls(whole(effective.get(name)), calls) for name, calls in CLASSES)
    return (high, middle, low) if high >= middle >= low else None


def _get_calls(figure: int | None, published: int) -> int:
    is_sane = figure is not None and published <= figure * LEAST_SHARE <= LEAST_SHARE * published * MOST_TIMES
    return figure if figure is not None and is_sane else published
