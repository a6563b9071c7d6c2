"""Wire methods for Hong Kong warrants and bull/bear contracts: warrant_real_time_quote and warrant_filter."""

from collections.abc import Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from app.simulator.market.derivatives import Derivatives, Warrant
from app.simulator.market.exchange import Exchange
from app.simulator.market.noise import seed_of, uniform
from app.simulator.market.warrants import Warrants, expires_ms, ratio_of
from app.simulator.methods.requests import (
    fields_of,
    language_of,
    read_integer,
    read_symbol,
    read_symbols,
    refused,
)
from app.simulator.methods.warrant_filters import get_bounds, read_filter
from app.simulator.wire import Handler, WireRequest

_DEFAULT_PAGE, _LARGEST_PAGE = 50, 200
_LISTED_FOR_MS = 365 * 86_400_000
_TYPES = {("WAR", "CALL"): 1, ("WAR", "PUT"): 2, ("IOPT", "CALL"): 3, ("IOPT", "PUT"): 4}
_NORMAL, _ENDED = 1, 2
_ISSUERS = {"UB": "UBS", "JP": "J.P. Morgan", "SG": "Societe Generale", "HS": "HSBC"}


class WarrantMethods:
    """Answer quotes of warrants, and those of one underlying that pass a filter."""

    def __init__(self, exchange: Exchange, derivatives: Derivatives, warrants: Warrants) -> None:
        self._exchange = exchange
        self._derivatives = derivatives
        self._warrants = warrants

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {"warrant_real_time_quote": self.quotes, "warrant_filter": self.filter}

    def quotes(self, request: WireRequest) -> dict[str, Any]:
        """Answer running quotes with what they mean for the underlying."""
        items = []
        for symbol in read_symbols(fields_of(request)):
            warrant = self._derivatives.warrant(symbol, request.now_ms)
            if warrant is None:
                continue
            quote = self._warrants.quote(warrant, request.now_ms)
            figures = self._figures(warrant, request.now_ms)
            ends_ms = expires_ms(warrant)
            items.append(
                {
                    "symbol": symbol,
                    "name": warrant.name_in(language_of(request)),
                    "exchange": "SEHK",
                    "market": "HK",
                    "secType": warrant.sec_type,
                    "currency": "HKD",
                    "expiry": _dashed(warrant.expiry),
                    "strike": str(float(warrant.strike)),
                    "right": warrant.right,
                    "multiplier": float(warrant.shares_per_lot),
                    "lastTradingDate": self._exchange.calendar("HK").current(ends_ms - 1).midnight_ms,
                    "minTick": warrant.ticks.tick_units(warrant.ticks.units(quote.latest)) / warrant.ticks.scale,
                    "listingDate": ends_ms - _LISTED_FOR_MS,
                    "halted": 3 if self._warrants.is_knocked_out(warrant, request.now_ms) else 0,
                    "underlyingSymbol": warrant.underlying,
                    "timestamp": quote.latest_ms,
                    "latestPrice": quote.latest,
                    "preClose": quote.pre_close,
                    "open": quote.open,
                    "high": quote.high,
                    "low": quote.low,
                    "volume": quote.volume,
                    "amount": round(quote.latest * quote.volume, 3),
                }
                | figures
            )
        return {"items": items}

    def filter(self, request: WireRequest) -> dict[str, Any]:
        """Answer a page of the warrants on one underlying, with the bounds of what may be asked for."""
        biz = fields_of(request)
        page, size = read_integer(biz, "page", 0), read_integer(biz, "page_size", _DEFAULT_PAGE)
        if page < 0 or not 1 <= size <= _LARGEST_PAGE:
            raise refused("page or page_size is out of range")
        admits = read_filter(biz)
        rows = [
            self._filter_row(warrant, request)
            for warrant in self._derivatives.warrants(read_symbol(biz), request.now_ms)
        ]
        found = [row for row in rows if admits(row)]
        field = biz.get("sort_field_name")
        if field and rows:
            if all(field not in row for row in rows):
                raise refused(f"sort_field_name '{field}' is not supported")
            found = [row for row in found if field in row]
            found.sort(key=itemgetter(field), reverse=biz.get("sort_dir") == "SortDir_Descend")
        issuers = sorted(_ISSUERS.values())
        return {
            "page": page,
            "totalPage": -(-len(found) // size),
            "totalCount": len(found),
            "items": found[page * size : (page + 1) * size],
            "bounds": get_bounds(rows, issuers),
        }

    def _filter_row(self, warrant: Warrant, request: WireRequest) -> dict[str, Any]:
        quote = self._warrants.quote(warrant, request.now_ms)
        figures = self._figures(warrant, request.now_ms)
        return {
            "symbol": warrant.symbol,
            "name": warrant.name_in(language_of(request)),
            "type": _TYPES[warrant.sec_type, warrant.right],
            "secType": warrant.sec_type,
            "market": "HK",
            "issuerName": _ISSUERS[warrant.name[:2]],
            "expireDate": _dashed(warrant.expiry),
            "lastTradingDate": _dashed(warrant.expiry),
            "state": _ENDED if self._warrants.is_knocked_out(warrant, request.now_ms) else _NORMAL,
            "changeRate": round(quote.latest / quote.pre_close - 1, 6),
            "change": round(quote.latest - quote.pre_close, 3),
            "latestPrice": quote.latest,
            "volume": quote.volume,
            "amount": round(quote.latest * quote.volume, 3),
            "lotSize": warrant.shares_per_lot,
            "strike": str(float(warrant.strike)),
        } | figures

    def _figures(self, warrant: Warrant, now_ms: int) -> dict[str, Any]:
        """Return what a warrant's price means for its underlying; ratios are parts, 0.02 for 2 %."""
        spot = self._exchange.quote(warrant.underlying, now_ms).latest
        price = self._warrants.quote(warrant, now_ms).latest
        _, volatility, delta = self._warrants.value(warrant, now_ms)
        ratio, strike = ratio_of(warrant), float(warrant.strike)
        sign = 1 if warrant.right == "CALL" else -1
        breakeven = strike + sign * price * ratio
        leverage = spot / (price * ratio)
        figures: dict[str, Any] = {
            "entitlementRatio": float(ratio),
            "entitlementPrice": round(price * ratio, 3),
            "premium": round(sign * (breakeven / spot - 1), 6),
            "breakevenPoint": round(breakeven, 3),
            "outstandingRatio": round(uniform(seed_of(warrant.symbol, "outstanding"), 0) * 0.6, 4),
            "inOutPrice": round(sign * (spot / strike - 1), 6),
            "leverageRatio": round(leverage, 4),
            "effectiveLeverage": round(leverage * abs(delta), 4),
        }
        if warrant.sec_type == "WAR":
            return figures | {"delta": round(delta, 4), "impliedVolatility": round(volatility, 6)}
        return figures | {"callPrice": strike, "beforeCallLevel": round(sign * (spot / strike - 1), 6)}


def _dashed(date: str) -> str:
    return datetime.strptime(date, "%Y%m%d").date().isoformat()  # noqa: DTZ007 - a date without a time.
