"""The wire method that judges options by their volatility: option_analysis."""

from collections.abc import Mapping
from typing import Any

from app.simulator.market.exchange import Exchange
from app.simulator.market.options import Options
from app.simulator.market.volatility import (
    VolatilityDay,
    get_percentile,
    get_rank,
    get_volatility_days,
)
from app.simulator.methods.option_requests import read_basics
from app.simulator.methods.requests import checked_symbol, fields_of, missing, refused
from app.simulator.wire import Handler, WireRequest

_PERIODS = {"3year": 756, "52week": 252, "26week": 126, "13week": 63}
"""How many trading days the periods have."""
_COUNTED_EXPIRATIONS = 2


class OptionAnalysisMethods:
    """Answer how dear options of a listing are; what has no options is left out of the answer."""

    def __init__(self, exchange: Exchange, options: Options) -> None:
        self._exchange = exchange
        self._options = options

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {"option_analysis": self.analysis}

    def analysis(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer implied and historical volatility, and where the implied one stands within a period."""
        answer = []
        for item in read_basics(fields_of(request).get("symbols"), "symbols"):
            if not item.get("symbol"):
                raise missing("symbol")
            symbol = checked_symbol(item["symbol"])
            period = item.get("period") or "52week"
            if period not in _PERIODS:
                raise refused(f"period '{period}' is not supported")
            if self._options.expirations(symbol, request.now_ms):
                answer.append(self._analysis_of(symbol, period, bool(item.get("require_volatility_list")), request))
        return answer

    def _analysis_of(self, symbol: str, period: str, with_list: bool, request: WireRequest) -> dict[str, Any]:
        instrument = self._options.underlying(symbol)
        assert instrument is not None  # noqa: S101 - it has expirations.
        series = self._exchange.series(instrument.symbol)
        today = series.calendar.current(request.now_ms).index
        days = get_volatility_days(series, self._exchange.seed, today, _PERIODS[period])
        levels = sorted(day.implied for day in days)
        now = days[-1]
        row: dict[str, Any] = {
            "symbol": symbol,
            "impliedVol30Days": round(now.implied, 4),
            "hisVolatility": round(now.historical, 4),
            "ivHisVRatio": round(now.implied / now.historical, 2),
            "callPutRatio": round(self._get_call_put_ratio(symbol, request.now_ms), 2),
            "impliedVolMetric": {
                "period": period,
                "percentile": round(get_percentile(levels, now.implied), 4),
                "rank": round(get_rank(levels, now.implied), 4),
            },
        }
        if with_list:
            calendar = series.calendar
            row["volatilityList"] = [_list_row(day, levels, calendar.day(day.day).midnight_ms) for day in days]
        return row

    def _get_call_put_ratio(self, symbol: str, now_ms: int) -> float:
        """Return calls for one put among the open contracts of the next expirations."""
        interest = {"CALL": 0, "PUT": 0}
        for expiration in self._options.expirations(symbol, now_ms)[:_COUNTED_EXPIRATIONS]:
            for contract in self._options.contracts(symbol, expiration.code, now_ms):
                interest[contract.right] += self._options.pricing(contract, now_ms).open_interest
        return interest["CALL"] / max(interest["PUT"], 1)


def _list_row(day: VolatilityDay, levels: list[float], at_ms: int) -> dict[str, Any]:
    return {
        "impliedVol": round(day.implied, 4),
        "percentile": round(get_percentile(levels, day.implied), 4),
        "rank": round(get_rank(levels, day.implied), 4),
        "hisVolatility": round(day.historical, 4),
        "timestamp": at_ms,
    }
