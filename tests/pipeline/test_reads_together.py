"""Reads that ask the same share a call; what is kept is used again, but for what an order may have changed."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import create_app
from app.gateway import get_gateway
from app.simulator.faults import Fault
from tests.support.client import FIRST, PAPER, SECOND, Client
from tests.support.server import wait_until

QUOTE = "/api/market/quote"
DEPTH = "/api/market/depth"
BARS = "/api/market/kline"
FRESH = {"Cache-Control": "no-cache"}
ORDER = {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": 1}


@pytest.fixture
def settings(request, settings):
    """Give settings that keep a quote for as long as a test asks for, or as they do by themselves."""
    seconds = getattr(request, "param", settings.cache.quote_seconds)
    return dataclasses.replace(settings, cache=dataclasses.replace(settings.cache, quote_seconds=seconds))


@pytest.fixture
def other_app(app, settings):
    """Give another worker: an application of its own on the same database."""
    application = create_app(settings)
    yield application
    get_gateway(application).close()


def together(count, work):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def test_a_quote_is_used_again_for_a_second_and_says_its_age(client, simulator):
    first, again = (client.post(QUOTE, symbol="AAPL") for _ in range(2))

    assert "Age" not in first.headers
    assert again.headers["Age"] == "0"
    assert first.get_json()["data"] == again.get_json()["data"]
    assert simulator.calls("quote_real_time") == 1


def test_a_client_may_pass_the_cache_by(client, simulator):
    client.post(QUOTE, symbol="AAPL")
    response = client.send(QUOTE, {"account": FIRST, "symbol": "AAPL"}, **FRESH)

    assert "Age" not in response.headers
    assert simulator.calls("quote_real_time") == 2


def test_credentials_never_share_what_they_are_entitled_to(client, simulator):
    client.post(QUOTE, symbol="AAPL")
    client.for_account(SECOND).post(QUOTE, symbol="AAPL")

    assert {record.tiger_id for record in simulator.requests()} == {"20154747", "20153921"}


def test_accounts_of_one_credential_share_quotes(client, simulator):
    client.for_account(SECOND).post(QUOTE, symbol="AAPL")
    client.for_account(PAPER).post(QUOTE, symbol="AAPL")

    assert simulator.calls("quote_real_time") == 1


@pytest.mark.parametrize(("path", "method"), [(QUOTE, "quote_real_time"), (DEPTH, "quote_depth"), (BARS, "kline")])
def test_symbols_asked_for_while_a_call_is_under_way_become_one_call_behind_it(client, simulator, path, method):
    simulator.inject(Fault("delay", method=method, seconds=0.4, times=1))
    asking = threading.Thread(target=lambda: client.post(path, symbol="AAPL"))
    asking.start()
    wait_until(lambda: simulator.calls(method), 15)
    symbols = ["MSFT", "NVDA", "AMZN", "META", "TSLA", "MSFT"]
    answers = together(6, lambda number: client.post(path, symbol=symbols[number]))
    asking.join(10)

    assert [answer.get_json()["data"]["symbol"] for answer in answers] == symbols
    assert simulator.calls(method) == 2


def test_a_quote_and_an_order_book_of_a_symbol_are_two_things(client, simulator):
    quote, book = (client.data(path, symbol="AAPL") for path in (QUOTE, DEPTH))

    assert ("latest_price" in quote, "asks" in book) == (True, True)
    assert (simulator.calls("quote_real_time"), simulator.calls("quote_depth")) == (1, 1)


def test_one_refused_symbol_does_not_spoil_the_others(client, simulator):
    found = client.data("/api/market/batch", symbols=["AAPL", "MSFT", "NOSUCHSYMBOL"])

    assert found["count"] == 2
    assert found["missing"] == ["NOSUCHSYMBOL"]


def test_identical_reads_in_flight_share_one_call(client, simulator):
    simulator.inject(Fault("delay", method="kline", seconds=0.3))
    bars = {"symbol": "AAPL", "period": "day", "limit": 5}
    answers = together(8, lambda _: client.data("/api/market/kline", **bars))

    assert all(answer == answers[0] for answer in answers)
    assert simulator.calls("kline") == 1


def test_workers_share_what_tiger_gives_ten_times_a_minute(client, other_app, simulator):
    mine = client.data("/api/market/status")
    theirs = Client(other_app).data("/api/market/status")
    client.data("/api/market/search", keyword="apple")
    Client(other_app).data("/api/market/search", keyword="apple")

    assert mine == theirs
    assert (simulator.calls("market_state"), simulator.calls("all_symbol_names")) == (1, 1)


def test_workers_share_what_is_kept_by_symbol(client, other_app, simulator):
    client.post("/api/market/details", symbols=["AAPL", "MSFT"])
    answer = Client(other_app).post("/api/market/details", symbols=["MSFT", "AAPL"])
    more = Client(other_app).post("/api/market/details", symbols=["NVDA", "MSFT"])

    assert "Age" in answer.headers
    assert [row["symbol"] for row in more.get_json()["data"]["details"]] == ["NVDA", "MSFT"]
    assert simulator.calls("stock_detail") == 2


@pytest.mark.parametrize("settings", [60.0], indirect=True)
def test_workers_share_quotes(client, other_app, simulator):
    client.data(QUOTE, symbol="AAPL")
    response = Client(other_app).post(QUOTE, symbol="AAPL")

    assert "Age" in response.headers
    assert simulator.calls("quote_real_time") == 1


@pytest.mark.parametrize(
    ("path", "method"), [("/api/trade/orders", "orders"), ("/api/trade/account-info", "prime_assets")]
)
def test_what_orders_change_is_asked_for_each_time(client, simulator, path, method):
    client.data(path)
    client.data(path)

    assert simulator.calls(method) == 2


def test_a_read_never_shares_a_call_that_began_before_an_order_of_another_worker(client, other_app, simulator):
    other = Client(other_app)
    # Its answer is made before the order, and is still on its way after it.
    simulator.inject(Fault("delay_after", method="orders", seconds=1.5, times=1))
    slow = threading.Thread(target=lambda: client.data("/api/trade/orders"))
    slow.start()
    wait_until(lambda: simulator.calls("orders") == 1, 15)
    placed = other.data("/api/trade/place-order", **ORDER)
    seen = client.data("/api/trade/orders")
    slow.join(10)

    assert placed["order_id"] in {order["order_id"] for order in seen["orders"]}


def test_a_used_up_budget_is_told_with_a_true_time_to_wait(settings, simulator):
    counted = dataclasses.replace(settings.budget, limit_scale=1.0, limits=("kline=2",))
    app = create_app(dataclasses.replace(settings, budget=counted))
    mine = Client(app)
    for limit in (1, 2):
        mine.data("/api/market/kline", symbol="AAPL", limit=limit)
    response = mine.post("/api/market/kline", symbol="AAPL", limit=3)
    get_gateway(app).close()

    assert (response.status_code, response.get_json()["code"]) == (429, "tiger_rate_limited")
    assert 55 <= int(response.headers["Retry-After"]) <= 62
    assert simulator.calls("kline") == 2
