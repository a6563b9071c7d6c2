"""The brokers that queue in the book of a Hong Kong stock stand by price, the best first."""

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.support.client import Client

PATH = "/api/market/brokers"


def test_the_prices_are_those_of_the_order_book(module_client: Client) -> None:
    queues = module_client.data(PATH, symbol="700")

    assert (queues["symbol"], queues["market"]) == ("00700", "HK")
    assert [level["price"] for level in queues["asks"]] == sorted(level["price"] for level in queues["asks"])
    assert queues["bids"][0]["price"] < queues["asks"][0]["price"]
    for side in ("asks", "bids"):
        assert sum(len(level["brokers"]) for level in queues[side]) <= 40
        assert [level["level"] for level in queues[side]] == list(range(1, len(queues[side]) + 1))


def test_the_best_so_many_prices_are_given(client: Client, simulator: Simulator) -> None:
    few, many = client.data(PATH, symbol="00700", levels=2), client.data(PATH, symbol="00700")

    assert [len(few[side]) for side in ("asks", "bids")] == [2, 2]
    assert all(many[side][:2] == few[side] and len(many[side]) > 2 for side in ("asks", "bids"))
    assert simulator.calls("stock_broker") == 1


@pytest.mark.parametrize("symbol", ["AAPL", "600519", "D05.SI"])
def test_other_markets_are_refused_before_tiger_is_asked(client: Client, simulator: Simulator, symbol: str) -> None:
    body = client.refusal(PATH, 400, "invalid_request", symbol=symbol)

    assert "HK" in body["details"]["symbol"][0]
    assert simulator.calls() == 0


def test_what_nobody_queues_for_is_not_found(module_client: Client) -> None:
    module_client.refusal(PATH, 404, "symbol_not_found", symbol="09999")


def test_a_queue_that_tiger_answers_without_its_symbol_is_not_found(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="stock_broker", fields=("symbol",)))

    client.refusal(PATH, 404, "symbol_not_found", symbol="00700")
