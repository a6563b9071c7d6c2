"""Bars of stocks that are asked for together come in one call; each request gets its own, as if it had asked alone."""

import dataclasses
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from app.gateway import get_gateway
from app.settings import Settings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.support.client import FIRST, Client
from tests.support.server import wait_until

PATH = "/api/market/kline"
MINUTE = 60.0


@pytest.fixture
def settings(settings: Settings, simulator: Simulator) -> Settings:
    """Give settings that keep bars for as long as a minute lasts, of which most is left."""
    simulator.advance(MINUTE + 0.5 - simulator.now_ms / 1_000 % MINUTE)
    return dataclasses.replace(settings, cache=dataclasses.replace(settings.cache, bars_seconds=MINUTE))


@pytest.fixture
def other_app(app: Flask, settings: Settings) -> Iterator[Flask]:
    """Give another worker: an application of its own on the same database."""
    application = create_app(settings)
    yield application
    get_gateway(application).close()


@contextmanager
def held_up(client: Client, simulator: Simulator, **members: object) -> Iterator[None]:
    """Have a call for bars under way until all that is asked for within the block waits behind it."""
    simulator.inject(Fault("delay", method="kline", seconds=0.4, times=1))
    asking = threading.Thread(target=lambda: client.post(PATH, symbol="AAPL", **members))
    asking.start()
    wait_until(lambda: simulator.calls("kline"), 15)
    yield
    asking.join(10)


def ask_together(
    client: Client, simulator: Simulator, asked: Sequence[Mapping[str, object]], **members: object
) -> list[TestResponse]:
    with held_up(client, simulator, **members), ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(lambda own: client.post(PATH, **members, **own), asked))


def get_bars(response: TestResponse) -> list[dict[str, float]]:
    assert response.status_code == 200
    bars: list[dict[str, float]] = response.get_json()["data"]["bars"]
    return bars


def test_bars_in_one_call_are_those_of_calls_alone(client: Client, simulator: Simulator) -> None:
    names: list[Mapping[str, object]] = [{"symbol": symbol} for symbol in ("TSLA", "MSFT", "NVDA")]
    together = [get_bars(each) for each in ask_together(client, simulator, names, limit=30)]
    calls = simulator.calls("kline")
    alone = [
        client.send(PATH, {"account": FIRST, "limit": 30, **name}, **{"Cache-Control": "no-cache"}) for name in names
    ]

    assert calls == 2
    # The bar of today grows.
    assert [bars[:-1] for bars in together] == [get_bars(each)[:-1] for each in alone]
    assert all(len(bars) == 30 for bars in together)
    assert simulator.calls("kline") == 5


def test_other_questions_are_other_calls_and_other_beginnings_are_not(client: Client, simulator: Simulator) -> None:
    asked: list[dict[str, object]] = [
        {"symbol": "MSFT"},
        {"symbol": "NVDA", "begin_time": "2026-01-02"},
        {"symbol": "MSFT", "end_time": "2026-03-06"},
        {"symbol": "NVDA", "adjusted": False},
    ]
    whole, begun, ended, raw = (get_bars(each) for each in ask_together(client, simulator, asked, limit=400))

    assert simulator.calls("kline") == 4
    assert [len(whole), len(ended), len(raw)] == [400] * 3
    assert 0 < len(begun) < 400
    assert ended[-1]["time"] < whole[-1]["time"]
    assert raw[0]["close"] > begun[0]["close"]


def test_other_limits_are_other_calls(client: Client, simulator: Simulator) -> None:
    asked = [{"symbol": "MSFT", "limit": 3}, {"symbol": "NVDA", "limit": 4}]

    assert [len(get_bars(each)) for each in ask_together(client, simulator, asked)] == [3, 4]


def test_a_page_goes_on_for_its_symbol_alone(client: Client, simulator: Simulator) -> None:
    asked = {"end_time": "2026-03-06", "limit": 4}
    newest = ask_together(client, simulator, [{"symbol": "MSFT"}, {"symbol": "NVDA"}], **asked)[0].get_json()["data"]
    before = client.data(PATH, symbol="MSFT", **asked, page_token=newest["next_page_token"])
    whole = client.data(PATH, symbol="MSFT", **(asked | {"limit": 8}))

    assert before["bars"] + newest["bars"] == whole["bars"]


def test_what_tiger_leaves_out_has_no_bars(client: Client, simulator: Simulator) -> None:
    names = [{"symbol": symbol} for symbol in ("MSFT", "NOSUCHONE", "TSLA")]
    bars = [get_bars(each) for each in ask_together(client, simulator, names)]

    assert [len(each) for each in bars] == [100, 0, 100]
    assert simulator.calls("kline") == 2


def test_a_refused_symbol_does_not_spoil_the_others(client: Client, simulator: Simulator) -> None:
    fault = Fault("code", method="kline", code=1010, message="invalid symbol NVDA", where={"symbols": "NVDA"})
    simulator.inject(fault)
    names = [{"symbol": symbol} for symbol in ("MSFT", "NVDA", "TSLA")]
    statuses = [each.status_code for each in ask_together(client, simulator, names)]

    assert (statuses[0], statuses[2]) == (200, 200)
    assert 400 <= statuses[1] < 500


def test_bars_are_used_again_whatever_their_beginning_and_say_their_age(client: Client, simulator: Simulator) -> None:
    first = client.post(PATH, symbol="AAPL", limit=5)
    again = client.post(PATH, symbol="AAPL", limit=5, begin_time="2020-01-02")
    anew = client.send(PATH, {"account": FIRST, "symbol": "AAPL", "limit": 5}, **{"Cache-Control": "no-cache"})

    assert get_bars(first) == get_bars(again)
    assert ("Age" in first.headers, "Age" in again.headers, "Age" in anew.headers) == (False, True, False)
    assert simulator.calls("kline") == 2


@pytest.mark.parametrize(
    ("symbol", "sec_type", "method"), [("ESmain", "FUT", "future_kline"), ("BTC/USD", "CC", "kline")]
)
def test_bars_that_are_asked_for_alone_are_kept_too(
    client: Client, simulator: Simulator, symbol: str, sec_type: str, method: str
) -> None:
    # Nothing is kept before the process knows what time it is.
    client.data("/api/trade/orders")
    answers = [client.post(PATH, symbol=symbol, sec_type=sec_type, limit=5) for _ in range(2)]

    assert get_bars(answers[0]) == get_bars(answers[1])
    assert "Age" in answers[1].headers
    assert simulator.calls(method) == 1


def test_bars_of_a_minute_that_has_ended_are_not_used_again(client: Client, simulator: Simulator) -> None:
    client.data(PATH, symbol="AAPL", limit=5)
    # What is known of Tiger's time may be so much behind it. Its answers tell it.
    simulator.advance(MINUTE - 0.4 - simulator.now_ms / 1_000 % MINUTE)
    client.data("/api/trade/orders")
    response = client.post(PATH, symbol="AAPL", limit=5)

    assert "Age" not in response.headers
    assert simulator.calls("kline") == 2


def test_workers_share_bars_that_are_asked_for_again(client: Client, other_app: Flask, simulator: Simulator) -> None:
    other = Client(other_app)
    # Nothing is used again before the process knows what time it is.
    other.data("/api/trade/orders")
    ask_together(client, simulator, [{"symbol": "MSFT"}, {"symbol": "NVDA"}])
    answer = other.post(PATH, symbol="NVDA")

    assert get_bars(answer)
    assert "Age" in answer.headers
    assert simulator.calls("kline") == 2
