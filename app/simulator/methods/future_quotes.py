"""Wire methods for the prices of futures: future_real_time_quote, future_kline, future_tick, future_depth."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from app.simulator.market.bars import DAY_PERIODS, PERIODS, Bar, newest_bars
from app.simulator.market.calendars import calendar_of
from app.simulator.market.depth import ASKS, BIDS, get_levels
from app.simulator.market.future_contracts import PRODUCTS, FutureContract, get_main, get_open_interest
from app.simulator.market.futures import Futures
from app.simulator.market.trades import count_trades, get_trades
from app.simulator.methods.page_tokens import read_page_token, write_page_token
from app.simulator.methods.requests import fields_of, read_codes, read_integer, read_moment, read_text, refused
from app.simulator.wire import Handler, WireRequest

_MOST_BARS = 1000
_DEFAULT_BARS = 200
_MOST_TICKS = 1000
_LEVELS = 10


class FutureQuoteMethods:
    """Answer the methods that quote futures; what is not listed is left out of the answer."""

    def __init__(self, futures: Futures, seed: int) -> None:
        self._futures = futures
        self._seed = seed
        self._calendar = calendar_of("FUT")

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "future_real_time_quote": self.quotes,
            "future_kline": self.bars,
            "future_tick": self.ticks,
            "future_depth": self.depth,
        }

    def _listed(self, request: WireRequest) -> list[FutureContract]:
        """Return what the codes asked for name."""
        found = (self._futures.contract(code, request.now_ms) for code in read_codes(fields_of(request)))
        return [contract for contract in found if contract is not None]

    def quotes(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer running quotes; a continuous contract is quoted as its main one."""
        day = self._calendar.current(request.now_ms)
        answer = []
        for contract in self._listed(request):
            month = self._futures.month(contract, request.now_ms)
            future = self._futures.quote(contract, request.now_ms)
            quote, days = future.quote, self._futures.days(month)
            traded = count_trades(days, day, request.now_ms)
            last = next(get_trades(days, day, max(traded - 1, 0), traded), None)
            interest = get_open_interest(month, day.index)
            answer.append(
                {
                    "contractCode": contract.code,
                    "latestPrice": quote.latest,
                    "latestSize": 0 if last is None else last.volume,
                    "latestTime": quote.latest_ms,
                    "bidPrice": quote.bid,
                    "askPrice": quote.ask,
                    "bidSize": quote.bid_size,
                    "askSize": quote.ask_size,
                    "openInterest": interest,
                    "openInterestChange": interest - get_open_interest(month, day.index - 1),
                    "volume": quote.volume,
                    "open": quote.open,
                    "high": quote.high,
                    "low": quote.low,
                    "settlement": float(future.settlement),
                    "limitUp": float(future.limit_up),
                    "limitDown": float(future.limit_down),
                }
            )
        return answer

    def bars(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer bars, newest first as Tiger does; a day's bar bears the time at which its session ends."""
        biz = fields_of(request)
        codes = read_codes(biz)
        period = biz.get("period") or "day"
        if period not in PERIODS:
            raise refused(f"period '{period}' is not supported")
        limit = min(read_integer(biz, "limit", _DEFAULT_BARS), _MOST_BARS)
        if limit < 1:
            raise refused("field 'limit' must be above 0")
        return [
            self._bars_of(contract, period, limit, len(codes) == 1, request)
            for code in codes
            if (contract := self._futures.contract(code, request.now_ms)) is not None
        ]

    def _bars_of(
        self, contract: FutureContract, period: str, limit: int, alone: bool, request: WireRequest
    ) -> dict[str, Any]:
        biz = fields_of(request)
        zone = self._calendar.hours.zone
        begin_ms = read_moment(biz.get("begin_time"), "begin_time", zone)
        asked_end_ms = read_moment(biz.get("end_time"), "end_time", zone)
        end_ms = request.now_ms + 1 if asked_end_ms is None else min(asked_end_ms, request.now_ms + 1)
        kind = f"future_kline|{contract.code}|{period}"
        if biz.get("page_token") and alone:
            end_ms = min(end_ms, read_page_token(biz["page_token"], kind))
        bars = newest_bars(self._futures.days(contract), period, limit + 1, begin_ms, end_ms, request.now_ms)
        items = [self._bar_row(contract, bar, period, request.now_ms) for bar in bars[-limit:]]
        answer: dict[str, Any] = {"contractCode": contract.code, "items": items[::-1]}
        if len(bars) > limit and alone:
            answer["nextPageToken"] = write_page_token(kind, bars[-limit].start_ms)
        return answer

    def _bar_row(self, contract: FutureContract, bar: Bar, period: str, now_ms: int) -> dict[str, Any]:
        day = self._calendar.day(bar.last_day)
        if contract.is_continuous:
            contract = get_main(PRODUCTS[contract.product], day.date)
        closes_ms = day.close_ms if period in DAY_PERIODS else bar.start_ms
        return {
            "time": closes_ms,
            "volume": bar.volume,
            "open": bar.open,
            "close": bar.close,
            "high": bar.high,
            "low": bar.low,
            "lastTime": min(closes_ms, now_ms),
            "openInterest": get_open_interest(contract, day.index),
            "settlement": bar.close,
        }

    def ticks(self, request: WireRequest) -> dict[str, Any] | None:
        """Answer trades of the current session from ``begin_index`` up to, not including, ``end_index``.

        Where both are -1, the newest ``limit`` [Tiger's page on futures].
        """
        biz = fields_of(request)
        code = read_text(biz, "contract_code")
        contract = self._futures.contract(code, request.now_ms)
        if contract is None:
            return None
        series = self._futures.days(self._futures.month(contract, request.now_ms))
        day = series.calendar.current(request.now_ms)
        limit = min(read_integer(biz, "limit", _MOST_TICKS), _MOST_TICKS)
        traded = count_trades(series, day, request.now_ms)
        first = read_integer(biz, "begin_index", 0)
        asked = read_integer(biz, "end_index", first + limit)
        last = min(asked, first + limit, traded) if first >= 0 else traded if asked < 0 else min(asked, traded)
        first = first if first >= 0 else max(last - limit, 0)
        trades = get_trades(series, day, first, last)
        return {
            "contractCode": code,
            "items": [
                {"index": trade.index, "price": trade.price, "volume": trade.volume, "time": trade.at_ms}
                for trade in trades
            ],
        }

    def depth(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer the order book; its best prices and sizes are those of the quote."""
        answer = []
        for contract in self._listed(request):
            quote = self._futures.quote(contract, request.now_ms).quote
            instrument = self._futures.days(contract).instrument
            row: dict[str, Any] = {
                "contractId": blake2b(contract.code.encode(), digest_size=16).hexdigest(),
                "contractCode": contract.code,
            }
            for name, side in (("ask", ASKS), ("bid", BIDS)):
                levels = get_levels(instrument, quote, side, _LEVELS, self._seed, request.now_ms)
                row[name] = [{"price": level.price, "volume": level.size} for level in levels]
            answer.append(row)
        return answer
