"""Bars of every type come from the method that has them, oldest first and page by page, as the SDK reads them."""

from typing import Any

import pytest

from app.errors import TigerError
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.identification import get_instrument
from app.tiger.instrument import Instrument
from app.tiger.market.bar_sources import SOURCES
from app.tiger.market.bars import get_page
from tests.support.client import Client

# What the SDK does with pandas is its own matter.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")

PATH = "/api/market/kline"
PRICES = ("time", "open", "high", "low", "close", "volume")
CALL = get_instrument("AAPL250815C00200000")

# Recorded answers of Tiger's, shortened.
STOCK_ROW = {
    "symbol": "AAPL",
    "period": "day",
    "items": [
        {"time": 1754366400000, "volume": 44155079, "open": 203.4, "close": 202.92, "high": 205.34, "low": 202.16}
        | {"amount": 8987659222.543882}
    ],
}
OPTION_ROW = {
    "symbol": "AAPL",
    "expiry": 1755230400000,
    "right": "CALL",
    "strike": "200.0",
    "period": "day",
    "items": [
        {"time": 1722830400000, "volume": 9, "open": 33.0, "close": 29.5, "high": 33.0, "low": 29.5}
        | {"markPrice": 29.5, "midPrice": 0.0, "openInterest": 0}
    ],
}
FUTURE_ROW = {
    "nextPageToken": "ZnV0dXJlX2tsaW5lfENM",
    "items": [
        {"time": 1755032400000, "volume": 2459, "open": 61.25, "close": 61.25, "high": 61.25, "low": 61.13}
        | {"lastTime": 1755032400000, "openInterest": 47604, "settlement": 61.25}
    ],
    "contractCode": "CL2609",
}


def test_a_settlement_price_of_zero_is_none_yet() -> None:
    row = FUTURE_ROW | {"items": [{"time": 1755032400000, "settlement": 0}]}

    assert get_page([row], SOURCES["FUT"], Instrument("CL2609", "FUT"))[0][0]["settlement"] is None


def test_the_volume_of_a_coin_has_its_fraction() -> None:
    row = {"symbol": "BTC.USD", "items": [{"time": 1755032400000, "volume": 2, "volumeDecimal": 2.45}]}

    assert get_page([row], SOURCES["CC"], Instrument("BTC/USD", "CC"))[0][0]["volume"] == 2.45


@pytest.mark.parametrize(
    ("row", "instrument"),
    [
        (STOCK_ROW, Instrument("MSFT")),
        (FUTURE_ROW, Instrument("CLmain", "FUT")),
        *[(OPTION_ROW | other, CALL) for other in ({"strike": "200.5"}, {"right": "PUT"}, {"expiry": 1755835200000})],
        *[(OPTION_ROW | {name: None}, CALL) for name in ("symbol", "strike", "right", "expiry")],
    ],
)
def test_bars_of_something_else_are_no_answer(row: dict[str, Any], instrument: Instrument) -> None:
    with pytest.raises(TigerError):
        get_page([row], SOURCES[instrument.sec_type], instrument)


