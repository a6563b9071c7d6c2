"""An order by a tool: once, as it was previewed, and never because a model insists."""

import dataclasses
import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest

from app import create_app
from app.access.permissions import Permission
from app.gateway import get_gateway
from app.settings import McpSettings, TigerSettings
from app.simulator.faults import Fault
from tests.orders.trader import get_price
from tests.support.agents import Agent
from tests.support.client import FIRST, SECOND, Client

ATTEMPTS = int(os.environ.get("TIGER_REST_TEST_TOOL_ATTEMPTS", "40"))


@pytest.fixture
def agent(app):
    return Agent(app)


@pytest.fixture
def ticket() -> dict[str, Any]:
    """Give the arguments of an order that rests, at a price of its own."""
    kind = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1}
    return {"account": FIRST, **kind, "limit_price": get_price()}


def held(simulator, ticket):
    return [order for order in simulator.orders(FIRST) if order.get("limitPrice") == ticket["limit_price"]]


def confirm(agent, ticket):
    return {**ticket, "confirm_token": agent.data("preview_order", **ticket)["confirm_token"]}


def test_an_order_is_placed_as_it_was_previewed(agent, simulator, ticket):
    placed = agent.data("place_order", **confirm(agent, ticket))

    assert placed["outcome"] == "accepted"
    assert [order["id"] for order in held(simulator, ticket)] == [int(placed["order_id"])]
    assert placed["client_order_id"].startswith("mcp-")


def test_a_repeat_of_the_call_finds_the_order_and_places_none(agent, simulator, ticket):
    confirmed = confirm(agent, ticket)

    placed = [agent.data("place_order", **confirmed)["order_id"] for _ in range(3)]

    assert len(set(placed)) == len(held(simulator, ticket)) == 1


def test_a_second_order_like_the_first_needs_another_preview(agent, simulator, ticket):
    placed = {agent.data("place_order", **confirm(agent, ticket))["order_id"] for _ in range(2)}

    assert len(placed) == len(held(simulator, ticket)) == 2


@pytest.mark.parametrize("changed", [{"quantity": 2}, {"action": "SELL"}, {"account": SECOND}, {"symbol": "MSFT"}])
def test_a_confirmation_is_for_what_was_previewed_alone(agent, simulator, ticket, changed):
    confirmed = confirm(agent, ticket)

    assert agent.refusal("place_order", **{**confirmed, **changed})["code"] == "confirmation_required"
    assert simulator.calls("place_order") == 0


def test_a_confirmation_of_another_key_is_none(app, agent, simulator, ticket):
    other = Agent(app, get_gateway(app).keys.create("other", [FIRST], [Permission.TRADE]))

    assert other.refusal("place_order", **confirm(agent, ticket))["code"] == "confirmation_required"
    assert simulator.calls("place_order") == 0


def test_a_model_that_ignores_what_it_is_told_places_nothing(app, simulator, ticket):
    keys = get_gateway(app).keys
    agent = Agent(app, keys.create("wilful", [FIRST], list(Permission), requires_confirmation=True))
    of_another_order = agent.data("preview_order", **{**ticket, "quantity": 2})["confirm_token"]
    guesses: Iterator[dict[str, Any]] = itertools.cycle(
        [{}, {"confirm_token": None}, {"confirm_token": "yes"}, {"confirm_token": of_another_order}]
    )

    codes = {agent.refusal("place_order", **ticket, **next(guesses))["code"] for _ in range(ATTEMPTS)}

    assert codes == {"confirmation_required"}
    assert simulator.calls("place_order") == 0
    assert held(simulator, ticket) == []


def test_an_unknown_outcome_is_told_as_unknown_with_how_to_ask(settings, simulator, ticket):
    quick = TigerSettings(order_deadline_seconds=3.0, read_deadline_seconds=2.0)
    app = create_app(dataclasses.replace(settings, tiger=quick))
    agent = Agent(app)
    confirmed = confirm(agent, ticket)
    simulator.inject(Fault("hang", method="place_order", processed=True, times=1))
    simulator.inject(Fault("hang", method="orders", times=None))

    told = agent.data("place_order", **confirmed)
    simulator.clear_faults()

    assert (told["outcome"], told["code"]) == ("unknown", "order_state_unknown")
    found = agent.data("get_order", account=FIRST, client_order_id=told["client_order_id"])
    assert found["outcome"] in {"unknown", "accepted"}
    assert len(held(simulator, ticket)) == 1
    get_gateway(app).close()


def test_without_confirmation_the_model_names_each_order(settings, simulator, ticket):
    app = create_app(dataclasses.replace(settings, mcp=McpSettings(confirmation=False)))
    agent = Agent(app)

    assert agent.refusal("place_order", **ticket)["code"] == "invalid_request"
    placed = {agent.data("place_order", **ticket, client_order_id=name)["order_id"] for name in ("a", "a", "b")}
    assert len(placed) == len(held(simulator, ticket)) == 2
    get_gateway(app).close()


def test_the_route_itself_asks_no_other_key_for_a_confirmation(app, ticket):
    assert Client(app).send("/api/trade/place-order", ticket).status_code == 200
