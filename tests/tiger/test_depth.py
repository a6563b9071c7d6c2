"""The order book has the best price of each side first, as the quote has it, and nothing that is not offered."""

import json

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.market.depth import get_books
from tests.support.client import Client

PATH = "/api/market/depth"


def test_what_tiger_was_seen_to_send_is_read() -> None:
    # A recorded answer of Tiger's, shortened.
    data = [
        {
            "symbol": "AAPL",
            "asks": [{"price": 226.38, "count": 3, "volume": 363}, {"price": 226.4, "count": 2, "volume": 500}],
            "bids": [{"price": 226.3, "count": 5, "volume": 700}],
        }
    ]

    assert get_books(data) == {
        "AAPL": {
            "asks": [{"price": 226.38, "size": 363, "orders": 3}, {"price": 226.4, "size": 500, "orders": 2}],
            "bids": [{"price": 226.3, "size": 700, "orders": 5}],
        }
    }


def test_a_level_of_neither_price_nor_size_is_none() -> None:
    rows = [{"price": 0.0, "count": 0, "volume": 0}, {"price": 26.9, "count": 0, "volume": 0}]

    assert get_books([{"symbol": "02833", "asks": rows, "bids": rows[:1]}])["02833"] == {
        "asks": [{"price": 26.9, "size": 0, "orders": 0}],
        "bids": [],
    }


def test_what_a_level_lacks_is_null_and_a_side_that_is_missing_is_empty() -> None:
    book = get_books([{"symbol": "AAPL", "asks": [{"price": None, "volume": "300"}]}])["AAPL"]

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


def test_the_best_so_many_levels_are_given(client: Client, simulator: Simulator) -> None:
    # What was asked for a moment ago is kept, and more levels of it are no further call.
    few, many = client.data(PATH, symbol="AAPL", levels=3), client.data(PATH, symbol="AAPL")

    assert [len(few[side]) for side in ("asks", "bids")] == [3, 3]
    assert all(many[side][:3] == few[side] and len(many[side]) > 3 for side in ("asks", "bids"))
    assert simulator.calls("quote_depth") == 1


@pytest.mark.parametrize("symbol", ["NOSUCH", ".IXIC"])
def test_what_has_no_order_book_is_not_found(module_client: Client, symbol: str) -> None:
    module_client.refusal(PATH, 404, "symbol_not_found", symbol=symbol)


def test_an_order_book_that_tiger_answers_without_its_symbol_is_not_found(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="quote_depth", fields=("symbol",)))

    client.refusal(PATH, 404, "symbol_not_found", symbol="AAPL")
