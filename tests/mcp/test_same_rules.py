"""What a route is held to, its tool is held to: halts, limits, Tiger's budget, the cache, the journal, the audit."""

import dataclasses
import itertools
import json

import pytest
from sqlalchemy import select

from app import create_app
from app.access.permissions import Permission
from app.errors import InternalError
from app.gateway import get_gateway
from app.settings import LimitSettings
from app.storage.audit_tables import audit_rows
from tests.support.agents import Agent
from tests.support.client import FIRST, Client, assert_refusal
from tests.support.databases import failing

BARS = {"symbol": "AAPL", "period": "day"}
_prices = itertools.count(501)


@pytest.fixture
def agent(app):
    return Agent(app)


@pytest.fixture
def ticket():
    kind = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1}
    return {"account": FIRST, **kind, "limit_price": next(_prices) / 100}


@pytest.fixture
def build(settings):
    built = []

    def build_with(**changed):
        built.append(create_app(dataclasses.replace(settings, **changed)))
        return built[-1]

    yield build_with
    for app in built:
        get_gateway(app).close()


def confirm(agent, ticket):
    return {**ticket, "confirm_token": agent.data("preview_order", **ticket)["confirm_token"]}


def halt(client):
    client.data("/api/trade/halt", mode="halted", reason="The model is mad.")


def test_a_halt_stops_a_tool_and_ends_its_confirmation(client, agent, simulator, ticket):
    before, resting = confirm(agent, ticket), agent.data("place_order", **confirm(agent, ticket))
    simulator.reset_counts()
    halt(client)

    assert agent.refusal("place_order", **before)["code"] == "trading_halted"
    assert agent.refusal("place_order", **confirm(agent, ticket))["code"] == "trading_halted"
    change = {"account": FIRST, "order_id": resting["order_id"]}
    assert agent.refusal("modify_order", **change, limit_price=1.5)["code"] == "trading_halted"
    assert simulator.calls("place_order") == simulator.calls("modify_order") == 0
    assert agent.data("cancel_order", **change)["outcome"] == "accepted"
    client.data("/api/trade/resume", reason="It slept.")
    assert agent.refusal("place_order", **before)["code"] == "confirmation_required"


def test_a_call_of_a_tool_and_a_request_count_alike_and_once(build):
    app = build(limits=LimitSettings(per_key="4/minute"))
    agent, client = Agent(app), Client(app)

    client.data("/api/market/kline", **BARS)
    agent.data("get_bars", account=FIRST, **BARS)
    agent.data("get_gateway_status")
    agent.refusal("get_bars", account=FIRST, colour="red")

    told = agent.refusal("get_bars", account=FIRST, **BARS)
    assert (told["code"], told["retry_after"] > 0) == ("rate_limited", True)
    assert_refusal(client.post("/api/market/kline", **BARS), 429, "rate_limited")
    for method, params in (("tools/list", {}), ("tools/call", {"name": "no_such_tool"})):
        assert_refusal(agent.ask(method, params), 429, "rate_limited")


def test_a_key_beyond_its_limit_may_cancel(build, ticket):
    app = build(limits=LimitSettings(per_key="3/minute"))
    agent = Agent(app)
    order = agent.data("place_order", **confirm(agent, ticket))["order_id"]
    agent.data("get_gateway_status")

    assert agent.refusal("get_bars", account=FIRST, **BARS)["code"] == "rate_limited"
    assert agent.data("cancel_order", account=FIRST, order_id=order)["outcome"] == "accepted"


def test_while_the_database_is_down_a_tool_cancels_and_places_nothing(app, agent, simulator, ticket):
    order, confirmed = agent.data("place_order", **confirm(agent, ticket))["order_id"], confirm(agent, ticket)
    with failing(get_gateway(app).storage):
        refused = agent.refusal("place_order", **confirmed)
        ended = agent.data("cancel_order", account=FIRST, order_id=order)

    assert refused["code"] == "earlier_outcome_unknown"
    assert ended["outcome"] == "accepted"
    assert simulator.calls("place_order") == simulator.calls("cancel_order") == 1


def test_a_tool_spends_of_tigers_budget_as_its_route_does(build, settings):
    app = build(budget=dataclasses.replace(settings.budget, limit_scale=1.0, limits=("kline=2",)))
    agent, client = Agent(app), Client(app)
    client.data("/api/market/kline", **BARS, limit=1)
    agent.data("get_bars", account=FIRST, **BARS, limit=2)

    assert agent.refusal("get_bars", account=FIRST, **BARS, limit=3)["code"] == "tiger_rate_limited"
    assert_refusal(client.post("/api/market/kline", **BARS, limit=4), 429, "tiger_rate_limited")


