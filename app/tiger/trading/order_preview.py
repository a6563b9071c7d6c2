"""Ask Tiger what an order would need and cost, without placing it."""

from collections.abc import Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import PREVIEW_ORDER

from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import call_harmless
from app.tiger.trading.prepared_orders import PreparedOrder
from app.tiger.wire.fields import get_decoder
from app.tiger.wire.values import mapping, number, text, truth


def preview(session: Session, prepared: PreparedOrder, deadline: Deadline) -> dict[str, Any]:
    """Return what Tiger expects of an order without placing it: whether it passes, its margin and its cost.

    Raises:
        OrderRejected: Tiger refused to answer for it.
        GatewayError: Never in doubt: nothing is ordered.
    """
    params = prepared.params
    params.account = session.account.account
    data = mapping(call_harmless(session, PREVIEW_ORDER, params, deadline))
    return {"symbol": prepared.contract.symbol, "outside_rth": params.outside_rth, **get_preview(data)}


def get_preview(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a preview; older answers hold a warning instead of a verdict [SDK: preview_order]."""
    warning, decoded = text(data.get("warningText")), _decode(data)
    verdict = decoded["is_pass"]
    if verdict is None and (warning is not None or decoded["init_margin"] is not None):
        verdict = warning is None
    return {
        **decoded,
        "is_pass": verdict,
        "message": decoded["message"] or warning,
        "available_ee": number(data.get("availableEE", data.get("availableEe"))),
    }


_decode: Final = get_decoder(
    (truth, "is_pass"),
    (text, "message"),
    (number, "init_margin_before init_margin maint_margin_before maint_margin"),
    (text, "margin_currency"),
    (number, "equity_with_loan_before equity_with_loan min_commission max_commission commission"),
    (text, "commission_currency"),
    (number, "gst available_ee excess_liquidity"),
)
