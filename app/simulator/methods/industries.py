"""Wire methods for industries: industry_list, industry_stocks, stock_industry."""

from collections.abc import Mapping
from typing import Any

from app.simulator.market.industries import INDUSTRIES, LEVELS, Industry, list_industries, list_members
from app.simulator.market.listings import LISTINGS
from app.simulator.methods.requests import fields_of, language_of, read_markets, read_symbol, read_text, refused
from app.simulator.wire import Handler, WireRequest


class IndustryMethods:
    """Answer which industries there are and who belongs to them."""

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "industry_list": self.industries,
            "industry_stocks": self.stocks,
            "stock_industry": self.of_stock,
        }

    def industries(self, request: WireRequest) -> list[dict[str, str]]:
        """Answer the industries of a level."""
        level = fields_of(request).get("industry_level") or "GGROUP"
        if level not in LEVELS:
            raise refused(f"industry_level '{level}' is not supported")
        return [_row(industry) for industry in INDUSTRIES.values() if industry.level == level]

    def stocks(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer the companies of a market in an industry, each with its four industries."""
        biz = fields_of(request)
        code = read_text({"industry_id": str(biz.get("industry_id") or "")}, "industry_id")
        if code not in INDUSTRIES:
            raise refused(f"industry_id '{code}' is not supported")
        language = language_of(request)
        return [
            {
                "symbol": symbol,
                "companyName": LISTINGS[symbol].name_in(language),
                "market": market,
                "industryDetailDTOList": [_row(industry) for industry in list_industries(symbol)],
            }
            for market in read_markets(biz)
            for symbol in list_members(code, market)
        ]

    def of_stock(self, request: WireRequest) -> list[dict[str, str]]:
        """Answer the four industries of a company, the widest first."""
        biz = fields_of(request)
        listing = LISTINGS.get(read_symbol(biz))
        if listing is None or listing.market not in read_markets(biz):
            return []
        return [_row(industry) for industry in list_industries(listing.symbol)]


def _row(industry: Industry) -> dict[str, str]:
    return {
        "id": industry.code,
        "industryLevel": industry.level,
        "nameCN": industry.chinese_name,
        "nameEN": industry.name,
    }
