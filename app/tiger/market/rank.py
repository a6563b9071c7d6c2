"""Fetch the stocks of a market that are traded most (wire method ``trade_rank``)."""

from collections.abc import Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import TRADE_RANK
from tigeropen.quote.request.model import MarketParams

from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.wire import values
from app.tiger.wire.fields import fill, get_decoder

RANK: Final = Kind("rank", lambda seconds: seconds.analysis_seconds, is_shared=True)
_decode: Final = get_decoder(
    (values.text, "symbol sec_type market name"), (values.number, "change_rate buy_order_rate sell_order_rate")
)
_decode_extended: Final = get_decoder((values.whole, "trading_status"), (values.number, "change_rate"))


def fetch_rank(session: Session, market: str) -> dict[str, Any]:
    """Return the stocks of a market (US, HK, CN) in Tiger's order; one that names another market is left out."""
    params = fill(MarketParams(), market=market)
    rows = session.read(TRADE_RANK, params, session.read_deadline(), decode=get_ranked, kind=RANK)
    stocks = [row for row in rows if row["market"] in (None, market)]
    return {"market": market, "count": len(stocks), "stocks": stocks}


def get_ranked(data: Any) -> list[dict[str, Any]]:
    """Return the stocks of an answer; a row without a symbol is left out."""
    return [stock for stock in map(_get_stock, values.rows(data)) if stock["symbol"]]


def _get_stock(row: Mapping[str, Any]) -> dict[str, Any]:
    extended = values.mapping(row.get("hourTrading"))
    return {**_decode(row), "extended_hours": _decode_extended(extended) if extended else None}
