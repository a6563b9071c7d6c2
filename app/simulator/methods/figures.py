"""Wire methods for figures about stocks: stock_fundamental, quote_shortable_stocks, trade_rank."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app.simulator.market.companies import Companies
from app.simulator.market.exchange import Exchange
from app.simulator.market.instruments import STOCK, Instrument
from app.simulator.market.listings import LISTINGS
from app.simulator.market.noise import seed_of, smooth
from app.simulator.market.ratios import float_shares, get_ratios, get_year
from app.simulator.market.sessions import Session, get_extended_quote
from app.simulator.methods.requests import fields_of, language_of, missing, read_markets, read_symbols
from app.simulator.wire import Handler, WireRequest

_REPORTS = 24
_PUBLISHED_AFTER = timedelta(days=9)
_RANKED = 30
_STATUSES = {Session.PRE_MARKET: 1, Session.AFTER_HOURS: 3}


class FigureMethods:
    """Answer figures that follow from prices and accounts; what is not listed is left out of the answer."""

    def __init__(self, exchange: Exchange, companies: Companies) -> None:
        self._exchange = exchange
        self._companies = companies

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "stock_fundamental": self.fundamentals,
            "quote_shortable_stocks": self.short_interest,
            "trade_rank": self.rank,
        }

    def fundamentals(self, request: WireRequest) -> dict[str, Any]:
        """Answer ratios of price and accounts."""
        biz = fields_of(request)
        markets = read_markets(biz)
        stocks = [self._exchange.stock(symbol) for symbol in read_symbols(biz)]
        return {
            "items": [
                {"symbol": stock.symbol}
                | get_ratios(self._companies, self._exchange.series(stock.symbol), request.now_ms)
                for stock in stocks
                if stock is not None and stock.market in markets
            ]
        }

    def short_interest(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer what is sold short of United States stocks, twice a month, newest first."""
        answer = []
        for symbol in read_symbols(fields_of(request)):
            stock = self._exchange.stock(symbol)
            if stock is None or stock.market != "US":
                continue
            volume = max(get_year(self._exchange.series(symbol), request.now_ms).mean_volume, 1)
            today = self._exchange.calendar("US").local_date(request.now_ms)
            items = [self._report(stock, on, volume) for on in _settlement_dates(today)]
            answer.append({"symbol": symbol, "items": items})
        return answer

    def _report(self, stock: Instrument, on: date, volume: int) -> dict[str, Any]:
        seed = seed_of(self._exchange.seed, stock.symbol, "short interest")
        part = 0.004 + stock.volatility * 0.06 * (1 + 0.4 * smooth(seed, on.toordinal() / 45))
        interest = int(stock.shares * part) if stock.shortable else 0
        return {
            "settlementDate": on.isoformat(),
            "shortInterest": interest,
            "avgDailyVolume": volume,
            "daysToCover": round(interest / volume, 6),
            "percentOfFloat": round(interest / float_shares(stock.shares), 6),
        }

    def rank(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer the stocks of a market in which most money was traded today, the first of them first."""
        biz = fields_of(request)
        if not biz.get("market"):
            raise missing("market")
        markets = read_markets(biz)
        rows = []
        for stock in LISTINGS.values():
            if stock.market not in markets or stock.sec_type != STOCK:
                continue
            quote = self._exchange.quote(stock.symbol, request.now_ms)
            offered = quote.bid_size + quote.ask_size
            row: dict[str, Any] = {
                "symbol": stock.symbol,
                "market": stock.market,
                "name": stock.name_in(language_of(request)),
                "secType": STOCK,
                "changeRate": round(quote.latest / quote.pre_close - 1, 6),
                "sellOrderRate": round(quote.ask_size / offered, 4),
                "buyOrderRate": round(quote.bid_size / offered, 4),
            }
            if stock.market == "US":
                extended = get_extended_quote(self._exchange.series(stock.symbol), request.now_ms)
                row["hourTrading"] = {
                    "tradingStatus": _STATUSES[extended.session],
                    "changeRate": round(extended.price / extended.reference - 1, 6),
                }
            rows.append((quote.latest * quote.volume, row))
        rows.sort(key=lambda ranked: ranked[0], reverse=True)
        return [row for _, row in rows[:_RANKED]]


def _settlement_dates(today: date) -> list[date]:
    """Return the middles and ends of months that have been reported, newest first."""
    dates: list[date] = []
    month = date(today.year, today.month, 1)
    while len(dates) < _REPORTS:
        for on in (month + timedelta(days=14), month - timedelta(days=1)):
            if on + _PUBLISHED_AFTER <= today and len(dates) < _REPORTS:
                dates.append(on)
        month = (month - timedelta(days=1)).replace(day=1)
    return dates
