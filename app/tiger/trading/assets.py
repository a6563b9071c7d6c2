"""Assets of an account: prime and paper accounts by segment, legacy global ones as a whole."""

from collections.abc import Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import ASSETS, PRIME_ASSETS
from tigeropen.trade.request.model import AssetParams

from app.errors import TigerError
from app.tiger.sessions import Session
from app.tiger.wire.values import identifier, mapping, milliseconds, number, rows, text

SECURITIES: Final = "S"
GLOBAL_PREFIX: Final = "U"
"""Account ids of legacy global accounts begin with it; they know ``assets`` and not ``prime_assets``."""

SEGMENT_NUMBERS: Final = {
    "net_liquidation": "netLiquidation",
    "cash_balance": "cashBalance",
    "cash_available_for_trade": "cashAvailableForTrade",
    "cash_available_for_withdrawal": "cashAvailableForWithdrawal",
    "buying_power": "buyingPower",
    "gross_position_value": "grossPositionValue",
    "equity_with_loan": "equityWithLoan",
    "init_margin": "initMargin",
    "maintain_margin": "maintainMargin",
    "overnight_margin": "overnightMargin",
    "excess_liquidity": "excessLiquidation",
    "overnight_liquidity": "overnightLiquidation",
    "unrealized_pnl": "unrealizedPL",
    "realized_pnl": "realizedPL",
    "today_pnl": "totalTodayPL",
    "locked_funds": "lockedFunds",
    "uncollected": "uncollected",
    "leverage": "leverage",
}
GLOBAL_NUMBERS: Final = {
    "net_liquidation": "netLiquidation",
    "cash_balance": "cashValue",
    "buying_power": "buyingPower",
    "gross_position_value": "grossPositionValue",
    "equity_with_loan": "equityWithLoan",
    "init_margin": "initMarginReq",
    "maintain_margin": "maintMarginReq",
    "excess_liquidity": "excessLiquidity",
    "available_funds": "availableFunds",
    "unrealized_pnl": "unrealizedPnl",
    "realized_pnl": "realizedPnl",
    "leverage": "leverage",
}
"""Published name → wire name, for a segment of a prime account and for a global one [SDK: AssetsResponse]."""

OTHER_SPELLINGS: Final = {"unrealizedPnl": "unrealizedPnL", "realizedPnl": "realizedPnL"}
"""How the SDK has what global accounts spell otherwise [docs: assets of global accounts]."""

DOCUMENTED: Final = (
    "net_liquidation",
    "cash_balance",
    "buying_power",
    "gross_position_value",
    "unrealized_pnl",
    "realized_pnl",
)


def fetch_assets(session: Session) -> dict[str, Any]:
    """Return the assets of the account: the securities segment's figures, and every segment with its currencies.

    Segments are not added up: a fund segment may repeat figures of the securities segment.

    Raises:
        TigerError: Tiger sent no assets of this account.
        GatewayError: Tiger could not be asked.
    """
    if session.account.account.startswith(GLOBAL_PREFIX):
        return _fetch_global(session)
    params = AssetParams()
    params.account = session.account.account
    params.consolidated = True
    data = mapping(session.read(PRIME_ASSETS, params, session.read_deadline()))
    owner = identifier(data.get("accountId")) or session.account.account
    if owner != session.account.account or not isinstance(data.get("segments"), list):
        raise TigerError("Tiger sent no assets of this account.")
    segments = [get_segment(item) for item in rows(data["segments"])]
    securities = next((segment for segment in segments if segment["category"] == SECURITIES), {})
    return _published(session, securities, milliseconds(data.get("updateTimestamp")), segments)


def get_segment(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return one segment: S securities, C futures, F funds, D digital assets."""
    return {
        "category": text(item.get("category")),
        "currency": text(item.get("currency")),
        "capability": text(item.get("capability")),
        **{name: number(item.get(sent)) for name, sent in SEGMENT_NUMBERS.items()},
        "currency_assets": [
            {
                "currency": text(asset.get("currency")),
                "cash_balance": number(asset.get("cashBalance")),
                "cash_available_for_trade": number(asset.get("cashAvailableForTrade")),
                "forex_rate": number(asset.get("forexRate")),
            }
            for asset in rows(item.get("currencyAssets"))
        ],
    }


def _fetch_global(session: Session) -> dict[str, Any]:
    params = AssetParams()
    params.account = session.account.account
    params.segment = True
    params.market_value = True
    data = session.read(ASSETS, params, session.read_deadline())
    item = next((item for item in rows(data) if identifier(item.get("account")) == session.account.account), None)
    if item is None:
        raise TigerError("Tiger sent no assets of this account.")
    segments = [get_global_segment(*named) for named in _named_segments(item.get("segments"))]
    whole_account = get_global_segment(None, item)
    # The account's own figures are the sum over its segments; the securities segment's come first where it has them.
    securities = next((segment for segment in segments if segment["category"] == SECURITIES), {})
    told = {name: figure for name, figure in securities.items() if figure is not None}
    return _published(session, {**whole_account, **told}, milliseconds(item.get("updateTime")), segments)


def get_global_segment(category: str | None, item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a global account or of one of its segments."""
    return {
        "category": category,
        "currency": text(item.get("currency")),
        **{
            name: number(item.get(sent, item.get(OTHER_SPELLINGS.get(sent, sent))))
            for name, sent in GLOBAL_NUMBERS.items()
        },
    }


def _named_segments(sent: Any) -> list[tuple[str | None, Mapping[str, Any]]]:
    """Return the segments of a global account with their names, which Tiger sends as keys or as a category."""
    if isinstance(sent, dict):
        return [(name, mapping(segment)) for name, segment in sent.items()]
    return [(text(segment.get("category")), segment) for segment in rows(sent)]


def _published(
    session: Session, figures: Mapping[str, Any], update_timestamp: int | None, segments: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "account_id": session.account.account,
        "tiger_id": session.account.tiger_id,
        **{name: figures.get(name) for name in DOCUMENTED},
        "update_timestamp": update_timestamp,
        "currency": figures.get("currency"),
        "segments": segments,
    }
