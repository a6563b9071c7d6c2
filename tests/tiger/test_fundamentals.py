"""Fundamentals are those of the stock asked for, ratios are numbers, and what Tiger has none of is listed."""

import json
from typing import Any

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.company.fundamentals import get_figures
from tests.support.client import PAPER, SECOND, Client

PATH = "/api/info/fundamentals"
# As the SDK's documentation has it.
APPLE = {
    "symbol": "AAPL",
    "roe": 1.4981,
    "roa": 0.2455,
    "pbRate": 60.6,
    "psRate": 9.76,
    "divideRate": 0.0038,
    "week52High": 269.12,
    "week52Low": 169.2101,
    "ttmEps": 6.573399,
    "lyrEps": 6.109054,
    "volumeRatio": 0.886438,
    "turnoverRate": 0.003030,
    "ttmPeRate": 40.893608,
    "lyrPeRate": 44.001903,
    "marketCap": 3.989245e12,
    "floatMarketCap": 3.982239e12,
}


@pytest.mark.parametrize("data", [[APPLE], {"items": [APPLE]}, [{"symbol": "AAPL", "items": [APPLE]}]])
def test_what_tiger_sends_is_read_in_each_form_that_the_sdk_reads(data: Any) -> None:
    figures = get_figures(data)["AAPL"]

    assert None not in figures.values()
    assert (figures["pe_ratio"], figures["last_year_eps"], figures["dividend_yield"]) == (40.893608, 6.109054, 0.0038)


def test_what_is_missing_or_no_number_is_null() -> None:
    figures = get_figures([{"symbol": "SPY", "roe": "NaN", "week52High": "612.5", "marketCap": None}])["SPY"]

    assert figures.pop("week52_high") == 612.5
    assert set(figures.values()) == {None}


def test_stocks_of_several_markets_come_in_the_order_asked_for(module_client: Client) -> None:
    answer = module_client.data(PATH, symbols=["700", "aapl", "NOSUCH", "600519", "MSFT"])

    assert [(row["symbol"], row["market"]) for row in answer["fundamentals"]] == [
        ("00700", "HK"),
        ("AAPL", "US"),
        ("600519", "CN"),
        ("MSFT", "US"),
    ]
    assert answer["missing"] == ["NOSUCH"]
    assert all(row["market_cap"] > row["float_market_cap"] > 1e9 for row in answer["fundamentals"])
    assert json.dumps(answer, allow_nan=False)


def test_what_is_no_stock_is_refused_before_tiger_is_asked(client: Client, simulator: Simulator) -> None:
    for symbol in ("AAPL251219C00150000", "ESmain", "IE00B464Q616.USD", "BTC/USD"):
        body = client.refusal(PATH, 400, "invalid_request", symbols=["AAPL", symbol])
        assert "Send a stock" in body["details"]["symbols.1"][0]
    assert simulator.calls("stock_fundamental") == 0


def test_figures_are_shared_by_the_accounts_of_a_user(client: Client, simulator: Simulator) -> None:
    second, paper = (client.for_account(account).data(PATH, symbols=["AAPL"]) for account in (SECOND, PAPER))

    assert second == paper
    assert simulator.calls("stock_fundamental") == 1


def test_figures_of_nobody_are_nobodys(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="stock_fundamental", fields=("symbol",)))

    assert client.data(PATH, symbols=["AAPL"]) == {"fundamentals": [], "missing": ["AAPL"]}
