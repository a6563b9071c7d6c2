"""What a developer bought of Tiger's limits, and what is left of them (``addon_entitlements``, ``kline_quota``)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import ADDON_ENTITLEMENTS, KLINE_QUOTA
from tigeropen.common.model import BaseParams
from tigeropen.quote.request.model import KlineQuotaParams

from app.errors import GatewayError
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.wire.fields import get_decoder
from app.tiger.wire.methods import HIGH, LOW, MIDDLE
from app.tiger.wire.values import mapping, milliseconds, number, rows, text, truth, whole

ENTITLEMENTS: Final = Kind("entitlements", lambda _seconds: 60.0, is_shared=True)
QUOTA: Final = Kind("history_quota", lambda _seconds: 60.0, is_shared=True)
"""Ten calls a minute [docs: get_kline_quota]."""
_decode_quota: Final = get_decoder((text, "method"), (whole, "used remaining=remain"))
_decode_plan: Final = get_decoder((text, "type=planType"), (milliseconds, "expires_at=expireTime"))
_decode_addon: Final = get_decoder(
    (text, "type=planType"), (truth, "active"), (milliseconds, "starts_at=startTime expires_at=expireTime")
)
_decode_limits: Final = get_decoder(
    (whole, "high_frequency_calls=highFreqLimit middle_frequency_calls=midFreqLimit low_frequency_calls=lowFreqLimit"),
    (number, "rate_multiple"),
    (whole, "history_stocks=historyStockLimit history_stocks_remaining=historyStockRemaining"),
    (whole, "history_futures=historyFutureLimit history_futures_remaining=historyFutureRemaining"),
    (whole, "history_options=historyOptionLimit history_options_remaining=historyOptionRemaining"),
    (whole, "subscriptions=subscribeLimit subscriptions_remaining=subscribeRemaining"),
    (whole, "depth_subscriptions=subscribeDepthLimit depth_subscriptions_remaining=subscribeDepthRemaining"),
)

CLASSES: Final = (("highFreqLimit", HIGH), ("midFreqLimit", MIDDLE), ("lowFreqLimit", LOW))
MOST_TIMES: Final = 20
"""No figure beyond so many times what is published is believed, nor one below a tenth of it."""
LEAST_SHARE: Final = 10


def fetch_entitlements(session: Session) -> dict[str, Any]:
    """Return the quotas of history and what was bought; either is None where Tiger does not say it, or not now.

    Not every account is told of them, and what the user may read is worth knowing without.
    """
    return {
        "history_quota": _read(session, KLINE_QUOTA, KlineQuotaParams(), get_quotas, QUOTA),
        "entitlements": _read(session, ADDON_ENTITLEMENTS, None, get_entitlements, ENTITLEMENTS),
    }


def get_quotas(data: Any) -> list[dict[str, Any]]:
    """Return the quotas of an answer; one of nothing is left out."""
    return [quota for quota in map(_decode_quota, rows(data)) if quota["method"]]


def get_entitlements(data: Any) -> dict[str, Any]:
    """Return what was bought, and the limits in force."""
    told = mapping(data)
    plan = mapping(told.get("activePlan"))
    return {
        "user_level": text(told.get("userLevel")),
        "plan": _decode_plan(plan) if plan else None,
        "addons": [_decode_addon(addon) for addon in rows(told.get("addons"))],
        "limits": _decode_limits(mapping(told.get("effectiveEntitlement"))),
    }


def _read(session: Session, method: str, params: BaseParams | None, decode: Callable[[Any], Any], kind: Kind) -> Any:
    try:
        return session.read(method, params, session.read_deadline(), decode=decode, kind=kind)
    except GatewayError:
        return None


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
