"""Wire methods for running quotes: quote_real_time, brief, quote_delay, quote_depth, stock_detail and kin."""

from collections.abc import Mapping
from functools import reduce
from typing import Any

from app.simulator.market.companies import Companies
from app.simulator.market.depth import ASKS, BIDS, get_levels
from app.simulator.market.exchange import Exchange
from app.simulator.market.instruments import DIGITAL, INDEX, STOCK, Instrument
from app.simulator.market.paths import Span
from app.simulator.market.phases import Phase
from app.simulator.market.quotes import Quote
from app.simulator.market.ratios import float_shares
from app.simulator.market.sessions import (
    Session,
    find_stretch,
    get_extended_quote,
    get_minutes,
    get_reference,
    has_sessions,
)
from app.simulator.methods.requests import fields_of, language_of, read_symbols, read_type
from app.simulator.wire import Handler, WireRequest

_DELAY_MS = 15 * 60_000
_DEPTH_LEVELS = {"US": 40, "HK": 10, "CN": 5}
_PRE_MARKET, _POST_MARKET = "Pre-Mkt", "Post-Mkt"
_THIN = "BIDU"
"""The listing that for minutes nobody buys, or nobody sells."""
_TAGS = {Session.PRE_MARKET: _PRE_MARKET, Session.AFTER_HOURS: _POST_MARKET}
_OLD_TAGS = {_PRE_MARKET: "盘前", _POST_MARKET: "盘后"}


