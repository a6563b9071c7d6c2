"""The minutes of a day come with their session, and add up to what the quote says was traded."""

import datetime as dt
import json
from itertools import pairwise
from typing import Any

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.market.timeline import get_symbol, get_timelines
from tests.support.client import Client

PATH = "/api/market/timeline"
ITEM = {"time": 1754919000000, "volume": 1656620, "price": 226.75, "avgPrice": 227.75438}
READ = {"time": 1754919000000, "price": 226.75, "avg_price": 227.75438, "volume": 1656620}


@pytest.mark.parametrize(
    "row", [{"intraday": [{"items": [ITEM]}]}, {"items": [ITEM]}, {"items": [{"items": [ITEM]}]}], ids=str
)
def test_each_form_of_the_regular_session_is_read(row: dict[str, Any]) -> None:
    rows = [{"symbol": "AAPL", **row, "preMarket": {"items": []}, "overnight": None}]

    assert get_timelines(get_symbol, rows)["AAPL"]["parts"] == {"regular": [{**READ, "session": "regular"}], "pre": []}


@pytest.mark.parametrize("symbol", ["AAPL", "00700", "600519"])
def test_the_minutes_of_a_stock_come_in_order(module_client: Client, symbol: str) -> None:
    answer = module_client.data(PATH, symbol=symbol)

    assert answer["sessions"] == ["regular"]
    assert answer["count"] == len(answer["minutes"]) > 0
    assert all(other["time"] - one["time"] >= 60_000 for one, other in pairwise(answer["minutes"]))
    assert answer["pre_close"] == module_client.data("/api/market/quote", symbol=symbol)["pre_close"]
    assert json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize("session", ["pre", "post", "overnight"])
def test_one_session_is_asked_for_alone(client: Client, simulator: Simulator, session: str) -> None:
    answer = client.data(PATH, symbol="AAPL", sessions=[session])

    assert answer["sessions"] == [session]
    assert {minute["session"] for minute in answer["minutes"]} <= {session}
    assert simulator.calls() == 1


def test_several_sessions_are_one_call(client: Client, simulator: Simulator) -> None:
    answer = client.data(PATH, symbol="AAPL", sessions=["pre", "regular"])

    assert answer["sessions"] == ["pre", "regular"]
    assert {minute["session"] for minute in answer["minutes"]} == {"pre", "regular"}
    assert answer["minutes"] == sorted(answer["minutes"], key=lambda minute: minute["time"])
    assert simulator.calls() == 1


def test_a_session_that_tiger_leaves_out_is_not_in_the_answer(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="timeline", fields=("preMarket",)))

    assert client.data(PATH, symbol="AAPL", sessions=["pre", "regular"])["sessions"] == ["regular"]


def test_a_past_day_is_given(module_client: Client) -> None:
    bars = module_client.data("/api/market/kline", symbol="AAPL", period="day", limit=3)["bars"]
    on = dt.datetime.fromtimestamp(bars[0]["time"] / 1000, dt.UTC).date().isoformat()
    answer = module_client.data(PATH, symbol="AAPL", date=on)

    assert (answer["date"], answer["pre_close"]) == (on, None)
    assert sum(minute["volume"] for minute in answer["minutes"]) == bars[0]["volume"]
    assert answer["minutes"][-1]["price"] == bars[0]["close"]


def test_a_day_without_trading_has_no_minutes(module_client: Client) -> None:
    assert module_client.data(PATH, symbol="AAPL", date="2026-01-03")["minutes"] == []


def test_the_minutes_of_an_option_are_given(module_client: Client) -> None:
    expiry = module_client.data("/api/market/option-chain", symbol="AAPL")["expirations"][1]
    leg = module_client.data("/api/market/option-chain", symbol="AAPL", expiry=expiry)["chain"]["puts"][9]
    answer = module_client.data(PATH, symbol=leg["identifier"])

    assert (answer["sec_type"], answer["put_call"], answer["strike"]) == ("OPT", "PUT", leg["strike"])
    assert answer["pre_close"] == leg["pre_close"]
    assert answer["count"] > 0


def test_the_minutes_of_a_coin_are_given(module_client: Client) -> None:
    answer = module_client.data(PATH, symbol="BTC.USD", sec_type="CC")

    assert (answer["sec_type"], answer["sessions"]) == ("CC", ["regular"])
    assert any(minute["volume"] > 0 for minute in answer["minutes"])


def test_what_has_no_timeline_is_not_found(module_client: Client) -> None:
    module_client.refusal(PATH, 404, "symbol_not_found", symbol="NOSUCH")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"symbol": "ESmain", "sec_type": "FUT"}, "sec_type"),
        ({"symbol": "LU0476943708.HKD", "sec_type": "FUND"}, "sec_type"),
        ({"symbol": "BTC.USD", "sec_type": "CC", "date": "2026-04-01"}, "date"),
        ({"symbol": "00700", "sessions": ["pre"]}, "sessions"),
    ],
    ids=str,
)
def test_what_tiger_does_not_give_is_refused_before_the_wire(
    client: Client, simulator: Simulator, fields: dict[str, Any], named: str
) -> None:
    body = client.refusal(PATH, 400, "invalid_request", **fields)

    assert named in body["details"]
    assert simulator.calls() == 0
