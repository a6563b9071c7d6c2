"""What can be subscribed, how much of it, and what has been."""

import json

import pytest

from tests.simulator.push.clients import ask, drain, get_subscription, subscribe
from tests.simulator.trader import FIRST_ID, SECOND_ID

OPTION, IDENTIFIER = "AAPL 20260417 250.0 CALL", "AAPL  260417C00250000"


def test_a_market_is_all_of_its_stocks(simulator, signed_in):
    assert signed_in.subscribe("Quote", market="HK").code == 112
    (held,) = simulator.push_connections()

    assert {"00700", "09988"} <= set(held["subscribedSymbols"])


def test_what_is_subscribed_is_told_when_asked(signed_in):
    for kind, symbols in (("Quote", f"AAPL,{IDENTIFIER}"), ("QuoteDepth", "AAPL"), ("TradeTick", "ESmain")):
        signed_in.send(get_subscription(kind, symbols))

    answer = ask(signed_in)[-1]
    told = json.loads(answer.msg)
    assert answer.code == 111
    assert (told["subscribedSymbols"], told["used"], told["limit"]) == (["AAPL", OPTION], 2, 2000)
    assert (told["subscribedAskBidSymbols"], told["askBidUsed"], told["askBidLimit"]) == (["AAPL"], 1, 500)
    assert (told["subscribedTradeTickSymbols"], told["tradeTickUsed"]) == (["ESmain"], 1)


@pytest.mark.parametrize(
    ("kind", "symbols", "market", "code"),
    [
        ("Quote", "NOSUCH", "", 3001),
        ("Quote", "AAPL,NOSUCH", "", 3001),
        ("Quote", ".SPX", "", 3001),
        ("Quote", "", "", 3001),
        ("Quote", "", "XX", 3001),
        ("Future", "AAPL", "", 3001),
        ("Kline", "ESmain", "", 3001),
        ("TradeTick", OPTION, "", 3001),
        ("StockTop", "height", "US", 3001),
        ("StockTop", "", "", 3001),
        ("Unknown", "", "", 3003),
    ],
)
def test_what_is_not_pushed_cannot_be_subscribed(simulator, signed_in, kind, symbols, market, code):
    answer = signed_in.subscribe(kind, symbols, market=market)

    assert answer.code == code
    assert simulator.push_connections()[0]["used"] == 0


def test_more_symbols_than_the_developer_may_have_are_refused_whole(simulator, signed_in):
    simulator.set_entitlements(FIRST_ID, subscribeLimit=2, subscribeDepthLimit=1)
    signed_in.subscribe("Quote", "AAPL")
    signed_in.receive()
    refused = signed_in.subscribe("Quote", "AAPL,MSFT,NVDA")
    book = signed_in.subscribe("QuoteDepth", "AAPL,MSFT")
    again = signed_in.subscribe("Quote", "AAPL,MSFT")
    simulator.set_entitlements(FIRST_ID)

    assert (refused.code, "2 symbols" in refused.msg, book.code, again.code) == (3002, True, 3002, 112)


def test_quotes_that_another_device_has_grabbed_are_refused(simulator, bare):
    connection = bare(SECOND_ID).sign_in()
    simulator.take_quote_permission(SECOND_ID)

    assert connection.subscribe("Quote", "AAPL").code == 4
    assert connection.subscribe("Asset").code == 112


@pytest.mark.parametrize("symbols", ["AAPL", ""])
def test_what_was_cancelled_is_told_no_more(simulator, signed_in, symbols):
    subscribe(signed_in, "Quote", "AAPL")
    ended = signed_in.unsubscribe("Quote", symbols)
    simulator.advance(2)

    assert (ended.code, drain(simulator, signed_in)) == (113, [])
