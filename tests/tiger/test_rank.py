"""A rank lists the stocks of one market, in Tiger's order."""

import pytest

from app.simulator.running import Simulator
from app.tiger.market.rank import get_ranked
from tests.support.client import PAPER, SECOND, Client

PATH = "/api/market/rank"


def test_a_row_without_a_symbol_is_left_out_and_what_is_missing_is_null() -> None:
    rows = [{"market": "US"}, {"symbol": "AAPL", "changeRate": "0.01", "hourTrading": {"tradingStatus": 1}}]

    assert get_ranked(rows) == [
        {
            "symbol": "AAPL",
            "sec_type": None,
            "market": None,
            "name": None,
            "change_rate": 0.01,
            "buy_order_rate": None,
            "sell_order_rate": None,
            "extended_hours": {"trading_status": 1, "change_rate": None},
        }
    ]


@pytest.mark.parametrize(("market", "is_extended"), [("US", True), ("HK", False)])
def test_stocks_of_the_market_are_ranked(module_client: Client, market: str, is_extended: bool) -> None:
    answer = module_client.data(PATH, market=market)

    assert answer["count"] == len(answer["stocks"]) > 5
    assert {row["market"] for row in answer["stocks"]} == {market}
    assert all((row["extended_hours"] is not None) is is_extended for row in answer["stocks"])


def test_a_rank_is_kept_for_all_accounts_of_a_user(client: Client, simulator: Simulator) -> None:
    second, paper = (client.for_account(account).data(PATH) for account in (SECOND, PAPER))

    assert second == paper
    assert simulator.calls("trade_rank") == 1
