"""What a request costs on the wire, and in whose name it goes there."""

import dataclasses
import os
import threading

import pytest

from app import create_app
from app.gateway import get_gateway
from app.settings import CacheSettings
from tests.support.client import FIRST, PAPER, SECOND, Client

FIFTY = 50
# The long form, with the 200 requests of each thread that are promised, is part of make long-tests.
REQUESTS = int(os.environ.get("TIGER_REST_TEST_REQUESTS", "50"))


def test_a_quote_costs_one_call(client, simulator):
    client.data("/api/market/quote", symbol="AAPL")

    assert simulator.calls() == 1


def test_a_batch_of_fifty_costs_one_call(client, simulator):
    symbols = [
        row["symbol"] for row in client.data("/api/market/search", keyword="a", limit=100, sec_type="STK")["results"]
    ]
    symbols = [symbol for symbol in symbols if symbol.isalpha()][:FIFTY]
    simulator.reset_counts()
    data = client.data("/api/market/batch", symbols=symbols)

    assert data["count"] > 10
    assert simulator.calls() == 1


def test_placing_costs_at_most_three_calls(client, simulator):
    order = {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": 1}
    for _ in range(3):
        simulator.reset_counts()
        client.data("/api/trade/place-order", **order)
        # What is reserved for the next one counts as well.
        threading.Event().wait(0.3)

        assert simulator.calls() <= 3
        assert simulator.calls("place_order") == 1


def test_starting_and_answering_health_costs_no_call(client, simulator):
    client.get("/health")
    client.get("/api/accounts")
    client.get("/api/endpoints")

    assert simulator.calls() == 0


@pytest.mark.parametrize(("account", "tiger_id"), [(FIRST, "20154747"), (SECOND, "20153921"), (PAPER, "20153921")])
def test_a_request_is_signed_with_the_key_of_its_account(client, simulator, account, tiger_id):
    client.for_account(account).data("/api/trade/positions")
    call = simulator.requests()[0]

    assert (call.tiger_id, call.account, call.signature_is_valid) == (tiger_id, account, True)


def test_every_endpoint_of_an_account_speaks_for_that_account_alone(client, simulator):
    mine = client.for_account(SECOND)
    mine.data("/api/trade/positions")
    mine.data("/api/trade/account-info")
    mine.data("/api/trade/orders")
    mine.data("/api/market/quote", symbol="AAPL")
    mine.data("/api/info/contracts", symbols=["AAPL"])
    mine.data("/api/trade/place-order", symbol="AAPL", action="BUY", order_type="MKT", quantity=1)

    assert {call.tiger_id for call in simulator.requests()} == {"20153921"}
    assert {call.account for call in simulator.requests()} <= {SECOND, None}


def test_variables_of_the_sdk_change_nothing(settings, simulator, monkeypatch, tmp_path):
    for name in ("TIGER_ID", "ACCOUNT", "PRIVATE_KEY", "LICENSE", "TOKEN", "PROPS_PATH", "SERVER_URL", "SECRET_KEY"):
        monkeypatch.setenv(f"TIGEROPEN_{name}", str(tmp_path / "elsewhere"))
    (tmp_path / "tiger_openapi_config.properties").write_text("tiger_id=666\naccount=666\n")
    monkeypatch.chdir(tmp_path)
    application = create_app(dataclasses.replace(settings, instance=tmp_path / "other"))
    Client(application).data("/api/trade/positions")
    get_gateway(application).close()

    assert [(call.tiger_id, call.account) for call in simulator.requests()] == [("20154747", FIRST)]


def test_many_threads_share_a_bounded_number_of_connections(settings, simulator):
    tiger = dataclasses.replace(settings.tiger, connections=24)
    # Each request its own call, as far as the gateway can be told so.
    cache = CacheSettings(status_seconds=0, coalesce=False)
    # So that three quarters of a worker's threads, which may wait for reads, are these.
    gateway = dataclasses.replace(settings.gateway, threads=32)
    application = create_app(dataclasses.replace(settings, gateway=gateway, tiger=tiger, cache=cache))
    session = get_gateway(application).tiger.session(FIRST)
    opened = simulator.connections_opened
    threads = [threading.Thread(target=ask_often, args=(Client(application), REQUESTS)) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    get_gateway(application).close()

    assert session.account.account == FIRST
    assert simulator.calls("market_state") == 24 * REQUESTS
    assert simulator.connections_opened - opened <= 24


def ask_often(client: Client, times: int) -> None:
    for _ in range(times):
        assert client.post("/api/market/status").status_code == 200
