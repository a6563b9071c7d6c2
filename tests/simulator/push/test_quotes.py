"""Quotes, books, trades, bars and ranks are pushed as REST tells them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.simulator.market.listings import LISTINGS
from tests.simulator.push.clients import Bare, drain, get_data, name_of, subscribe
from tests.simulator.trader import Trader

OPTION, IDENTIFIER = "AAPL 20260417 250.0 CALL", "AAPL  260417C00250000"
WARRANT = "19631"
STOCK_FIELDS = {
    "latestPrice": "latest_price", "latestPriceTimestamp": "latest_time", "preClose": "pre_close", "open": "open",
    "high": "high", "low": "low", "volume": "volume", "askPrice": "ask_price", "askSize": "ask_size",
    "bidPrice": "bid_price", "bidSize": "bid_size",
}  # fmt: skip
ALL, BASIC, BBO = 3, 1, 2

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")


@pytest.mark.parametrize("symbol", ["AAPL", "00700", "600519"])
def test_a_stock_is_told_as_rest_tells_it(trader, signed_in, symbol):
    told = subscribe(signed_in, "Quote", symbol)
    (row,) = trader.quotes().get_stock_briefs([symbol]).to_dict("records")
    (bar,) = trader.quotes().get_bars([symbol], period="1min", limit=1).to_dict("records")

    assert (told.symbol, told.type) == (symbol, ALL)
    assert {ours: getattr(told, ours) for ours in STOCK_FIELDS} == {
        ours: row[theirs] for ours, theirs in STOCK_FIELDS.items()
    }
    assert (told.mi.o, told.mi.h, told.mi.l, told.mi.p, told.mi.t) == tuple(
        bar[name] for name in ("open", "high", "low", "close", "time")
    )


@pytest.mark.parametrize("name", [OPTION, IDENTIFIER])
def test_an_option_is_told_under_either_of_its_names(trader, signed_in, name):
    signed_in.subscribe("Quote", name)
    frame = signed_in.receive_answer()
    (row,) = trader.quotes().get_option_briefs([IDENTIFIER]).to_dict("records")

    told = frame.body.quoteData
    assert (name_of(frame), told.symbol, told.identifier) == ("Option", OPTION, IDENTIFIER)
    assert (told.latestPrice, told.askPrice, told.openInt) == (
        row["latest_price"],
        row["ask_price"],
        row["open_interest"],
    )


def test_a_future_is_told_with_its_settlement(trader, signed_in):
    signed_in.subscribe("Future", "ESmain")
    frame = signed_in.receive_answer()
    (row,) = trader.quotes().get_future_brief(["ESmain"]).to_dict("records")

    told = frame.body.quoteData
    assert (name_of(frame), told.latestPrice, told.preSettlement) == ("Future", row["latest_price"], row["settlement"])


def test_a_digital_asset_and_a_warrant_are_told(simulator, signed_in):
    coin = subscribe(signed_in, "Cc", "BTC/USD")
    told = subscribe(signed_in, "Quote", WARRANT)

    assert (coin.symbol, coin.volumeDecimal > 0) == ("BTC/USD", True)
    assert (told.symbol, told.latestPrice > 0) == (WARRANT, True)


def test_only_the_half_that_has_changed_is_told(simulator, signed_in):
    subscribe(signed_in, "Quote", "AAPL")
    simulator.set_price("AAPL", 150)
    both = get_data(signed_in)
    simulator.set_price("AAPL", 150)
    still = drain(simulator, signed_in)
    simulator.advance(1)
    moved = drain(simulator, signed_in)
    simulator.set_price("AAPL", None)

    assert (both.type, both.latestPrice) == (ALL, 150)
    assert still == []
    assert {frame.body.quoteData.type for frame in moved} <= {BASIC, BBO, ALL}
    assert all(frame.body.quoteData.HasField("latestPrice") for frame in moved)


def test_time_that_passes_moves_quotes(simulator, signed_in):
    before = subscribe(signed_in, "Quote", "AAPL")
    simulator.advance(5)
    after = get_data(signed_in)

    assert (after.symbol, after.timestamp - before.timestamp) == ("AAPL", 5000)
    assert after.volume > before.volume


def test_a_book_begins_with_bid_and_ask(simulator, signed_in):
    quote = subscribe(signed_in, "Quote", "00700")
    book = subscribe(signed_in, "QuoteDepth", "00700")
    option = subscribe(signed_in, "QuoteDepth", OPTION)
    future = subscribe(signed_in, "QuoteDepth", "ESmain")

    assert (book.ask.price[0], book.bid.price[0]) == (quote.askPrice, quote.bidPrice)
    assert len(book.ask.price) == len(book.ask.volume) == len(book.ask.orderCount) == 10
    assert len(option.bid.price) == len(option.bid.exchange) == len(option.bid.time)
    assert (list(future.ask.orderCount), len(future.ask.price)) == ([], 10)


def test_trades_to_come_are_told_each_once(simulator, connect):
    subscriber = connect()
    subscriber.subscribe("tick", ["AAPL", "ESmain"])
    for _ in range(2):
        simulator.advance(3)

    for symbol in ("AAPL", "ESmain"):
        subscriber.wait("tick_changed", lambda _, symbol=symbol: len(list_times(subscriber, symbol)) == 6)
        times = list_times(subscriber, symbol)
        assert times == list(range(times[0], times[0] + 6000, 1000))


def list_times(subscriber: Any, symbol: str) -> list[int]:
    told = [tick for tick in subscriber.heard.list("tick_changed") if tick.symbol == symbol]
    return [trade.time for tick in told for trade in tick.ticks]


def test_a_look_at_many_leaves_room_for_others_and_tells_all(simulator, signed_in):
    symbols = [stock.symbol for stock in LISTINGS.values() if (stock.market, stock.sec_type) == ("US", "STK")]
    signed_in.subscribe("TradeTick", ",".join(symbols))
    service = simulator._assembly.service

    def pass_a_second() -> None:
        service.clock.advance_ms(1_000)
        service.tick()

    simulator._call(pass_a_second)
    before_others = drain(simulator, signed_in)
    after = [get_data(signed_in).symbol for _ in symbols[len(before_others) :]]

    assert before_others
    assert after
    assert sorted([*(frame.body.tradeTickData.symbol for frame in before_others), *after]) == sorted(symbols)


def test_trades_are_those_of_rest(simulator, trader, connect):
    subscriber = connect()
    subscriber.subscribe("tick", ["AAPL"])
    simulator.advance(4)
    told = subscriber.wait("tick_changed")
    rows = trader.quotes().get_trade_ticks(["AAPL"], limit=4).to_dict("records")

    assert [(tick.time, tick.price, tick.volume, tick.tick_type) for tick in told.ticks] == [
        (row["time"], row["price"], row["volume"], row["direction"]) for row in rows
    ]


def test_full_ticks_are_told_to_those_who_ask_for_them(simulator, bare):
    connection = bare().sign_in(use_full_tick=True)
    connection.subscribe("TradeTick", "AAPL")
    simulator.advance(2)

    told = get_data(connection)
    assert (type(told).DESCRIPTOR.name, len(told.ticks), told.source) == ("TickData", 2, "NASDAQ")


def test_a_bar_of_the_minute_is_told_as_it_grows(simulator, trader, signed_in):
    first = subscribe(signed_in, "Kline", "AAPL")
    simulator.advance(2)
    then = get_data(signed_in)
    (bar,) = trader.quotes().get_bars(["AAPL"], period="1min", limit=1).to_dict("records")

    assert (then.time, then.volume, then.close) == (bar["time"], bar["volume"], pytest.approx(bar["close"]))
    assert then.count - first.count == 2


def test_ranks_are_told_highest_first_those_that_were_asked_for(signed_in):
    told = subscribe(signed_in, "StockTop", "changeRate,amount", market="US")
    everything = subscribe(signed_in, "OptionTop", market="US")

    assert [rank.targetName for rank in told.topData] == ["changeRate", "amount"]
    for rank in told.topData:
        values = [item.targetValue for item in rank.item]
        assert values == sorted(values, reverse=True)
    assert {rank.targetName for rank in everything.topData} == {"bigOrder", "volume", "amount", "openInt"}


def test_ranks_come_again_every_half_minute(simulator, signed_in):
    first = subscribe(signed_in, "StockTop", market="HK")
    simulator.advance(31)

    assert get_data(signed_in).timestamp > first.timestamp


def test_outside_the_session_a_stock_is_told_with_what_is_traded_then(simulate):
    after_hours = int(datetime(2026, 3, 11, 21, 30, tzinfo=UTC).timestamp() * 1000)
    simulator = simulate(real_hours=True, frozen_at_ms=after_hours)
    trader = Trader(simulator)
    with Bare(simulator) as connection:
        told = subscribe(connection.sign_in(), "Quote", "AAPL")
    (row,) = trader.quotes().get_stock_briefs(["AAPL"], include_hour_trading=True).to_dict("records")

    assert (told.hourTradingTag, told.latestPrice) == ("Post-Mkt", row["hour_trading_latest_price"])
    assert told.preClose == row["hour_trading_pre_close"]
    assert (told.HasField("open"), told.HasField("latestPriceTimestamp")) == (False, False)
