"""The methods for running quotes answer like Tiger's."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.simulator.clock import Clock
from app.simulator.methods.market import Market
from app.simulator.wire import WireRefusal, WireRequest

NOW_MS = int(datetime(2026, 3, 11, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)
HOUR_MS = 3_600_000
MARKET = Market(11, Clock(NOW_MS))
REAL_HOURS = Market(11, Clock(NOW_MS), real_hours=True)
RECORDED = {
    "symbol", "open", "high", "low", "close", "preClose", "latestPrice", "latestTime", "askPrice", "askSize",
    "bidPrice", "bidSize", "volume", "status", "adjPreClose",
}  # fmt: skip


def _ask(simulated: Market, method: str, at_ms: int = NOW_MS, **biz: Any) -> Any:
    return simulated.methods[method](WireRequest(method, "2.0", biz, "20150001", "en_US", at_ms))


def test_a_quote_has_the_recorded_fields() -> None:
    (row,) = _ask(MARKET, "quote_real_time", symbols=["AAPL"], include_hour_trading=False)

    assert row.keys() == RECORDED


def test_unknown_symbols_are_left_out_of_a_batch() -> None:
    rows = _ask(MARKET, "quote_real_time", symbols=["NOSUCH", "00700", "AAPL"])

    assert [row["symbol"] for row in rows] == ["00700", "AAPL"]


def test_a_batch_of_unknown_symbols_is_empty() -> None:
    assert _ask(MARKET, "quote_real_time", symbols=["NOSUCH"]) == []


def test_a_batch_of_fifty_is_answered_and_of_fifty_one_refused() -> None:
    symbols = [symbol for symbol in _ask(MARKET, "all_symbols", market="US") if not symbol.startswith(".")]

    assert len(_ask(MARKET, "quote_real_time", symbols=symbols[:50])) == 50
    with pytest.raises(WireRefusal) as refusal:
        _ask(MARKET, "quote_real_time", symbols=symbols[:51])
    assert refusal.value.code == 1010


@pytest.mark.parametrize("symbols", [[], ["AA\nPL"], [""], [7], "AAPL", ["A" * 40]])
def test_what_is_no_list_of_symbols_is_refused(symbols: object) -> None:
    with pytest.raises(WireRefusal) as refusal:
        _ask(MARKET, "quote_real_time", symbols=symbols)

    assert refusal.value.code == 1010


def test_a_side_that_nobody_offers_is_zero_with_size_zero() -> None:
    minutes = [NOW_MS + minute * 60_000 for minute in range(3)]
    rows = [_ask(MARKET, "quote_real_time", at_ms, symbols=["BIDU"])[0] for at_ms in minutes]

    assert sorted((row["bidSize"] == 0, row["askSize"] == 0) for row in rows) == [
        (False, False),
        (False, True),
        (True, False),
    ]
    assert all(row[f"{side}Price"] == 0.0 for row in rows for side in ("bid", "ask") if row[f"{side}Size"] == 0)


def test_biz_content_must_be_an_object() -> None:
    with pytest.raises(WireRefusal) as refusal:
        MARKET.methods["quote_real_time"](WireRequest("quote_real_time", "2.0", ["AAPL"], "1", "en_US", NOW_MS))

    assert refusal.value.code == 1010


def test_an_index_has_neither_bid_nor_ask() -> None:
    (row,) = _ask(MARKET, "quote_real_time", symbols=[".DJI"])

    assert not {"askPrice", "bidPrice"} & row.keys()


@pytest.mark.parametrize(
    ("hours_later", "tag", "clock"),
    [(0, "Pre-Mkt", "09:29 EDT"), (3, "Post-Mkt", "17:00 EDT"), (15, "Pre-Mkt", "05:00 EDT")],
)
def test_extended_hours_come_with_the_quote_when_asked_for(hours_later: int, tag: str, clock: str) -> None:
    (row,) = _ask(
        REAL_HOURS, "quote_real_time", NOW_MS + hours_later * HOUR_MS, symbols=["AAPL"], include_hour_trading=True
    )

    assert row["hourTrading"]["tag"] == tag
    assert row["hourTrading"]["latestTime"] == clock
    assert row["hourTrading"]["latestPrice"] == pytest.approx(row["hourTrading"]["preClose"], rel=0.05)


def test_only_united_states_stocks_have_extended_hours() -> None:
    rows = _ask(MARKET, "quote_real_time", symbols=["00700", ".DJI"], include_hour_trading=True)

    assert not any("hourTrading" in row for row in rows)


def test_the_delayed_quote_is_a_quarter_of_an_hour_old_and_for_united_states_listings() -> None:
    (row,) = _ask(MARKET, "quote_delay", symbols=["AAPL", "00700"])

    assert row["close"] == MARKET.quote("AAPL", NOW_MS - 900_000).latest
    assert row["time"] == NOW_MS - 900_000


def test_the_book_begins_with_the_quote_and_is_in_order() -> None:
    (book,) = _ask(MARKET, "quote_depth", symbols=["00700"], market="HK")
    quote = MARKET.quote("00700", NOW_MS)
    asks = [level["price"] for level in book["asks"]]
    bids = [level["price"] for level in book["bids"]]

    assert (asks[0], book["asks"][0]["volume"]) == (quote.ask, quote.ask_size)
    assert (bids[0], book["bids"][0]["volume"]) == (quote.bid, quote.bid_size)
    assert asks == sorted(asks)
    assert bids == sorted(bids, reverse=True)
    assert len(set(asks)) == len(asks) == 10


def test_the_older_quote_has_names_in_the_language_asked_for() -> None:
    answer = _ask(MARKET, "brief", symbols=["00700"], include_ask_bid=True, lang="zh_CN")

    assert answer["items"][0]["name"] == "腾讯控股"


def test_all_symbols_have_names_in_every_market() -> None:
    for market, fewest in (("US", 50), ("HK", 8), ("CN", 3)):
        names = _ask(MARKET, "all_symbol_names", market=market)
        assert len(names) >= fewest
        assert all(row.keys() == {"symbol", "name"} and row["name"] for row in names)
        assert [row["symbol"] for row in names] == _ask(MARKET, "all_symbols", market=market)


def test_the_names_are_the_real_ones() -> None:
    names = {row["symbol"]: row["name"] for row in _ask(MARKET, "all_symbol_names")}

    assert names["AAPL"] == "Apple Inc."
    assert names["00700"] == "Tencent Holdings Limited"
    assert {".DJI", "BRK.B", "SPY", "600519", "300750", "09988"} <= names.keys()


def test_lots_and_ticks_are_told() -> None:
    rows = _ask(MARKET, "quote_stock_trade", symbols=["AAPL", "00005", "TLRY"])

    assert [(row["lotSize"], row["minTick"]) for row in rows] == [(1, 0.01), (400, 0.05), (1, 0.0001)]


def test_details_agree_with_the_quote() -> None:
    (row,) = _ask(MARKET, "stock_detail", symbols=["AAPL"])["items"]
    quote = MARKET.quote("AAPL", NOW_MS)

    assert (row["latestPrice"], row["askPrice"], row["volume"]) == (quote.latest, quote.ask, quote.volume)
    assert row["change"] == pytest.approx(quote.latest - quote.pre_close, abs=1e-4)
