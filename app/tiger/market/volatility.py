"""Fetch how volatile underlyings of options are, and are taken to be (wire method ``option_analysis``)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tigeropen.common.consts.service_types import OPTION_ANALYSIS
from tigeropen.quote.request.model import OptionAnalysisParams

from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.wire import values
from app.tiger.wire.by_symbol import get_by_symbol, get_found
from app.tiger.wire.dates import get_symbols_by_market
from app.tiger.wire.fields import fill, get_decoder

VOLATILITY: Final = Kind("volatility", lambda seconds: seconds.analysis_seconds)
_decode: Final = get_decoder(
    (values.number, "implied_vol=impliedVol30Days historical_vol=hisVolatility iv_hv_ratio=ivHisVRatio call_put_ratio"),
)
_decode_metric: Final = get_decoder((values.text, "period"), (values.number, "iv_percentile=percentile iv_rank=rank"))
_decode_day: Final = get_decoder(
    (values.milliseconds, "time=timestamp"),
    (values.number, "implied_vol historical_vol=hisVolatility iv_percentile=percentile iv_rank=rank"),
)


def fetch_option_analysis(
    session: Session, symbols: Sequence[str], period: str, *, with_days: bool = False
) -> dict[str, Any]:
    """Return an analysis of each underlying; where its implied volatility stands is reckoned within ``period``.

    Each names the period that Tiger says it reckoned with. ``with_days`` adds the volatilities of its days.
    """
    deadline = session.read_deadline()
    chosen = {"period": period} | ({"require_volatility_list": True} if with_days else {})
    found: dict[str, dict[str, Any]] = {}
    for market, names in get_symbols_by_market(symbols).items():
        asked = [{"symbol": name, **chosen} for name in names]
        params = fill(OptionAnalysisParams(), symbols=asked, market=market)
        found |= session.read(OPTION_ANALYSIS, params, deadline, decode=get_analyses, kind=VOLATILITY)
    if not with_days:
        found = {symbol: {**analysis, "days": None} for symbol, analysis in found.items()}
    return get_found("analyses", symbols, found)


def get_analyses(data: Any) -> dict[str, dict[str, Any]]:
    """Return the analyses of an answer by symbol; days that tell no time are left out."""
    return {symbol: _get_analysis(row) for symbol, row in get_by_symbol(data).items()}


def _get_analysis(row: Mapping[str, Any]) -> dict[str, Any]:
    days = [day for day in map(_decode_day, values.rows(row.get("volatilityList"))) if day["time"] is not None]
    metric = _decode_metric(values.mapping(row.get("impliedVolMetric")))
    return {**_decode(row), **metric, "days": sorted(days, key=lambda day: day["time"])}