class QuoteMethods:
    """Answer the methods that quote listings; symbols that are not listed are left out of the answer."""

    def __init__(self, exchange: Exchange, companies: Companies) -> None:
        self._exchange = exchange
        self._companies = companies

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "quote_real_time": self.quote_real_time,
            "brief": self.brief,
            "quote_delay": self.quote_delay,
            "quote_depth": self.quote_depth,
            "stock_detail": self.stock_detail,
            "quote_overnight": self.quote_overnight,
            "quote_stock_trade": self.quote_stock_trade,
        }

    def _listed(self, request: WireRequest) -> list[Instrument]:
        biz = fields_of(request)
        sec_type = read_type(biz)
        symbols = read_symbols(biz)
        return [found for symbol in symbols if (found := self._exchange.listed_as(symbol, sec_type)) is not None]

    def quote_real_time(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer running quotes; an index has neither bid nor ask."""
        extended = bool(fields_of(request).get("include_hour_trading"))
        answer = []
        for instrument in self._listed(request):
            quote = self._exchange.quote(instrument.symbol, request.now_ms)
            row: dict[str, Any] = {
                "symbol": quote.symbol,
                "open": quote.open,
                "high": quote.high,
                "low": quote.low,
                "close": quote.latest,
                "preClose": quote.pre_close,
                "latestPrice": quote.latest,
                "latestTime": quote.latest_ms,
                "volume": quote.volume,
                "status": "NORMAL",
                "adjPreClose": quote.pre_close,
            }
            if instrument.sec_type != INDEX:
                row |= _bid_and_ask(quote, request.now_ms)
            hours = self._hour_trading(instrument, request.now_ms) if extended else None
            if hours is not None:
                row["hourTrading"] = hours
            answer.append(row)
        return answer

    def brief(self, request: WireRequest) -> dict[str, Any]:
        """Answer the older form of quotes, with names."""
        biz = fields_of(request)
        items = []
        for instrument in self._listed(request):
            quote = self._exchange.quote(instrument.symbol, request.now_ms)
            row: dict[str, Any] = {
                "symbol": quote.symbol,
                "market": instrument.market,
                "secType": STOCK,
                "name": instrument.name_in(language_of(request)),
                "latestPrice": quote.latest,
                "timestamp": quote.latest_ms,
                "preClose": quote.pre_close,
                "halted": 0.0,
                "delay": 0,
                "volume": quote.volume,
                "open": quote.open,
                "high": quote.high,
                "low": quote.low,
            }
            if biz.get("include_ask_bid") and instrument.sec_type != INDEX:
                row |= _bid_and_ask(quote, request.now_ms)
            hours = self._hour_trading(instrument, request.now_ms)
            if biz.get("include_hour_trading") and hours is not None:
                row["hourTrading"] = hours | {"tag": _OLD_TAGS[hours["tag"]]}
            items.append(row)
        return {"items": items}

    def quote_delay(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer quotes of United States listings as they stood a quarter of an hour ago."""
        answer = []
        for instrument in self._listed(request):
            if instrument.market != "US" or instrument.sec_type == DIGITAL:
                continue
            quote = self._exchange.quote(instrument.symbol, request.now_ms - _DELAY_MS)
            answer.append(
                {
                    "symbol": quote.symbol,
                    "preClose": quote.pre_close,
                    "halted": 0.0,
                    "time": quote.latest_ms,
                    "open": quote.open,
                    "high": quote.high,
                    "low": quote.low,
                    "close": quote.latest,
                    "volume": quote.volume,
                }
            )
        return answer

    def quote_depth(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer the order book; its best prices and sizes are those of the quote."""
        answer = []
        for instrument in self._listed(request):
            if instrument.sec_type == INDEX:
                continue
            quote = self._exchange.quote(instrument.symbol, request.now_ms)
            answer.append(
                {
                    "symbol": quote.symbol,
                    "asks": self._side(instrument, quote, ASKS, request.now_ms),
                    "bids": self._side(instrument, quote, BIDS, request.now_ms),
                }
            )
        return answer

    def _side(self, instrument: Instrument, quote: Quote, side: int, now_ms: int) -> list[dict[str, Any]]:
        levels = get_levels(instrument, quote, side, _DEPTH_LEVELS[instrument.market], self._exchange.seed, now_ms)
        return [{"price": level.price, "count": level.orders, "volume": level.size} for level in levels]

    def quote_stock_trade(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer lot size and tick of listings."""
        return [
            {
                "symbol": instrument.symbol,
                "lotSize": instrument.lot_size,
                "minTick": float(instrument.ticks.tick_units(self._latest_units(instrument, request.now_ms)))
                / instrument.ticks.scale,
                "spreadScale": 1 if instrument.market == "US" else 0,
            }
            for instrument in self._listed(request)
            if instrument.sec_type != INDEX
        ]

    def _latest_units(self, instrument: Instrument, now_ms: int) -> int:
        return instrument.ticks.units(self._exchange.quote(instrument.symbol, now_ms).latest)

    def stock_detail(self, request: WireRequest) -> dict[str, Any]:
        """Answer quotes together with what is known of the company."""
        return {"items": [self._detail(instrument, request) for instrument in self._listed(request)]}

    def _detail(self, instrument: Instrument, request: WireRequest) -> dict[str, Any]:
        quote = self._exchange.quote(instrument.symbol, request.now_ms)
        phase = self._exchange.phase(instrument.market, request.now_ms)
        row: dict[str, Any] = {
            "symbol": quote.symbol,
            "market": instrument.market,
            "exchange": instrument.exchange,
            "secType": STOCK,
            "name": instrument.name_in(language_of(request)),
            "shortable": 1 if instrument.shortable else 0,
            "latestPrice": quote.latest,
            "preClose": quote.pre_close,
            "adjPreClose": quote.pre_close,
            "tradingStatus": 2 if phase is Phase.TRADING else 3,
            "marketStatus": phase.value,
            "timestamp": quote.latest_ms,
            "latestTime": self._clock_text(instrument.market, quote.latest_ms),
            "open": quote.open,
            "high": quote.high,
            "low": quote.low,
            "volume": quote.volume,
            "amount": round((quote.open + quote.high + quote.low + quote.latest) / 4 * quote.volume, 2),
            "change": round(quote.latest - quote.pre_close, 4),
            "amplitude": round((quote.high - quote.low) / quote.pre_close, 6),
            "halted": 0.0,
            "delay": 0,
            "floatShares": float_shares(instrument.shares),
            "shares": instrument.shares,
            "etf": 1 if instrument.is_etf else 0,
            "listingDate": self._exchange.calendar(instrument.market).midnight_ms(instrument.listed_on),
        }
        if instrument.sec_type != INDEX:
            row |= _bid_and_ask(quote, request.now_ms)
        earnings = self._companies.earnings_per_share(instrument.symbol, request.now_ms)
        if earnings is not None:
            row["eps"] = earnings
        hours = self._hour_trading(instrument, request.now_ms)
        if hours is not None:
            row["hourTrading"] = hours
        return row

    def _hour_trading(self, instrument: Instrument, now_ms: int) -> dict[str, Any] | None:
        """Return the pre-market or after-hours quote of a United States stock, the newer of the two."""
        if not has_sessions(instrument):
            return None
        quote = get_extended_quote(self._exchange.series(instrument.symbol), now_ms)
        return {
            "tag": _TAGS[quote.session],
            "latestPrice": quote.price,
            "preClose": quote.reference,
            "latestTime": self._clock_text("US", quote.at_ms),
            "volume": quote.volume,
            "timestamp": quote.at_ms,
        }

    def quote_overnight(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer the overnight session that is running, or the last one, of United States stocks."""
        answer = []
        for instrument in self._listed(request):
            if not has_sessions(instrument):
                continue
            series = self._exchange.series(instrument.symbol)
            stretch = find_stretch(series, Session.OVERNIGHT, request.now_ms)
            spans = (span for _, span in get_minutes(series, stretch, request.now_ms))
            night = reduce(Span.followed_by, spans)
            price = instrument.ticks.price
            quote = self._exchange.quote(instrument.symbol, request.now_ms)
            half = round((quote.ask - quote.bid) / 2, 4)
            latest = price(night.close)
            answer.append(
                {
                    "symbol": instrument.symbol,
                    "open": price(night.open),
                    "high": price(night.high),
                    "low": price(night.low),
                    "preClose": get_reference(series, stretch),
                    "latestPrice": latest,
                    "latestTime": min(request.now_ms, stretch.end_ms),
                    "askPrice": price(instrument.ticks.units(latest + half)),
                    "askSize": quote.ask_size,
                    "bidPrice": price(instrument.ticks.units(latest - half)),
                    "bidSize": quote.bid_size,
                    "volume": night.volume,
                    "status": "OVERNIGHT_TRADING" if request.now_ms < stretch.end_ms else "CLOSING",
                }
            )
        return answer

    def _clock_text(self, market: str, at_ms: int) -> str:
        local = self._exchange.calendar(market).local(at_ms)
        return f"{local:%H:%M} {local.tzname()}"


def _bid_and_ask(quote: Quote, now_ms: int) -> dict[str, Any]:
    """Return both sides; one that nobody offers is 0.0 with size 0 (recorded answers of Tiger's)."""
    minute = now_ms // 60_000 % 3 if quote.symbol == _THIN else 0
    has_bid, has_ask = minute != 1, minute != 2  # noqa: PLR2004 - the third minute of three.
    return {
        "askPrice": quote.ask if has_ask else 0.0,
        "askSize": quote.ask_size if has_ask else 0,
        "bidPrice": quote.bid if has_bid else 0.0,
        "bidSize": quote.bid_size if has_bid else 0,
    }
