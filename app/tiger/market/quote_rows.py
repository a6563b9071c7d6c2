"""Read quotes of every type of instrument: the same members of each, and what only some types have besides."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.tiger.market.extended_hours import get_hours
from app.tiger.symbols import MARKET_ZONES, get_pair
from app.tiger.wire import values
from app.tiger.wire.dates import get_day
from app.tiger.wire.fields import get_decoder
from app.tiger.wire.options import get_option_identifier

Row = Mapping[str, Any]
Quote = dict[str, Any]
Quotes = dict[str, Quote]


def _get_expiry(sent: Any) -> str | None:
    day = get_day(sent, MARKET_ZONES["HK"])
    return None if day is None else f"{day:%Y%m%d}"


_decode_option: Final = get_decoder(
    (values.figure, "multiplier"),
    (values.price, "mid_price mark_price pre_mark_price"),
    (values.ratio, "volatility risk_free_rate=ratesBonds selling_return"),
)
_decode_future: Final = get_decoder(
    (values.figure, "latest_size open_interest open_interest_change"),
    # 0 is how Tiger writes that there is none [recorded: limits of CL].
    (values.price, "settlement limit_up limit_down avg_price"),
)
_decode_warrant: Final = get_decoder(
    (values.text, "market currency underlying=underlyingSymbol put_call=right"),
    (_get_expiry, "expiry"),
    (values.figure, "strike multiplier"),
    (values.number, "entitlement_ratio entitlement_price breakeven_point delta leverage_ratio"),
    (values.ratio, "premium outstanding_ratio implied_volatility in_out_price"),
    (values.price, "call_price"),
)


def get_quotes(data: Any) -> Quotes:
    """Return the quotes of an answer of ``quote_real_time`` by symbol."""
    return {symbol: _quote(row) for row in values.rows(data) if (symbol := values.text(row.get("symbol")))}


def get_extended_quotes(data: Any) -> Quotes:
    """Return the same with the sessions before and after the regular one."""
    return _read(data, _get_symbol, lambda row: {**_quote(row), "extended_hours": get_hours(row)})


def get_delayed_quotes(data: Any) -> Quotes:
    """Return the quotes of an answer of ``quote_delay`` by symbol."""
    # It has neither bid nor ask, and its members have other names.
    return _read(data, _get_symbol, lambda row: {**_quote_renamed(row, "close", "time"), "delayed": True})


def get_coin_quotes(data: Any) -> Quotes:
    """Return the quotes of digital assets by pair; their volume has a fraction, which stands beside it."""
    return _read(data, _get_coin, lambda row: _quote({**row, "volume": row.get("volumeDecimal", row.get("volume"))}))


def get_option_quotes(data: Any) -> Quotes:
    """Return the quotes of an answer of ``option_brief`` by identifier."""
    return _read(data, get_option_identifier, _get_option)


def get_future_quotes(data: Any) -> Quotes:
    """Return the quotes of an answer of ``future_real_time_quote`` by contract code."""
    return _read(data, lambda row: values.text(row.get("contractCode")), lambda row: _quote(row) | _decode_future(row))


def get_warrant_quotes(data: Any) -> Quotes:
    """Return the quotes of an answer of ``warrant_real_time_quote`` by symbol."""
    return _read(data, _get_symbol, lambda row: _quote_renamed(row, "latestPrice", "timestamp") | _decode_warrant(row))


def get_fund_quotes(data: Any) -> Quotes:
    """Return the net asset values of an answer of ``fund_quote`` by symbol: the price is the latest one."""
    return _read(data, _get_symbol, lambda row: _quote_renamed(row, "close", "timestamp"))


def _read(data: Any, get_name: Callable[[Row], str | None], decode: Callable[[Row], Quote]) -> Quotes:
    return {name: decode(row) for row in values.rows(data) if (name := get_name(row))}


def _get_symbol(row: Row) -> str | None:
    return values.text(row.get("symbol"))


def _get_coin(row: Row) -> str | None:
    return get_pair(values.text(row.get("symbol")) or "") or None


def _get_option(row: Row) -> Quote:
    # Recorded answers and the SDK name the open contracts differently [BRIEF_FIELD_MAPPINGS].
    interest = values.figure(row.get("openInterest", row.get("openInt")))
    # Of an option its time has another name than that of a stock [Java SDK: OptionBriefItem].
    traded_ms = values.milliseconds(row.get("timestamp")) or values.milliseconds(row.get("latestTime"))
    return {**_quote(row), **_decode_option(row), "open_interest": interest, "timestamp": traded_ms}


def _quote_renamed(row: Row, price: str, moment: str) -> Quote:
    return _quote({**row, "latestPrice": row.get(price), "latestTime": row.get(moment)})


def _quote(row: Row) -> Quote:
    return {
        "latest_price": values.price(row.get("latestPrice")),
        "pre_close": values.price(row.get("preClose")),
        "open": values.price(row.get("open")),
        "high": values.price(row.get("high")),
        "low": values.price(row.get("low")),
        "close": values.price(row.get("close")),
        "adj_pre_close": values.price(row.get("adjPreClose")),
        "volume": values.figure(row.get("volume")),
        "bid_price": values.side(row.get("bidPrice"), row.get("bidSize")),
        "bid_size": values.figure(row.get("bidSize")),
        "ask_price": values.side(row.get("askPrice"), row.get("askSize")),
        "ask_size": values.figure(row.get("askSize")),
        "status": values.text(row.get("status")),
        "timestamp": values.milliseconds(row.get("latestTime")),
        "delayed": False,
    }
