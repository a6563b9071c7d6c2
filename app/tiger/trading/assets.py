"""Assets of an account: prime and paper accounts by segment, legacy global ones as a whole."""

from collections.abc import Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import ASSETS, PRIME_ASSETS
from tigeropen.trade.request.model import AssetParams

from app.errors import TigerError
from app.tiger.sessions import Session
from app.tiger.trading.account_kinds import is_global
from app.tiger.wire.fields import fill, get_decoder
from app.tiger.wire.values import identifier, mapping, milliseconds, number, rows, text

SECURITIES: Final = "S"

OTHER_SPELLINGS: Final = {"unrealizedPnl": "unrealizedPnL", "realizedPnl": "realizedPnL"}
"""How the SDK has what global accounts spell otherwise [docs: assets of global accounts]."""

# For a segment of a prime account, for one of its currencies, and for a global account [SDK: AssetsResponse].
_decode_segment: Final = get_decoder(
    (text, "category currency capability"),
    (number, "net_liquidation cash_balance cash_available_for_trade cash_available_for_withdrawal buying_power"),
    (number, "gross_position_value equity_with_loan init_margin maintain_margin overnight_margin"),
    (number, "excess_liquidity=excessLiquidation overnight_liquidity=overnightLiquidation"),
    (number, "unrealized_pnl=unrealizedPL realized_pnl=realizedPL today_pnl=totalTodayPL"),
    (number, "locked_funds uncollected leverage"),
)
_decode_currency: Final = get_decoder((text, "currency"), (number, "cash_balance cash_available_for_trade forex_rate"))
_decode_global: Final = get_decoder(
    (text, "category currency"),
    (number, "net_liquidation cash_balance=cashValue buying_power gross_position_value equity_with_loan"),
    (number, "init_margin=initMarginReq maintain_margin=maintMarginReq excess_liquidity available_funds"),
    (number, "unrealized_pnl realized_pnl leverage"),
)

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
    if is_global(session):
        return _fetch_global(session)
    params = fill(AssetParams(), account=session.account.account, consolidated=True)
    data = mapping(session.read(PRIME_ASSETS, params, session.read_deadline()))
    owner = identifier(data.get("accountId")) or session.account.account
    if owner != session.account.account or not isinstance(data.get("segments"), list):
        raise TigerError("Tiger sent no assets of this account.")
    segments = [get_segment(item) for item in rows(data["segments"])]
    securities = next((segment for segment in segments if segment["category"] == SECURITIES), {})
    return _published(session, securities, milliseconds(data.get("updateTimestamp")), segments)


def get_segment(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return one segment: S securities, C futures, F funds, D digital assets."""
    currencies = [_decode_currency(asset) for asset in rows(item.get("currencyAssets"))]
    return {**_decode_segment(item), "currency_assets": currencies}


def _fetch_global(session: Session) -> dict[str, Any]:
    params = fill(AssetParams(), account=session.account.account, segment=True, market_value=True)
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
    spelled = {name: item.get(other) for name, other in OTHER_SPELLINGS.items()}
    return {**_decode_global({**spelled, **item}), "category": category}


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