def test_a_tool_shares_the_cache_of_its_route(client, agent, simulator):
    told = client.data("/api/market/kline", **BARS, limit=7)
    simulator.reset_counts()

    assert agent.data("get_bars", account=FIRST, **BARS, limit=7) == told
    assert simulator.calls("kline") == 0


def test_a_limit_of_a_key_counts_orders_of_tools_and_of_routes_together(app, client, simulator, ticket):
    key = get_gateway(app).keys.create("limited", [FIRST], list(Permission))
    client.data("/api/trade/set-limits", key="limited", orders_per_day=2)
    agent = Agent(app, key)
    agent.data("place_order", **confirm(agent, ticket))
    assert Client(app, key=key).send("/api/trade/place-order", ticket).status_code == 200

    told = agent.refusal("place_order", **confirm(agent, ticket))
    assert (told["code"], [each["limit"] for each in told["data"]["limits"]]) == ("limit_exceeded", ["orders_per_day"])
    assert_refusal(Client(app, key=key).send("/api/trade/place-order", ticket), 403, "limit_exceeded")
    assert simulator.calls("place_order") == 2


def test_a_limit_of_an_account_holds_for_a_change_by_a_tool(client, agent, simulator, ticket):
    order = agent.data("place_order", **confirm(agent, ticket))["order_id"]
    client.data("/api/trade/set-limits", max_order_quantity=5)

    assert agent.data("modify_order", account=FIRST, order_id=order, quantity=5)["outcome"] == "accepted"
    refused = agent.refusal("modify_order", account=FIRST, order_id=order, quantity=6)
    assert refused["code"] == "limit_exceeded"
    assert simulator.calls("modify_order") == 1


def test_the_journal_knows_an_order_of_a_tool_as_one_of_its_key(app, agent, client, ticket):
    key = get_gateway(app).keys.create("journalled", [FIRST], [Permission.TRADE], requires_confirmation=True)
    placed = Agent(app, key).data("place_order", **confirm(Agent(app, key), ticket))

    steps = client.data("/api/trade/order-events", order_id=placed["order_id"])["events"]
    assert {step["api_key_name"] for step in steps} == {"journalled"}
    assert {step["event"] for step in steps} >= {"received", "answered"}


def test_the_audit_trail_knows_the_commands_of_tools_and_what_was_refused(app, ticket):
    key = get_gateway(app).keys.create("audited", [FIRST], list(Permission), requires_confirmation=True)
    agent = Agent(app, key)
    agent.data("get_balances", account=FIRST)
    order = agent.data("place_order", **confirm(agent, ticket))["order_id"]
    agent.data("cancel_order", account=FIRST, order_id=order)
    agent.refusal("place_order", **ticket)

    with get_gateway(app).storage.reading() as connection:
        rows = connection.execute(select(audit_rows).where(audit_rows.c.actor.endswith(":audited"))).mappings().all()
    called = [json.loads(row["details"]) for row in rows if row["event"] == "tool.called"]
    refused = [json.loads(row["details"]) for row in rows if row["event"] == "request.refused"]
    assert [(each["tool"], each["outcome"]) for each in called] == [("place_order", "ok"), ("cancel_order", "ok")]
    assert [(each["path"], each["error"]) for each in refused] == [("/mcp", "confirmation_required")]


def test_a_repeat_by_the_route_finds_the_order_of_a_tool(agent, client, simulator, ticket):
    placed = agent.data("place_order", **confirm(agent, ticket))
    repeated = client.send("/api/trade/place-order", {**ticket, "client_order_id": placed["client_order_id"]})

    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert repeated.get_json()["data"]["order_id"] == placed["order_id"]
    assert simulator.calls("place_order") == 1


def test_what_nobody_expected_is_told_without_a_detail(app, agent, caplog):
    def fail(*_args: object) -> None:
        raise ZeroDivisionError("a-planted-word")

    app.before_request_funcs.setdefault("tiger_rest.market_data", []).append(fail)
    told = agent.refusal("get_bars", account=FIRST, **BARS)

    assert (told["code"], "a-planted-word" in str(told)) == (InternalError.code, False)
    assert "unexpected ZeroDivisionError" in caplog.text
