"""What a developer bought of Tiger's limits [SDK: get_addon_entitlement]."""

from collections.abc import Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import ADDON_ENTITLEMENTS

from app.tiger.flow.limits import HIGH, LOW, MIDDLE
from app.tiger.sessions import Session
from app.tiger.values import mapping, number, whole

CLASSES: Final = (("highFreqLimit", HIGH), ("midFreqLimit", MIDDLE), ("lowFreqLimit", LOW))
MOST_TIMES: Final = 20
"""No figure beyond so many times what is published is believed, nor one below a tenth of it."""
LEAST_SHARE: Final = 10


def fetch_bought(session: Session) -> tuple[int, int, int] | None:
    """Return the calls a minute of the high, middle and low class, or None where Tiger says nothing to be believed.

    Raises:
        GatewayError: Tiger could not be asked.
    """
    return get_bought(mapping(session.call(ADDON_ENTITLEMENTS, None, deadline=session.read_deadline())))


def get_bought(data: Mapping[str, Any]) -> tuple[int, int, int] | None:
    """Read the limits in an answer.

    Nobody has seen whether ``rateMultiple`` is in the figures already: it is taken to multiply what is published, and
    the larger of the two counts, unless the figure is below what is published.
    """
    effective = mapping(data.get("effectiveEntitlement")) or data
    multiple = number(effective.get("rateMultiple"))
    times = float(multiple) if multiple is not None and 1 <= multiple <= MOST_TIMES else 1.0
    high, middle, low = (_get_calls(whole(effective.get(name)), calls, times) for name, calls in CLASSES)
    return (high, middle, low) if high >= middle >= low else None


def _get_calls(figure: int | None, published: int, times: float) -> int:
    if figure is None or not published <= figure * LEAST_SHARE <= LEAST_SHARE * published * MOST_TIMES:
        figure = published
    return figure if figure < published else max(figure, int(published * times))
