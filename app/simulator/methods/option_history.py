"""Wire methods for what options did: option_kline, option_trade_tick, option_timeline, option_depth."""

from collections.abc import Mapping
from typing import Any

from app.simulator.market.exchange import Exchange
from app.simulator.market.noise import seed_of, uniform
from app.simulator.market.option_history import OPTION_PERIODS, OptionBar, OptionHistory
from app.simulator.market.options import OptionContract, Options
from app.simulator.methods.option_requests import OptionReader, read_basics, strike_text
from app.simulator.methods.requests import fields_of, read_integer, read_moment, refused
from app.simulator.wire import Handler, WireRequest

_DEFAULT_BARS = 300
_MOST_BARS = 1200
_VENUES = {"US": ("AMEX", "BOX", "CBOE", "EDGX", "MIAX", "NSDQ", "PHLX"), "HK": ("SEHK",)}
_DESCENDING = "SortDir_Descend"


class OptionHistoryMethods:
    """Answer for single options; what is not listed is left out of the answer."""

    def __init__(self, exchange: Exchange, options: Options) -> None:
        self._exchange = exchange
        self._options = options
        self._history = OptionHistory(exchange, options)
        self._reader = OptionReader(exchange, options)

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "option_kline": self.bars,
            "option_trade_tick": self.ticks,
            "option_timeline": self.timeline,
            "option_depth": self.depth,
        }

    def bars(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer bars, oldest first unless asked otherwise; each option with its own period and span."""
        answer = []
        for query in read_basics(fields_of(request).get("option_query"), "option_query"):
            period = query.get("period") or "day"
            if period not in OPTION_PERIODS:
                raise refused(f"period '{period}' is not supported")
            limit = min(read_integer(query, "limit", _DEFAULT_BARS), _MOST_BARS)
            if limit < 1:
                raise refused("field 'limit' must be above 0")
            contract = self._reader.contract(query)
            if contract is None:
                continue
            zone = self._exchange.calendar(contract.market).hours.zone
            begin_ms = read_moment(query.get("begin_time"), "begin_time", zone)
            asked_end_ms = read_moment(query.get("end_time"), "end_time", zone)
            end_ms = min(request.now_ms if asked_end_ms is None else asked_end_ms - 1, request.now_ms) + 1
            bars = self._history.newest_bars(contract, period, limit, begin_ms, end_ms, request.now_ms)
            items = [_bar_row(bar) for bar in bars]
            row = _head(contract) | {"period": period}
            answer.append(row | {"items": items[::-1] if query.get("sort_dir") == _DESCENDING else items})
        return answer

    def ticks(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer the trades of the current day; this method's ``biz_content`` is an array."""
        answer = []
        for basic in read_basics(request.biz, "biz_content"):
            contract = self._reader.contract(basic)
            if contract is not None:
                trades = self._history.trades(contract, request.now_ms)
                items = [{"time": trade.at_ms, "volume": trade.volume, "price": trade.price} for trade in trades]
                answer.append(_head(contract) | {"right": contract.right.lower(), "items": items})
        return answer

    def timeline(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer the minutes of the current day with the average price so far, and when the day trades."""
        answer = []
        for query in read_basics(fields_of(request).get("option_query"), "option_query"):
            contract = self._reader.contract(query)
            if contract is None:
                continue
            calendar = self._exchange.calendar(contract.market)
            begin_ms = read_moment(query.get("begin_time"), "begin_time", calendar.hours.zone)
            day = calendar.current(request.now_ms)
            sessions = [[day.open_ms, day.close_ms]]
            if day.lunch_minute:
                sessions = [
                    [day.open_ms, day.open_ms + day.lunch_minute * 60_000],
                    [day.afternoon_ms, day.close_ms],
                ]
            minutes = _minutes(self._history.bars_of_day(contract, day, "1min", request.now_ms))
            answer.append(
                _head(contract)
                | {
                    "preClose": self._options.quote(contract, request.now_ms).pre_close,
                    "openAndCloseTimeList": sessions,
                    "minutes": [row for row in minutes if begin_ms is None or row["time"] >= begin_ms],
                }
            )
        return answer

    def depth(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer what each venue bids and asks, the best first; those at the best price add up to the quote's size."""
        answer = []
        for basic in read_basics(fields_of(request).get("option_basic")):
            contract = self._reader.contract(basic)
            if contract is None:
                continue
            quote = self._options.quote(contract, request.now_ms)
            asks = self._side(contract, quote.ask, quote.ask_size, 1, request.now_ms)
            bids = self._side(contract, quote.bid, quote.bid_size, -1, request.now_ms)
            answer.append(_head(contract) | {"timestamp": request.now_ms, "ask": asks, "bid": bids})
        return answer

    def _side(
        self, contract: OptionContract, best: float | None, size: int, direction: int, now_ms: int
    ) -> list[dict[str, Any]]:
        if best is None:
            return []
        seed = seed_of(self._exchange.seed, contract.identifier, direction, now_ms // 1000)
        ticks, units, rows = contract.ticks, contract.ticks.units(best), []
        for number, venue in enumerate(_VENUES[contract.market]):
            if number == 0:
                volume = size
            else:
                further = ticks.moved(units, direction)
                if further == units:
                    break
                units, volume = further, 1 + int(uniform(seed, number) * 60)
            stamp = now_ms - int(uniform(seed, 100 + number) * 2_000)
            rows.append({"price": units / ticks.scale, "code": venue, "timestamp": stamp, "volume": volume})
        return rows


def _head(contract: OptionContract) -> dict[str, Any]:
    return {
        "symbol": contract.symbol,
        "expiry": contract.expiry_ms,
        "right": contract.right,
        "strike": strike_text(contract.strike),
    }


def _bar_row(bar: OptionBar) -> dict[str, Any]:
    return {
        "time": bar.start_ms,
        "volume": bar.volume,
        "open": bar.open,
        "close": bar.close,
        "high": bar.high,
        "low": bar.low,
        "markPrice": bar.close,
        "midPrice": round((bar.high + bar.low) / 2, 4),
        "openInterest": bar.open_interest,
    }


def _minutes(bars: list[OptionBar]) -> list[dict[str, Any]]:
    rows = []
    amount, volume = 0.0, 0
    for bar in bars:
        amount += bar.close * bar.volume
        volume += bar.volume
        average = round(amount / volume, 7) if volume else bar.close
        rows.append({"price": bar.close, "avgPrice": average, "time": bar.start_ms, "volume": bar.volume})
    return rows
