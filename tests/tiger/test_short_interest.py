"""What is sold short of a stock is reported by its days, the newest first."""

from app.simulator.running import Simulator
from app.tiger.market.short_interest import get_reports
from tests.support.client import Client

PATH = "/api/market/short-interest"


def test_all_that_the_sdk_reads_is_read_newest_first() -> None:
    # The names are those that the SDK's ShortInterestResponse maps.
    row = {"shortInterest": 100.0, "avgDailyVolume": 50, "daysToCover": "2.0", "percentOfFloat": 0.01}
    days = ["2026-02-15", "2026-02-28"]
    (older, newer) = ({**row, "settlementDate": day} for day in days)
    reports = get_reports([{"symbol": "AAPL", "items": [older, newer]}])["AAPL"]["reports"]

    assert [report["settlement_date"] for report in reports] == days[::-1]
    assert reports[0] == {
        "settlement_date": "2026-02-28",
        "short_interest": 100,
        "avg_daily_volume": 50,
        "days_to_cover": 2.0,
        "percent_of_float": 0.01,
    }


def test_reports_of_each_stock_are_given_and_the_rest_is_missing(module_client: Client) -> None:
    answer = module_client.data(PATH, symbols=["AAPL", "ZZZZ", "NVDA"])

    assert [row["symbol"] for row in answer["short_interest"]] == ["AAPL", "NVDA"]
    assert answer["missing"] == ["ZZZZ"]
    for row in answer["short_interest"]:
        days = [report["settlement_date"] for report in row["reports"]]
        assert days == sorted(days, reverse=True)


def test_stocks_of_other_markets_are_refused_before_tiger_is_asked(client: Client, simulator: Simulator) -> None:
    body = client.refusal(PATH, 400, "invalid_request", symbols=["AAPL", "00700"])

    assert "US" in body["details"]["symbols.1"][0]
    assert simulator.calls() == 0


def test_reports_are_kept_by_stock(client: Client, simulator: Simulator) -> None:
    client.data(PATH, symbols=["AAPL", "MSFT"])
    client.data(PATH, symbols=["MSFT"])

    assert simulator.calls("quote_shortable_stocks") == 1
