"""Ask Tiger what an order would need and cost, without placing it."""

from collections.abc import Mapping
from typing import Any

from tigeropen.common.consts.service_types import PREVIEW_ORDER

from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import call_harmless
from app.tiger.trading.order_tickets import PreparedOrder
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
    warning = text(data.get("warningText"))
    verdict = truth(data.get("isPass"))
    margin = number(data.get("initMargin"))
    if verdict is None and (warning is not None or margin is not None):
        verdict = warning is None
    return {
        "is_pass": verdict,
        "message": text(data.get("message")) or warning,
        "init_margin_before": number(data.get("initMarginBefore")),
        "init_margin": margin,
        "maint_margin_before": number(data.get("maintMarginBefore")),
        "maint_margin": number(data.get("maintMargin")),
        "margin_currency": text(data.get("marginCurrency")),
        "equity_with_loan_before": number(data.get("equityWithLoanBefore")),
        "equity_with_loan": number(data.get("equityWithLoan")),
        "min_commission": number(data.get("minCommission")),
        "max_commission": number(data.get("maxCommission")),
        "commission": number(data.get("commission")),
        "commission_currency": text(data.get("commissionCurrency")),
        "gst": number(data.get("gst")),
        "available_ee": number(data.get("availableEE", data.get("availableEe"))),
        "excess_liquidity": number(data.get("excessLiquidity")),
    }
