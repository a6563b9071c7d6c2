"""Which fields of the SDK's are which members of ours, in reads of market data."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from app.tiger.answered_types import read_instrument
from app.tiger.market import (
    bar_sources,
    bars,
    broker_holdings,
    brokers,
    depth,
    funds,
    market_status,
    quote_rows,
    scanner,
    search,
    tick_rows,
    timeline,
    trading_calendar,
    volatility,
)
from app.tiger.market.capital import _decode_distribution, _decode_flow
from app.tiger.market.options import get_expirations
from app.tiger.wire import values
from app.tiger.wire.options import get_option_identifier
from tests.contract.comparison import Comparison, Row, get_members

BAR: Final = "time open high low close volume"
YEAR: Final = len("2026-")


def read_bars(data: Any) -> list[Row]:
    """Return the bars of the only instrument of an answer."""
    row = data[0]
    code = row.get("contractCode")
    instrument: Any = read_instrument(get_option_identifier(row) or code or row["symbol"])
    found, token = bars.get_page(data, bar_sources.SOURCES[instrument.sec_type], instrument)
    return [{**bar, "next_page_token": token} for bar in found]


def read_quotes(decode: Any, data: Any) -> list[Row]:
    """Return the quotes of an answer with what each is about."""
    return [{"name": name, **quote} for name, quote in decode(data).items()]


def read_books(sec_type: str, data: Any) -> list[Row]:
    """Return each level of each book by itself."""
    books = depth.get_books(data, depth.SOURCES[sec_type])
    return [
        {"name": name, "side": side, **level}
        for name, book in books.items()
        for side in ("asks", "bids")
        for level in book[side]
    ]


def flatten_books(names: str, result: Any) -> Iterator[Row]:
    """Yield each level of the SDK's books; of one alone it leaves out the name's level."""
    books = [result] if "asks" in result else result.values()
    for book in books:
        name = book.get("symbol") or book["identifier"]
        for side in ("asks", "bids"):
            for level in book[side]:
                yield {"name": name, "side": side, **dict(zip(names.split(), level, strict=True))}


def read_holdings(data: Any) -> list[Row]:
    """Return the organisations of a page, each with where the page stands."""
    page = broker_holdings.get_holdings(data)
    place = {name: page[name] for name in ("page", "pages", "total")}
    return [{**row, **place} for row in page["rows"]]


def read_queues(data: Any) -> list[Row]:
    """Return each broker of each level of the queues by itself."""
    return [
        {"symbol": symbol, "side": side, **level, **broker}
        for symbol, queue in brokers.get_queues(data).items()
        for side in ("bids", "asks")
        for level in queue[side]
        for broker in level["brokers"]
    ]


def flatten_queues(result: Any) -> Iterator[Row]:
    """Yield each broker of the SDK's queues."""
    for side, levels in (("bids", result.bid_broker), ("asks", result.ask_broker)):
        for level in levels:
            for broker in level.broker:
                yield {"symbol": result.symbol, "side": side, **get_members(level), **get_members(broker)}


def read_ticks(decode: Any, data: Any) -> list[Row]:
    """Return the ticks of an answer with what each is about."""
    return [{"name": name, **tick} for name, ticks in decode(data).items() for tick in ticks]


def read_minutes(decode: Any, data: Any) -> list[Row]:
    """Return the minutes of an answer with what each is about."""
    return [
        {"name": name, "pre_close": line["pre_close"], **minute}
        for name, line in timeline.get_timelines(decode, data).items()
        for minutes in line["parts"].values()
        for minute in minutes
    ]


def read_states(data: Any) -> list[Row]:
    """Return the states without the year, which Tiger does not write: the SDK takes the current one."""
    return [{**state, "open_time": state["open_time"][YEAR:]} for state in market_status.get_states(data)]


def flatten_pages(result: Any) -> Iterator[Row]:
    """Yield the stocks of the SDK's scan with the names of its fields."""
    for item in result.items:
        told = {field.field_request_name: value for field, value in item.field_data.items()}
        yield {"symbol": item.symbol, "market": item.market, "values": told}


def name(*names: str) -> Any:
    """Return what makes rows of the SDK's tuples, or of single values."""
    return lambda result: [
        dict(zip(names, row if isinstance(row, Sequence) and not isinstance(row, str) else [row], strict=True))
        for row in result
    ]


def flatten_analyses(result: Any) -> Iterator[Row]:
    """Yield the SDK's analyses with the members of their metric."""
    for analysis in result:
        yield {**get_members(analysis), **get_members(analysis.iv_metric)}


