"""Times, words and symbols are understood as people and programs write them; what is not, is told."""

import datetime as dt
import re

import pytest

from schemas.moments import ANY_DAY_PATTERN, TIME_PATTERN
from tests.support.client import assert_refusal

EPOCH_MS = 1_761_768_000_000
BARS = "/api/market/kline"
ORDERS = "/api/trade/orders"
CHAIN = "/api/market/option-chain"


@pytest.mark.parametrize("sent", [["AAPL"] * 51 + list("ABCDEFGHI"), ["aapl", " AAPL ", "US.AAPL"] * 20])
def test_a_repeated_symbol_counts_once(module_client, sent):
    assert module_client.post("/api/market/batch", symbols=sent).status_code in {200, 404}


@pytest.mark.parametrize("most", [[f"A{number}" for number in range(51)], ["AAPL"] * 1_001, []])
def test_too_many_different_symbols_are_refused(module_client, most):
    assert_refusal(module_client.post("/api/market/batch", symbols=most), 400, "invalid_request")


@pytest.mark.parametrize(
    "written",
    [
        EPOCH_MS,
        float(EPOCH_MS),
        "2025-10-29T20:00:00Z",
        "2025-10-29t20:00:00z",
        "2025-10-29 20:00:00.000Z",
        "2025-10-29T20:00:00.000000000Z",
        "2025-10-29T16:00:00.123456789-04:00",
        "2025-10-29T16:00:00-0400",
        "2025-10-29T16:00",
        "20251029",
        0,
    ],
)
def test_a_moment_may_be_written_in_many_ways(module_client, written):
    data = module_client.data(BARS, symbol="AAPL", begin_time=written, limit=1)

    assert data["symbol"] == "AAPL"


def test_all_ways_of_one_moment_are_the_same_moment(module_client):
    ways = [EPOCH_MS, float(EPOCH_MS), "2025-10-29T20:00:00.000000000z", "2025-10-29 16:00:00"]
    asked = {"symbol": "AAPL", "period": "1min", "limit": 5}
    bars = [module_client.data(BARS, **asked, end_time=way)["bars"] for way in ways]

    assert bars[0]
    assert bars == [bars[0]] * len(ways)


@pytest.mark.parametrize("path", [BARS, ORDERS])
@pytest.mark.parametrize("seconds", [EPOCH_MS // 1_000, EPOCH_MS / 1_000, 1])
def test_epoch_seconds_are_refused_with_a_word_about_milliseconds(module_client, path, seconds):
    name = "start_date" if path == ORDERS else "begin_time"
    response = module_client.post(path, **{name: int(seconds)}, **({} if path == ORDERS else {"symbol": "AAPL"}))

    assert_refusal(response, 400, "invalid_request")
    assert "milliseconds" in response.get_json()["details"][name][0]


@pytest.mark.parametrize("written", ["2025-02-29", "2100-02-29", "1969-12-31", "2200-01-01", "20251301", "2025-1-01"])
@pytest.mark.parametrize("after", ["", "T10:00:00Z"])
def test_a_day_that_is_none_is_refused_as_such(module_client, written, after):
    response = module_client.post(BARS, symbol="AAPL", begin_time=written + after)

    assert_refusal(response, 400, "invalid_request")


def test_the_published_pattern_holds_every_day_that_exists_and_no_other():
    days = [dt.date(1970, 1, 1) + dt.timedelta(days=number) for number in range(84_006)]
    wrong = [
        f"{year}-{month:02}-{day:02}" for year in (1999, 2000, 2100) for month in (2, 4, 13) for day in (30, 31, 0)
    ]
    wrong += ["1999-02-29", "2100-02-29", "1969-12-31", "2200-01-01"]
    pattern = re.compile(ANY_DAY_PATTERN)

    assert days[-1] == dt.date(2199, 12, 31)
    assert all(pattern.fullmatch(day.isoformat()) and pattern.fullmatch(f"{day:%Y%m%d}") for day in days)
    april = {"1999-04-30", "2000-04-30", "2100-04-30"}
    assert [day for day in wrong if pattern.fullmatch(day)] == sorted(april & set(wrong))
    assert not re.fullmatch(TIME_PATTERN, "2025-10-29T24:00:00")


@pytest.mark.parametrize("write", [str, int, float, lambda day: f"{day[:4]}-{day[4:6]}-{day[6:]}"])
def test_an_expiry_may_be_a_number_too(module_client, write):
    expiry = module_client.data(CHAIN, symbol="AAPL")["expirations"][0]

    assert module_client.data(CHAIN, symbol="AAPL", expiry=write(expiry))["chain"]["expiry"] == expiry


@pytest.mark.parametrize("path", [CHAIN, "/api/info/contracts"])
def test_digits_with_dashes_anywhere_are_no_day(module_client, path):
    named = {"symbol": "AAPL"} if path == CHAIN else {"symbols": ["AAPL"], "sec_type": "OPT"}
    response = module_client.post(path, **named, expiry="2-0-2-6-1218")

    assert_refusal(response, 400, "invalid_request")
    assert "20251219" in response.get_json()["details"]["expiry"][0]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (BARS, {"symbol": "AAPL", "period": "DAY"}),
        (BARS, {"symbol": "AAPL", "period": " 2Hour "}),
        (ORDERS, {"status": "filled"}),
        (ORDERS, {"status": "PARTIALLYFILLED"}),
        ("/api/market/search", {"keyword": "apple", "market": "us"}),
        ("/api/market/status", {"market": "all"}),
        ("/api/market/batch", {"symbols": ["AAPL"], "fields": ["Bid_Price"]}),
        ("/api/info/financials", {"symbols": ["AAPL"], "period_type": "annual"}),
        ("/api/info/corporate-actions", {"symbols": ["AAPL"], "action_type": "Dividend"}),
        ("/api/trade/positions", {"sec_type": "stk"}),
    ],
)
def test_a_word_may_be_written_in_any_case(module_client, path, body):
    module_client.data(path, **body)


def test_an_order_s_words_may_be_written_in_any_case(module_client):
    order = {"symbol": "us.aapl", "action": "buy", "order_type": "lmt", "quantity": 1, "limit_price": 1}
    placed = module_client.data("/api/trade/place-order", **order, time_in_force="gtc")

    assert (placed["symbol"], placed["action"], placed["order_type"]) == ("AAPL", "BUY", "LMT")
    module_client.data("/api/trade/cancel-order", order_id=placed["order_id"])


def test_a_market_or_a_date_that_is_refused_is_no_symbol(module_client):
    wrong = [("/api/market/status", {"market": "AU"}), (CHAIN, {"symbol": "AAPL", "expiry": "20250230"})]

    for path, body in wrong:
        assert_refusal(module_client.post(path, **body), 400, "invalid_request")


@pytest.mark.parametrize("written", ["BRK-B", "BRK/B", "brk b", "US.BRK.B"])
def test_a_quote_is_found_however_its_symbol_is_written(module_client, written):
    assert module_client.data("/api/market/quote", symbol=written)["symbol"] == "BRK.B"