@pytest.fixture(scope="module")
def option(module_client: Client) -> str:
    """Return the identifier of an option that has been trading for some time."""
    chain = "/api/market/option-chain"
    expiry = module_client.data(chain, symbol="AAPL")["expirations"][5]
    calls = module_client.data(chain, symbol="AAPL", expiry=expiry)["chain"]["calls"]
    return str(calls[len(calls) // 2]["identifier"])


def get_named(option: str) -> dict[str, dict[str, Any]]:
    """Return how one instrument of each type with bars is named."""
    return {
        "STK": {"symbol": "00700"},
        "OPT": {"identifier": option},
        "FUT": {"symbol": "esmain", "sec_type": "FUT"},
        "CC": {"symbol": "BTC/USD", "sec_type": "CC"},
    }


@pytest.mark.parametrize("sec_type", ["STK", "OPT", "FUT", "CC"])
@pytest.mark.parametrize("period", ["day", "5min"])
def test_bars_of_each_type_come_oldest_first(module_client: Client, option: str, sec_type: str, period: str) -> None:
    answer = module_client.data(PATH, **get_named(option)[sec_type], period=period, limit=3)
    times = [bar["time"] for bar in answer["bars"]]

    assert answer["sec_type"] == sec_type
    assert len(times) == answer["count"] == 3
    assert times == sorted(set(times))
    assert all(bar["low"] <= min(bar["open"], bar["close"]) <= bar["high"] for bar in answer["bars"])
    assert all(("open_interest" in bar) is (sec_type in {"OPT", "FUT"}) for bar in answer["bars"])


@pytest.mark.parametrize("sec_type", ["STK", "OPT", "FUT", "CC"])
def test_pages_are_the_parts_of_one_list(module_client: Client, option: str, sec_type: str) -> None:
    named = get_named(option)[sec_type] | {"period": "day", "end_time": "2026-04-01"}
    whole = module_client.data(PATH, **named, limit=9)["bars"]
    newest = module_client.data(PATH, **named, limit=4)
    before = module_client.data(PATH, **named, limit=5, page_token=newest["next_page_token"])

    assert before["bars"] + newest["bars"] == whole


def test_the_last_page_names_no_further_one(module_client: Client) -> None:
    asked = {"symbol": "AAPL", "begin_time": "2026-03-02", "end_time": "2026-03-06"}
    first = module_client.data(PATH, **asked, limit=3)
    last = module_client.data(PATH, **asked, limit=3, page_token=first["next_page_token"])
    exact = module_client.data(PATH, **asked, limit=5)

    assert [page["count"] for page in (first, last, exact)] == [3, 2, 5]
    assert last["next_page_token"] is None
    assert exact["next_page_token"] is None


@pytest.mark.parametrize(
    "other", [{"symbol": "MSFT"}, {"period": "week"}, {"adjusted": False}, {"end_time": "2026-03-05"}]
)
def test_a_page_token_is_good_for_its_own_question(module_client: Client, other: dict[str, Any]) -> None:
    asked = {"symbol": "AAPL", "end_time": "2026-03-06", "limit": 3}
    token = module_client.data(PATH, **asked)["next_page_token"]
    body = module_client.refusal(PATH, 400, "invalid_request", **(asked | other), page_token=token)

    assert "page_token" in body["details"]


def test_prices_before_a_split_are_adjusted_unless_asked_otherwise(module_client: Client) -> None:
    # NVDA was split ten to one on 2024-06-10.
    asked = {"symbol": "NVDA", "begin_time": "2024-06-03", "end_time": "2024-06-12"}
    adjusted, raw = (module_client.data(PATH, **asked, adjusted=each) for each in (True, False))
    ratios = [round(one["close"] / other["close"]) for one, other in zip(raw["bars"], adjusted["bars"], strict=True)]

    assert (adjusted["adjusted"], raw["adjusted"]) == (True, False)
    assert ratios == [10, 10, 10, 10, 10, 1, 1, 1]


@pytest.mark.parametrize("session", ["pre", "post", "overnight"])
def test_other_sessions_have_bars_of_their_own(module_client: Client, session: str) -> None:
    asked = {"symbol": "AAPL", "period": "5min", "end_time": "2026-03-06", "limit": 20}
    regular = {bar["time"] for bar in module_client.data(PATH, **asked)["bars"]}
    answer = module_client.data(PATH, **asked, session=session)

    assert answer["session"] == session
    assert answer["bars"]
    assert regular.isdisjoint(bar["time"] for bar in answer["bars"])


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({"symbol": "ESmain", "period": "3min"}, "period"),
        ({"symbol": "AAPL261218C00200000", "period": "week"}, "period"),
        ({"symbol": "IE00B464Q616.USD", "sec_type": "FUND"}, "sec_type"),
        ({"symbol": "00700", "session": "pre"}, "session"),
        ({"symbol": "ESmain", "session": "overnight"}, "session"),
        ({"symbol": "MSFT", "identifier": "AAPL261218C00200000"}, "symbol"),
    ],
)
def test_what_tiger_has_no_bars_of_is_refused(module_client: Client, named: dict[str, Any], field: str) -> None:
    assert field in module_client.refusal(PATH, 400, "invalid_request", **named)["details"]


@pytest.mark.parametrize("sec_type", ["WAR", "IOPT"])
def test_what_may_have_no_bars_is_an_empty_list(module_client: Client, sec_type: str) -> None:
    assert module_client.data(PATH, symbol="14339", sec_type=sec_type)["bars"] == []


@pytest.mark.parametrize(
    "named", [{"symbol": "ES2001"}, {"symbol": "AAPL201218C00150000"}, {"symbol": "NO/USD", "sec_type": "CC"}]
)
def test_what_tiger_does_not_know_has_no_bars(module_client: Client, named: dict[str, str]) -> None:
    assert module_client.data(PATH, **named)["bars"] == []


def test_an_option_of_hong_kong_may_be_named_by_its_stock(module_client: Client) -> None:
    expiry = module_client.data("/api/market/option-chain", symbol="00700")["expirations"][2]
    named = {"expiry": expiry, "strike": 600, "put_call": "CALL", "limit": 3}
    by_stock, by_code = (module_client.data(PATH, symbol=symbol, **named)["bars"] for symbol in ("700", "TCH.HK"))

    assert by_stock
    assert by_stock == by_code


def test_bars_without_their_symbol_are_no_answer(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="kline", fields=("symbol",)))

    client.refusal(PATH, 502, "tiger_error", symbol="AAPL")
