"""Say for each type of instrument how Tiger is asked for bars, and how its answer is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tigeropen.common.consts.service_types import FUTURE_KLINE, KLINE, OPTION_KLINE
from tigeropen.common.model import BaseParams
from tigeropen.quote.request.model import (
    FutureQuoteParams,
    MultipleQuoteParams,
    OptionContractsParams,
    SingleOptionQuoteParams,
)

from app.tiger.instrument import COIN, FUTURE, OPTION_TYPE, STOCK, Instrument
from app.tiger.pipeline.bar_batches import OPEN
from app.tiger.symbols import get_pair, get_symbol
from app.tiger.vocabulary import BAR_PERIODS, MAXIMUM_BARS, REGULAR, SESSIONS
from app.tiger.wire import values
from app.tiger.wire.fields import fill
from app.tiger.wire.options import fill_option, get_option

Bar = dict[str, Any]
Item = Mapping[str, Any]
ADJUSTED, UNADJUSTED = "br", "nr"
NEWEST_FIRST: Final = "SortDir_Descend"
"""Option bars come oldest first [recorded], so that their limit would keep the oldest [SDK: SortDirection]."""
FAR_END: Final = 4_070_880_000_000
"""What the SDK sends for bars of options without an end."""
OPTION_PERIODS: Final = ("day", "1min", "5min", "30min", "60min")
FUTURE_PERIODS: Final = ("day", "week", "month", "year", "1min", "5min", "15min", "30min", "60min")
"""What the SDK names for each (get_option_bars, get_future_bars)."""


@dataclass(frozen=True, slots=True)
class BarsQuestion:
    """Ask for at most ``limit`` bars up to the end, the newest; the end is epoch ms, left out itself, None for now."""

    instrument: Instrument
    period: str
    before_ms: int | None
    limit: int
    adjusted: bool
    session: str


@dataclass(frozen=True, slots=True)
class BarSource:
    """Where bars of a type come from: the wire method, which periods it has, its question, whose a row is, a bar.

    ``is_batched`` says that those of several, told apart by symbol, come in one call; ``most`` is how many Tiger gives
    at once.
    """

    method: str
    periods: tuple[str, ...]
    ask: Callable[[BarsQuestion], BaseParams]
    is_about: Callable[[Item, Instrument], bool]
    read: Callable[[Item], Bar]
    has_adjustment: bool = False
    is_batched: bool = False
    most: int = MAXIMUM_BARS


def _ask_listed(question: BarsQuestion) -> MultipleQuoteParams:
    instrument, stock = question.instrument, question.instrument.sec_type == STOCK
    session = SESSIONS[question.session] if question.session != REGULAR else None
    params = MultipleQuoteParams()
    # A stock is named as ever; of others the SDK names the type, too: CC has to be named [SDK: get_bars].
    fill(params, symbols=[instrument.symbol], sec_type=None if stock else instrument.sec_type, trade_session=session)
    right = ADJUSTED if question.adjusted else UNADJUSTED
    return _fill_span(params, question, OPEN, period=question.period, right=right)


def _ask_option(question: BarsQuestion) -> OptionContractsParams:
    query = fill_option(SingleOptionQuoteParams(), question.instrument, period=question.period, sort_dir=NEWEST_FIRST)
    query = _fill_span(query, question, FAR_END)
    return fill(OptionContractsParams(), option_query=[query], market=question.instrument.market)


def _ask_future(question: BarsQuestion) -> FutureQuoteParams:
    params = fill(FutureQuoteParams(), contract_codes=[question.instrument.symbol], period=question.period)
    return _fill_span(params, question, OPEN)


def _fill_span(params: Any, question: BarsQuestion, without_end: int, **members: Any) -> Any:
    # Tiger leaves out the bar that begins at the end time itself (SDK get_bars_by_page).
    end = without_end if question.before_ms is None else question.before_ms
    return fill(params, begin_time=OPEN, end_time=end, limit=question.limit, **members)


def _read_bar(item: Item) -> Bar:
    return {
        "time": values.milliseconds(item.get("time")),
        "open": values.number(item.get("open")),
        "high": values.number(item.get("high")),
        "low": values.number(item.get("low")),
        "close": values.number(item.get("close")),
        "volume": values.figure(item.get("volume")),
    }


def _read_coin(item: Item) -> Bar:
    # A coin's volume has a fraction, which stands beside it [SDK: volume_decimal].
    exact = values.figure(item.get("volumeDecimal"))
    return _read_bar(item) | ({} if exact is None else {"volume": exact})


def _read_option(item: Item) -> Bar:
    return _read_bar(item) | {"open_interest": values.figure(item.get("openInterest"))}


def _read_future(item: Item) -> Bar:
    # A settlement price of 0 is none yet [SDK: get_future_bars].
    return _read_option(item) | {
        "settlement": values.price(item.get("settlement")),
        "latest_time": values.milliseconds(item.get("lastTime")),
    }


def _is_of_symbol(row: Item, instrument: Instrument) -> bool:
    return get_symbol(values.text(row.get("symbol")) or "") == instrument.symbol


def _is_of_coin(row: Item, instrument: Instrument) -> bool:
    # Whether Tiger writes BTC/USD or BTC.USD no source says, nor whether it answers as it was asked.
    return get_pair(values.text(row.get("symbol")) or "") == get_pair(instrument.symbol)


def _is_of_option(row: Item, instrument: Instrument) -> bool:
    return get_option(row) == instrument


def _is_of_future(row: Item, instrument: Instrument) -> bool:
    return values.text(row.get("contractCode")) == instrument.symbol


_LISTED: Final = BarSource(KLINE, BAR_PERIODS, _ask_listed, _is_of_symbol, _read_bar)
SOURCES: Final[Mapping[str, BarSource]] = {
    STOCK: BarSource(KLINE, BAR_PERIODS, _ask_listed, _is_of_symbol, _read_bar, has_adjustment=True, is_batched=True),
    OPTION_TYPE: BarSource(OPTION_KLINE, OPTION_PERIODS, _ask_option, _is_of_option, _read_option),
    FUTURE: BarSource(FUTURE_KLINE, FUTURE_PERIODS, _ask_future, _is_of_future, _read_future, most=1_000),
    # No source says whether Tiger has any of these two: where it has none, there are none.
    "WAR": _LISTED,
    "IOPT": _LISTED,
    COIN: BarSource(KLINE, BAR_PERIODS, _ask_listed, _is_of_coin, _read_coin),
}
