"""Every read method of the SDK's clients gets an answer from the simulator that the SDK can read."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from tigeropen.common.consts import service_types
from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import option_contract
from tigeropen.quote.quote_client import QuoteClient
from tigeropen.trade.trade_client import TradeClient

from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.simulator.reads import (
    COMMANDS,
    EMPTY_READS,
    MORE_QUOTE_READS,
    OPTION,
    QUOTE_READS,
    REFUSED_READS,
    TRADE_READS,
)
from tests.simulator.trader import Trader, Wire

NOW_MS = int(datetime(2026, 3, 11, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)

# The SDK (3.8.0) renames columns in ways that pandas 3 announces the end of.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame"),
    pytest.mark.filterwarnings("ignore:The behavior of DataFrame concatenation"),
]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    options = SimulatorOptions(
        folder=tmp_path_factory.mktemp("reads"),
        limit_scale=0,
        key_bits=1024,
        frozen_at_ms=NOW_MS,
        readings=Readings(order_rate="none"),
    )
    with Simulator.running(options) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def wire(simulator: Simulator) -> Wire:
    return Wire(simulator)


@pytest.fixture(scope="module")
def quotes(simulator: Simulator) -> QuoteClient:
    return Trader(simulator).quotes()


@pytest.fixture(scope="module")
def trade(simulator: Simulator) -> TradeClient:
    """Give the client of an account that has an order of every fate, and an option."""
    trader = Trader(simulator)
    trader.place("BUY", 3)
    trader.place("BUY", 1, contract=option_contract(OPTION))
    resting = trader.place("BUY", 5, "LMT", limit_price=10.0)
    ended = trader.place("BUY", 5, "LMT", limit_price=11.0)
    trader.client.cancel_order(id=ended.id)
    simulator.advance(5)
    assert resting.id != ended.id
    return trader.client


COMMAND_METHODS = {
    service_types.TRANSFER_SEGMENT_FUND,
    service_types.CANCEL_SEGMENT_FUND,
    service_types.PLACE_FOREX_ORDER,
    service_types.POSITION_TRANSFER,
    service_types.OPTION_EXERCISE_SUBMIT,
    service_types.OPTION_EXERCISE_CANCEL,
}
"""What the simulator does not do yet: none of it is a read."""


def _public(client: type) -> set[str]:
    """Return a client's own methods, without those that all clients have: execute, query_token …"""
    return {name for name in vars(client) if not name.startswith("_") and callable(getattr(client, name))}


def _methods() -> set[str]:
    """Return the wire methods that the SDK knows."""
    return {value for name, value in vars(service_types).items() if name.isupper() and isinstance(value, str)}


@pytest.mark.parametrize("method", sorted(_methods() - COMMAND_METHODS))
def test_every_wire_method_of_the_sdk_has_a_handler(wire: Wire, method: str) -> None:
    answer = wire.ask(method, {})

    assert f"method '{method}' is not supported" not in answer["message"]


def test_there_is_a_question_for_every_method_of_the_quote_client() -> None:
    assert _public(QuoteClient) == set(QUOTE_READS)


def test_there_is_a_question_for_every_read_of_the_trade_client() -> None:
    reads = set(TRADE_READS) | set(EMPTY_READS) | set(REFUSED_READS)

    assert _public(TradeClient) == reads | set(COMMANDS)
    assert not reads & set(COMMANDS)


@pytest.mark.parametrize("name", [*QUOTE_READS, *MORE_QUOTE_READS])
def test_the_sdk_reads_the_answer_of_the_market(quotes: QuoteClient, name: str) -> None:
    ask: Callable[[QuoteClient], Any] = {**QUOTE_READS, **MORE_QUOTE_READS}[name]

    assert _has_something(ask(quotes))


@pytest.mark.parametrize("name", TRADE_READS)
def test_the_sdk_reads_the_answer_of_the_account(trade: TradeClient, name: str) -> None:
    assert _has_something(TRADE_READS[name](trade))


@pytest.mark.parametrize("name", EMPTY_READS)
def test_the_sdk_reads_that_there_is_nothing(trade: TradeClient, name: str) -> None:
    assert not EMPTY_READS[name](trade)


@pytest.mark.parametrize("name", REFUSED_READS)
def test_the_sdk_reads_that_nothing_has_the_id(trade: TradeClient, name: str) -> None:
    with pytest.raises(ApiException, match="1010"):
        REFUSED_READS[name](trade)


def _has_something(answer: Any) -> bool:
    """Say whether an answer was understood: a frame with rows, a list with items, or an object."""
    if hasattr(answer, "empty"):
        return not answer.empty
    return bool(answer)


def test_entitlements_and_history_quotas_tell_the_same(wire: Wire) -> None:
    quotas = {row["method"]: row for row in wire.ask("kline_quota", {"with_details": False})["data"]}
    told = wire.ask("addon_entitlements")["data"]["effectiveEntitlement"]

    for method, name in (("kline", "Stock"), ("future_kline", "Future"), ("option_kline", "Option")):
        assert quotas[method]["remain"] == told[f"history{name}Remaining"]
        assert quotas[method]["remain"] + quotas[method]["used"] == told[f"history{name}Limit"]
