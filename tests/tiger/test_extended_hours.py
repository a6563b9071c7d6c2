"""What a stock is traded at outside of the regular session is added where it is asked for, and costs nobody else."""

from typing import Any

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.market.extended_hours import get_hours, get_overnight
from tests.support.client import Client

QUOTE = "/api/market/quote"
BATCH = "/api/market/batch"
TRADING = {
    "tag": "Pre-Mkt",
    "latestPrice": 226.37,
    "preClose": 227.18,
    "latestTime": "04:31 EDT",
    "volume": 5841,
    "timestamp": 1754987488932,
}
PART = {"price": 226.37, "change": -0.81, "volume": 5841, "time": 1754987488932}


@pytest.mark.parametrize(("tag", "name"), [("Pre-Mkt", "pre"), ("Post-Mkt", "post"), ("盘后", "post"), ("盤前", "pre")])
def test_a_recorded_session_stands_under_its_name(tag: str, name: str) -> None:
    hours = get_hours({"hourTrading": TRADING | {"tag": tag}})

    assert hours == {"pre": None, "post": None, "overnight": None, name: PART}


@pytest.mark.parametrize("sent", [None, {}, {"tag": "Lunch", "latestPrice": 1.0}, {"tag": "Pre-Mkt", "latestPrice": 0}])
def test_what_tells_no_price_of_a_known_session_is_null(sent: dict[str, Any] | None) -> None:
    assert get_hours({"hourTrading": sent}) == {"pre": None, "post": None, "overnight": None}


def test_a_night_is_read() -> None:
    row = {"symbol": "AAPL", "latestPrice": 230.5, "preClose": 227.25, "latestTime": 1754987488932, "volume": 9}

    assert get_overnight([row])["AAPL"]["overnight"] == {
        "price": 230.5,
        "change": 3.25,
        "volume": 9,
        "time": 1754987488932,
    }


def test_who_does_not_ask_pays_one_call_and_gets_none(client: Client, simulator: Simulator) -> None:
    quote = client.data(QUOTE, symbol="AAPL")
    row = client.data(BATCH, symbols=["TSLA"])["quotes"]["TSLA"]

    assert quote["extended_hours"] is None
    assert "extended_hours" not in row
    assert (simulator.calls("quote_real_time"), simulator.calls()) == (2, 2)


def test_who_asks_gets_the_newer_session_and_the_night(client: Client, simulator: Simulator) -> None:
    hours = client.data(QUOTE, symbol="AAPL", extended_hours=True)["extended_hours"]
    told = [part for part in hours.values() if part is not None]

    assert (hours["pre"] is None) != (hours["post"] is None)
    assert hours["overnight"]["price"] > 0
    assert all(part.keys() == {"price", "change", "volume", "time"} and part["time"] for part in told)
    assert (simulator.calls("quote_real_time"), simulator.calls("quote_overnight")) == (1, 1)


def test_a_batch_asks_for_all_stocks_together(client: Client, simulator: Simulator) -> None:
    quotes = client.data(BATCH, symbols=["AAPL", "TSLA", "00700"], extended_hours=True)["quotes"]

    assert quotes["AAPL"]["extended_hours"]["overnight"] != quotes["TSLA"]["extended_hours"]["overnight"]
    assert quotes["00700"]["extended_hours"] is None
    assert simulator.calls() == 3


def test_a_night_that_is_not_permitted_is_null(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("code", method="quote_overnight", code=4, message="4000:permission denied"))
    hours = client.data(QUOTE, symbol="AAPL", extended_hours=True)["extended_hours"]

    assert hours["overnight"] is None
    assert hours["pre"] or hours["post"]


@pytest.mark.parametrize("value", ["true", 1, []])
def test_the_wish_is_a_boolean(module_client: Client, value: Any) -> None:
    module_client.refusal(QUOTE, 400, "invalid_request", symbol="AAPL", extended_hours=value)
