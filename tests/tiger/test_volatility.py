"""An analysis of options says how volatile each underlying is, within the period that Tiger names."""

import json

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.market.volatility import get_analyses
from tests.support.client import Client

PATH = "/api/market/option-analysis"


def test_what_tiger_was_seen_to_send_is_read() -> None:
    # A recorded answer of Tiger's, shortened: both were asked for over 52 weeks.
    data = [
        {
            "symbol": "TSLA",
            "impliedVol30Days": 0.4521,
            "hisVolatility": 0.3987,
            "ivHisVRatio": 1.13,
            "callPutRatio": 0.89,
            "impliedVolMetric": {"period": "26week", "percentile": 0.62, "rank": 0.55},
        }
    ]

    assert get_analyses(data) == {
        "TSLA": {
            "implied_vol": 0.4521,
            "historical_vol": 0.3987,
            "iv_hv_ratio": 1.13,
            "call_put_ratio": 0.89,
            "period": "26week",
            "iv_percentile": 0.62,
            "iv_rank": 0.55,
            "days": [],
        }
    }


def test_days_are_in_order_and_those_without_a_time_are_left_out() -> None:
    day = {"impliedVol": 0.2, "hisVolatility": "NaN", "percentile": 0.5, "rank": None}
    sent = [{**day, "timestamp": 1_755_100_000_000}, day, {**day, "timestamp": 1_755_000_000_000}]
    days = get_analyses([{"symbol": "AAPL", "volatilityList": sent}])["AAPL"]["days"]

    assert [day["time"] for day in days] == [1_755_000_000_000, 1_755_100_000_000]
    assert days[0] == {
        "time": 1_755_000_000_000,
        "implied_vol": 0.2,
        "historical_vol": None,
        "iv_percentile": 0.5,
        "iv_rank": None,
    }


def test_each_underlying_of_each_market_is_found_and_the_rest_is_missing(module_client: Client) -> None:
    answer = module_client.data(PATH, symbols=["aapl", "00700", "ZZZZ"], period="13week")

    assert [row["symbol"] for row in answer["analyses"]] == ["AAPL", "00700"]
    assert answer["missing"] == ["ZZZZ"]
    assert {row["period"] for row in answer["analyses"]} == {"13week"}
    assert all(0 <= row["iv_percentile"] <= 1 and 0 <= row["iv_rank"] <= 1 for row in answer["analyses"])
    assert {row["days"] for row in answer["analyses"]} == {None}
    assert json.dumps(answer, allow_nan=False)


def test_the_days_of_the_period_are_given_to_who_asks_for_them(module_client: Client) -> None:
    (analysis,) = module_client.data(PATH, symbols=["AAPL"], period="13week", days=True)["analyses"]
    times = [day["time"] for day in analysis["days"]]

    assert len(times) == 63
    assert times == sorted(times)
    assert analysis["days"][-1]["implied_vol"] == analysis["implied_vol"]


@pytest.mark.parametrize("symbol", ["AAPL251219C00150000", "ESmain"])
def test_what_is_no_stock_is_refused_before_tiger_is_asked(client: Client, simulator: Simulator, symbol: str) -> None:
    body = client.refusal(PATH, 400, "invalid_request", symbols=["AAPL", symbol])

    assert "stock" in body["details"]["symbols.1"][0]
    assert simulator.calls("option_analysis") == 0


def test_an_analysis_that_tiger_answers_without_its_symbol_is_missing(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="option_analysis", fields=("symbol",)))
    answer = client.data(PATH, symbols=["AAPL"])

    assert (answer["count"], answer["analyses"], answer["missing"]) == (0, [], ["AAPL"])
