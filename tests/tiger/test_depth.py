"""The order book has the best price of each side first, as the quote has it, and nothing that is not offered."""

import json

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.identification import get_instrument
from app.tiger.market.depth import SOURCES, get_books
from app.tiger.wire.options import get_basics
from tests.support.client import Client

PATH = "/api/market/depth"


def test_a_question_names_the_option_as_the_sdk_does() -> None:
    options = [get_instrument("AAPL250815C00002010"), get_instrument("TCH.HK250828P00610000")]
    asked = [get_basics([option]).to_openapi_dict() for option in options]

    assert asked == [
        {"market": market, "option_basic": [{"symbol": symbol, "expiry": expiry, "strike": strike, "right": right}]}
        for market, symbol, expiry, strike, right in [
            ("US", "AAPL", 1755230400000, 2.01, "CALL"),
            ("HK", "TCH.HK", 1756310400000, 610.0, "PUT"),
        ]
    ]


@pytest.mark.parametrize("strike", ["2.01", "2.03", "4.02", "8.03"])
def test_a_row_belongs_to_the_option_of_its_exact_strike(strike: str) -> None:
    row = {"symbol": "AAPL", "expiry": 1755230400000, "strike": strike, "right": "call", "ask": [], "bid": []}

    assert list(get_books([row], SOURCES["OPT"])) == [f"AAPL  250815C0000{strike.replace('.', '')}0"]


@pytest.mark.parametrize("lost", ["symbol", "expiry", "strike", "right"])
def test_a_row_that_does_not_say_which_option_it_is_about_is_nobodys(lost: str) -> None:
    row = {"symbol": "AAPL", "expiry": 1755230400000, "strike": "210.0", "right": "CALL", "ask": [], "bid": []}

    assert get_books([row | {lost: None}], SOURCES["OPT"]) == {}


def test_a_level_of_neither_price_nor_size_is_none() -> None:
    rows = [{"price": 0.0, "count": 0, "volume": 0}, {"price": 26.9, "count": 0, "volume": 0}]

    assert get_books([{"symbol": "02833", "asks": rows, "bids": rows[:1]}], SOURCES["STK"])["02833"] == {
        "asks": [{"price": 26.9, "size": 0, "orders": 0}],
        "bids": [],
    }


def test_what_a_level_lacks_is_null_and_a_side_that_is_missing_is_empty() -> None:
    book = get_books([{"symbol": "AAPL", "asks": [{"price": None, "volume": "300"}]}], SOURCES["STK"])["AAPL"]

    assert book == {"asks": [{"price": None, "size": 300, "orders": None}], "bids": []}


@pytest.mark.parametrize(("symbol", "market"), [("aapl", "US"), ("700", "HK"), ("600519", "CN")])
def test_the_best_prices_stand_first(module_client: Client, symbol: str, market: str) -> None:
    book = module_client.data(PATH, symbol=symbol)
    asks, bids = ([level["price"] for level in book[side]] for side in ("asks", "bids"))

    assert book["market"] == market
    assert asks == sorted(asks)
    assert bids == sorted(bids, reverse=True)
    assert bids[0] < asks[0]
    assert all(level["size"] > 0 and level["orders"] > 0 for level in book["asks"] + book["bids"])
    assert json.dumps(book, allow_nan=False)


@pytest.mark.parametrize("symbol", ["AAPL", "TCH.HK", "00700"])
def test_an_option_has_an_order_book(module_client: Client, symbol: str) -> None:
    expiry = module_client.data("/api/market/option-chain", symbol=symbol)["expirations"][1]
    calls = module_client.data("/api/market/option-chain", symbol=symbol, expiry=expiry)["chain"]["calls"]
    leg = calls[len(calls) // 2]
    named = {"symbol": symbol, "expiry": expiry, "strike": leg["strike"], "put_call": "CALL"}
    book = module_client.data(PATH, **named)

    assert {name: book[name] for name in named} == named
    assert (book["sec_type"], book["identifier"][6:]) == ("OPT", leg["identifier"][6:])
    assert [level["price"] for level in book["asks"]] == sorted(level["price"] for level in book["asks"])
    assert all(level["exchange"] and level["time"] and level["orders"] is None for level in book["asks"])
    assert module_client.data(PATH, identifier=leg["identifier"].replace(" ", ""))["bids"]


@pytest.mark.parametrize("code", ["ESmain", "CLmain"])
def test_a_future_has_an_order_book(module_client: Client, code: str) -> None:
    book = module_client.data(PATH, symbol=code, levels=3)

    assert (book["sec_type"], book["identifier"], book["market"]) == ("FUT", code, None)
    assert book["bids"][0]["price"] < book["asks"][0]["price"]
    assert [len(book[side]) for side in ("asks", "bids")] == [3, 3]


@pytest.mark.parametrize("sec_type", ["WAR", "IOPT", "FUND", "CC"])
def test_a_type_without_order_books_is_refused_before_tiger_is_asked(module_client: Client, sec_type: str) -> None:
    body = module_client.refusal(PATH, 400, "invalid_request", symbol="14339", sec_type=sec_type)

    assert f"not of {sec_type}" in body["details"]["sec_type"][0]


def test_the_best_so_many_levels_are_given(client: Client, simulator: Simulator) -> None:
    # What was asked for a moment ago is kept, and more levels of it are no further call.
    few, many = client.data(PATH, symbol="AAPL", levels=3), client.data(PATH, symbol="AAPL")

    assert [len(few[side]) for side in ("asks", "bids")] == [3, 3]
    assert all(many[side][:3] == few[side] and len(many[side]) > 3 for side in ("asks", "bids"))
    assert simulator.calls("quote_depth") == 1


@pytest.mark.parametrize("symbol", ["NOSUCH", ".IXIC", "ES2001", "AAPL201218C00150000"])
def test_what_has_no_order_book_is_not_found(module_client: Client, symbol: str) -> None:
    module_client.refusal(PATH, 404, "symbol_not_found", symbol=symbol)


def test_an_order_book_that_tiger_answers_without_its_symbol_is_not_found(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="quote_depth", fields=("symbol",)))

    client.refusal(PATH, 404, "symbol_not_found", symbol="AAPL")
