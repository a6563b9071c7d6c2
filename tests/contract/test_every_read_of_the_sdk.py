"""What the SDK's clients can read, the gateway answers: each read has an endpoint that asks Tiger for the same."""

import inspect
import re
from collections.abc import Mapping

import pytest
from tigeropen.common.consts import service_types
from tigeropen.quote.quote_client import QuoteClient
from tigeropen.trade.trade_client import TradeClient

from app.simulator.running import Simulator
from tests.contract.sdk_questions import OTHER_METHODS, QUOTE_READS, TRADE_READS, Question
from tests.support.client import Client

READS: Mapping[str, Question] = {**QUOTE_READS, **TRADE_READS}
CLIENTS = (QuoteClient, TradeClient)
PROMISED = 0.95
COMMANDS = {
    "grab_quote_permission": "takes real-time quotes from other devices; the gateway does so by itself",
    "create_order": "takes a number and builds an order",
    "place_order": "places",
    "modify_order": "changes an order",
    "cancel_order": "ends an order",
    "transfer_segment_fund": "moves money",
    "cancel_segment_fund": "moves money back",
    "place_forex_order": "changes money",
    "transfer_position": "moves positions",
    "submit_option_exercise": "exercises",
    "cancel_option_exercise": "ends an exercise",
}
"""What is no read."""
UNANSWERED: Mapping[str, str] = {
    "get_aggregate_assets": "account-info tells each segment; what Tiger adds up to one row is told nowhere else",
}
"""Reads without an endpoint, with the reason."""


def get_public(client: type) -> set[str]:
    """Return a client's own methods, without those that all clients have: execute, query_token …"""
    return {name for name in vars(client) if not name.startswith("_") and callable(getattr(client, name))}


def get_wire_methods(name: str) -> set[str]:
    """Return the wire methods that a method of the SDK's clients sends, or one of those that it calls."""
    client = next(client for client in CLIENTS if name in vars(client))
    source = inspect.getsource(getattr(client, name))
    named = {str(getattr(service_types, word)) for word in re.findall(r"OpenApiRequest\(\s*([A-Z_]+)", source)}
    called = {word for word in re.findall(r"self\.(\w+)\(", source) if word in vars(client) and word != name}
    return named.union(*map(get_wire_methods, called))


@pytest.fixture(scope="module")
def asked(module_client: Client, shared_simulator: Simulator) -> Mapping[str, set[str]]:
    """Ask every question, passing by what is kept, and return the wire methods that each endpoint called."""
    found: dict[str, set[str]] = {}
    for path, body in READS.values():
        shared_simulator.reset_counts()
        fresh = {"Cache-Control": "no-cache"}
        answer = module_client.send(path, {"account": module_client.account, **body}, **fresh)
        # Some ask for what nobody has: an order, a contract, a transfer.
        assert answer.status_code in {200, 400, 404}, (path, body, answer.get_json())
        found.setdefault(path, set()).update(call.method for call in shared_simulator.requests())
    return found


def test_every_public_method_of_the_sdk_is_a_read_here_or_known_to_be_none() -> None:
    public = set().union(*map(get_public, CLIENTS))

    assert public == READS.keys() | COMMANDS.keys() | UNANSWERED.keys()
    assert not READS.keys() & UNANSWERED.keys()
    assert not COMMANDS.keys() & (READS.keys() | UNANSWERED.keys())


def test_as_many_reads_are_answered_as_is_promised() -> None:
    assert len(READS) / (len(READS) + len(UNANSWERED)) >= PROMISED


@pytest.mark.parametrize("name", READS)
def test_the_endpoint_of_a_read_asks_tiger_for_the_same(asked: Mapping[str, set[str]], name: str) -> None:
    path, _ = READS[name]
    wanted = {OTHER_METHODS[name][0]} if name in OTHER_METHODS else get_wire_methods(name)

    assert wanted
    assert wanted <= asked[path]
