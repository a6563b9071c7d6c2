"""Fetch industries, who belongs to them, and which ones a company belongs to.

The industries are those of the Global Industry Classification Standard: four levels, each a part of the one above it.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import INDUSTRY_LIST, INDUSTRY_STOCKS, STOCK_INDUSTRY
from tigeropen.fundamental.request.model import IndustryParams

from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import get_market, get_symbol
from app.tiger.wire import values
from app.tiger.wire.fields import fill, get_decoder

INDUSTRIES: Final = Kind("industries", lambda seconds: seconds.list_seconds, is_shared=True)

_decode: Final = get_decoder(
    (values.identifier, "id"), (values.text, "level=industryLevel name=nameEN chinese_name=nameCN")
)


def fetch_industries(session: Session, level: str) -> dict[str, Any]:
    """Return the industries of a level: GSECTOR, GGROUP, GIND or GSUBIND."""
    params = fill(IndustryParams(), industry_level=level)
    listed = session.read(
        INDUSTRY_LIST, params, session.read_deadline(), decode=partial(get_industries, level=level), kind=INDUSTRIES
    )
    return {"level": level, "industries": listed}


def fetch_industry_stocks(session: Session, industry: str, market: str) -> dict[str, Any]:
    """Return the stocks of an industry in a market (US, HK, CN), each with all its industries, by symbol."""
    params = fill(IndustryParams(), industry_id=industry, market=market)
    decode = partial(get_stocks, industry, market)
    stocks = session.read(INDUSTRY_STOCKS, params, session.read_deadline(), decode=decode, kind=INDUSTRIES)
    return {"industry": industry, "market": market, "count": len(stocks), "stocks": stocks}


def fetch_stock_industries(session: Session, symbol: str) -> dict[str, Any]:
    """Return the industries of a stock, the widest first; none where Tiger knows none.

    Tiger's answer does not say which stock it is about [SDK: StockIndustryResponse], so nothing can be compared.
    """
    symbol = get_symbol(symbol)
    market = get_market(symbol)
    params = fill(IndustryParams(), symbol=symbol, market=market)
    found = session.read(STOCK_INDUSTRY, params, session.read_deadline(), decode=get_industries, kind=INDUSTRIES)
    return {"symbol": symbol, "market": market, "industries": found}


def get_industries(data: Any, level: str | None = None) -> list[dict[str, Any]]:
    """Return the industries of an answer; with a level, without those of another one."""
    listed = [_decode(row) for row in values.rows(data)]
    return [row for row in listed if row["id"] and (level is None or row["level"] in {None, level})]


def get_stocks(industry: str, market: str, data: Any) -> list[dict[str, Any]]:
    """Return the stocks of an answer by symbol, without those of another industry or market."""
    found = (_get_stock(row) for row in values.rows(data))
    wanted = (stock for stock in found if stock["symbol"] and _belongs(stock, industry, market))
    return sorted(wanted, key=lambda stock: stock["symbol"])


def _get_stock(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "symbol": values.text(row.get("symbol")),
        "name": values.text(row.get("companyName")),
        "market": values.text(row.get("market")),
        "industries": get_industries(row.get("industryDetailDTOList")),
    }


def _belongs(stock: Mapping[str, Any], industry: str, market: str) -> bool:
    named = {row["id"] for row in stock["industries"]}
    return (not named or industry in named) and stock["market"] in {None, market}
