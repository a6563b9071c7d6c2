"""Wire methods for what exists and when it trades: all_symbols, all_symbol_names, market_state, trading_calendar."""

from collections.abc import Mapping
from datetime import date, timedelta

from app.simulator.market.calendars import FIRST_DAY, LAST_YEAR
from app.simulator.market.digital import DIGITAL_ASSETS
from app.simulator.market.exchange import Exchange
from app.simulator.market.instruments import DIGITAL, STOCK, Instrument
from app.simulator.market.listings import LISTINGS
from app.simulator.market.phases import next_open
from app.simulator.methods.requests import (
    fields_of,
    language_of,
    missing,
    read_markets,
    read_moment,
    read_type,
    refused,
)
from app.simulator.wire import Handler, WireRequest

_LONGEST_CALENDAR_DAYS = 366
_DEFAULT_CALENDAR_DAYS = 30


class ListingMethods:
    """Answer the methods that list symbols, trading days and the state of markets."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "all_symbols": self.all_symbols,
            "all_symbol_names": self.all_symbol_names,
            "market_state": self.market_state,
            "trading_calendar": self.trading_calendar,
        }

    def _listed(self, request: WireRequest) -> list[Instrument]:
        biz = fields_of(request)
        markets = read_markets(biz)
        every = {None: LISTINGS, STOCK: LISTINGS, DIGITAL: DIGITAL_ASSETS}.get(read_type(biz), {})
        return [instrument for instrument in every.values() if instrument.market in markets]

    def all_symbols(self, request: WireRequest) -> list[str]:
        """Answer every symbol of a market, indices too."""
        return [instrument.symbol for instrument in self._listed(request)]

    def all_symbol_names(self, request: WireRequest) -> list[dict[str, str]]:
        """Answer every symbol of a market with its name in the language asked for."""
        language = language_of(request)
        return [
            {"symbol": instrument.symbol, "name": instrument.name_in(language)} for instrument in self._listed(request)
        ]

    def market_state(self, request: WireRequest) -> list[dict[str, str]]:
        """Answer what markets are doing, and when they open next: month, day and time without a year."""
        return [self._state(market, request.now_ms) for market in read_markets(fields_of(request))]

    def _state(self, market: str, now_ms: int) -> dict[str, str]:
        phase = self._exchange.phase(market, now_ms)
        opens = next_open(self._exchange.calendar(market), now_ms)
        zone = f" {opens.tzname()}" if market == "US" else ""
        return {
            "market": market,
            "marketStatus": phase.value,
            "status": phase.name,
            "openTime": f"{opens:%m-%d %H:%M:%S}{zone}",
        }

    def trading_calendar(self, request: WireRequest) -> list[dict[str, str]]:
        """Answer the trading days from ``begin_date`` up to, not including, ``end_date``."""
        biz = fields_of(request)
        if not biz.get("market"):
            raise missing("market")
        (market, *others) = read_markets(biz)
        if others:
            raise refused("one market at a time")
        calendar = self._exchange.calendar(market)
        begin_ms = read_moment(biz.get("begin_date"), "begin_date", calendar.hours.zone)
        end_ms = read_moment(biz.get("end_date"), "end_date", calendar.hours.zone)
        begin = calendar.local_date(request.now_ms if begin_ms is None else begin_ms)
        end = begin + timedelta(days=_DEFAULT_CALENDAR_DAYS) if end_ms is None else calendar.local_date(end_ms)
        if end < begin or end - begin > timedelta(days=_LONGEST_CALENDAR_DAYS):
            raise refused("end_date must be within a year after begin_date")
        begin, end = max(begin, FIRST_DAY), min(end, date(LAST_YEAR, 1, 1))
        dates = calendar.dates[calendar.index_from(begin) : calendar.index_from(end)]
        return [{"date": on.isoformat(), "type": "TRADING"} for on in dates]