MARKET_DATA: Final[tuple[Comparison, ...]] = (
    Comparison("get_bars", read_bars, f"{BAR} next_page_token", left="symbol amount"),
    Comparison(
        "get_option_bars",
        read_bars,
        f"{BAR} open_interest",
        left="identifier symbol expiry put_call strike",
        added="next_page_token",
    ),
    Comparison(
        "get_future_bars",
        read_bars,
        f"{BAR} open_interest settlement latest_time next_page_token",
        left="identifier",
    ),
    Comparison(
        "get_stock_delay_briefs",
        partial(read_quotes, quote_rows.get_delayed_quotes),
        "symbol=name pre_close time=timestamp open high low close volume",
        left="halted",
        added="latest_price bid_price bid_size ask_price ask_size adj_pre_close status delayed",
    ),
    Comparison(
        "get_future_brief",
        partial(read_quotes, quote_rows.get_future_quotes),
        "identifier=name latest_price latest_size latest_time=timestamp bid_price ask_price bid_size ask_size"
        " open_interest open_interest_change volume open high low settlement limit_up limit_down",
        added="pre_close close adj_pre_close status delayed avg_price",
    ),
    Comparison(
        "get_option_briefs",
        partial(read_quotes, quote_rows.get_option_quotes),
        "identifier=name volume multiplier volatility rates_bonds=risk_free_rate mid_price mark_price pre_mark_price"
        " selling_return",
        left="symbol strike put_call expiry mid_timestamp mark_timestamp",
        added="latest_price pre_close open high low close bid_price bid_size ask_price ask_size adj_pre_close status"
        " delayed timestamp open_interest",
        # A part of a whole is a number here, and a text with its unit there.
        convert={"volatility": values.ratio},
    ),
    Comparison(
        "get_depth_quote",
        partial(read_books, "STK"),
        "name side price size orders",
        flatten=partial(flatten_books, "price size orders"),
    ),
    Comparison(
        "get_option_depth",
        partial(read_books, "OPT"),
        "name side price size time exchange",
        added="orders",
        flatten=partial(flatten_books, "price size time exchange"),
    ),
    Comparison(
        "get_future_depth",
        partial(read_books, "FUT"),
        "name side price size",
        added="orders",
        flatten=partial(flatten_books, "price size"),
    ),
    Comparison(
        "get_stock_broker",
        read_queues,
        "symbol side level price broker_count=orders id name",
        left="broker",
        added="brokers",
        flatten=flatten_queues,
    ),
    Comparison(
        "get_broker_hold",
        read_holdings,
        "org_id=id org_name=name market date shares_hold=shares market_value buy_amount=bought"
        " buy_amount5=bought_5_days buy_amount20=bought_20_days buy_amount60=bought_60_days"
        " page total_page=pages total_count=total",
    ),
    Comparison(
        "get_capital_flow",
        lambda data: [_decode_flow(row) for row in values.rows(data)],
        "timestamp=time net_inflow",
        left="time symbol period",
    ),
    Comparison(
        "get_capital_distribution",
        _decode_distribution,
        "net_inflow in_all in_big in_mid in_small out_all out_big out_mid out_small",
        left="symbol",
    ),
    Comparison(
        "get_trade_ticks",
        partial(read_ticks, tick_rows.get_stock_ticks),
        "symbol=name time price volume=size direction index",
    ),
    Comparison(
        "get_future_trade_ticks",
        partial(read_ticks, tick_rows.get_future_ticks),
        "identifier=name time price volume=size index",
        added="direction",
    ),
    Comparison(
        "get_option_trade_ticks",
        partial(read_ticks, tick_rows.get_option_ticks),
        "identifier=name time price volume=size",
        left="symbol expiry put_call strike",
        added="direction index",
    ),
    Comparison(
        "get_timeline",
        partial(read_minutes, timeline.get_symbol),
        "symbol=name pre_close time price avg_price volume trade_session=session",
        convert={"trade_session": {"Regular": "regular"}.__getitem__},
    ),
    Comparison(
        "get_timeline_history",
        partial(read_minutes, timeline.get_symbol),
        "symbol=name time price avg_price volume trade_session=session",
        added="pre_close",
        convert={"trade_session": {"Regular": "regular"}.__getitem__},
    ),
    Comparison(
        "get_option_timeline",
        partial(read_minutes, get_option_identifier),
        "identifier=name pre_close time price avg_price volume",
        left="symbol expiry put_call strike",
        added="session",
    ),
    Comparison(
        "get_symbols",
        lambda data: [{"symbol": each} for each in funds.get_symbols(data)],
        "symbol",
        flatten=name("symbol"),
    ),
    Comparison(
        "get_symbol_names",
        lambda data: [dict(zip(("symbol", "name"), row, strict=True)) for row in search.get_names(data)],
        "symbol name",
        flatten=name("symbol", "name"),
    ),
    Comparison("get_trading_calendar", partial(trading_calendar.get_trading_days, "US"), "date type"),
    Comparison(
        "get_market_status",
        read_states,
        "market status trading_status open_time",
        convert={"open_time": lambda moment: moment.isoformat()[YEAR:]},
    ),
    Comparison(
        "market_scanner", lambda data: scanner.get_scan(data)["rows"], "symbol market values", flatten=flatten_pages
    ),
    Comparison(
        "get_option_analysis",
        lambda data: [{"symbol": s, **r} for s, r in volatility.get_analyses(data).items()],
        "symbol implied_vol_30_days=implied_vol his_volatility=historical_vol iv_his_v_ratio=iv_hv_ratio"
        " call_put_ratio period percentile=iv_percentile rank=iv_rank",
        left="iv_metric volatility_list",
        added="days",
        flatten=flatten_analyses,
    ),
    Comparison(
        "get_option_expirations",
        lambda data: [{"date": d.isoformat(), "timestamp": m} for d, m in get_expirations(data).items()],
        "date timestamp",
        left="symbol option_symbol period_tag",
    ),
)
