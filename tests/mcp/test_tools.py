"""The tools: what a key sees of them, what they do, and that each is its route and nothing else."""

import json

import pytest
from jsonschema import Draft202012Validator

from app.access.permissions import Permission
from app.gateway import get_gateway
from app.mcp.results import DATA_FOLLOWS, get_advice
from app.mcp.tools import TOOLS, Effect
from app.openapi.advice import ADVICE
from tests.support.agent_calls import CALLS
from tests.support.agents import Agent
from tests.support.client import DEMO_KEY, FIRST, PAPER, SECOND, Client

MOST_TOKENS = 8_000
CHARACTERS_OF_A_TOKEN = 3.4
"""Of these definitions, written with spaces: o200k_base makes 3.43, cl100k_base 3.44; without them both make over 4."""
MOST_TOOLS = 20
RESTING = {"action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1.5}
READS = {"get_quotes", "get_bars", "search_symbols", "get_depth", "get_option_chain", "get_market_status"} | {
    *("get_trading_calendar", "get_positions", "get_balances", "list_orders", "get_order", "list_transactions"),
    "get_max_quantity",
}
COMMANDS = {"preview_order", "place_order", "modify_order", "cancel_order"}
OPEN = {"list_accounts", "get_gateway_status"}


@pytest.fixture
def agent(module_app):
    return Agent(module_app)


def test_the_definitions_leave_a_model_room_to_think(agent):
    tools = list(agent.list_tools().values())

    text = json.dumps(tools, ensure_ascii=False)
    assert len(tools) <= MOST_TOOLS
    assert len(text) / CHARACTERS_OF_A_TOKEN <= MOST_TOKENS


def test_every_definition_holds_two_schemas_and_says_what_it_does(agent):
    for tool in agent.list_tools().values():
        Draft202012Validator.check_schema(tool["inputSchema"])
        Draft202012Validator.check_schema(tool["outputSchema"])
        assert tool["inputSchema"]["type"] == tool["outputSchema"]["type"] == "object"
        assert tool["outputSchema"]["properties"]
        assert tool["description"]
        assert tool["annotations"].keys() == {"readOnlyHint", "destructiveHint", "idempotentHint"}


def test_every_member_that_a_tool_names_is_there(agent):
    definitions = agent.list_tools()
    for tool in TOOLS:
        listed = definitions[tool.name]
        text = json.dumps(listed["outputSchema"])
        assert set(tool.takes) <= listed["inputSchema"]["properties"].keys()
        assert [name for name in tool.shows if f'"{name}": {{' not in text] == []


def test_what_changes_something_says_so(agent):
    hints = {name: tool["annotations"] for name, tool in agent.list_tools().items()}

    assert {name for name in hints if hints[name]["destructiveHint"]} == {
        tool.name for tool in TOOLS if tool.effect is Effect.COMMANDS
    }


@pytest.mark.parametrize(
    ("permissions", "seen"),
    [
        ([], OPEN),
        ([Permission.READ], OPEN | READS),
        ([Permission.TRADE], OPEN | COMMANDS),
        ([Permission.ADMIN], OPEN),
        ([Permission.READ, Permission.TRADE], OPEN | READS | COMMANDS),
    ],
)
def test_a_key_sees_the_tools_that_it_may_use_and_no_other_works(module_app, permissions, seen):
    name = "-".join(permissions) or "none"
    agent = Agent(module_app, get_gateway(module_app).keys.create(f"matrix-{name}", [FIRST], permissions))

    assert set(agent.list_tools()) == seen
    for tool in {each.name for each in TOOLS} - seen:
        assert agent.refusal(tool, **CALLS[tool](FIRST))["code"] == "permission_required"


def test_a_key_that_asks_for_confirmation_is_shown_no_tool_that_changes_an_order(module_app, module_client):
    keys = get_gateway(module_app).keys
    agent = Agent(module_app, keys.create("confirming", [FIRST], list(Permission), requires_confirmation=True))
    order = module_client.data("/api/trade/place-order", symbol="AAPL", **RESTING)["order_id"]

    assert set(agent.list_tools()) == (OPEN | READS | COMMANDS) - {"modify_order"}
    told = agent.refusal("modify_order", account=FIRST, order_id=order, quantity=1_000)
    assert told["code"] == "confirmation_required"
    assert agent.data("get_order", account=FIRST, order_id=order)["order"]["quantity"] == 1


@pytest.mark.parametrize("tool", sorted(READS | COMMANDS))
def test_a_key_reaches_its_accounts_alone(module_app, tool):
    agent = Agent(module_app, DEMO_KEY)

    accounts = agent.list_tools()[tool]["inputSchema"]["properties"]["account"]["enum"]

    assert accounts == [PAPER]
    for other in (FIRST, SECOND, "99999999"):
        assert agent.refusal(tool, **CALLS[tool](other))["code"] == "account_forbidden"


def test_a_key_without_an_account_here_sees_no_tool_that_needs_one(module_app):
    key = get_gateway(module_app).keys.create("elsewhere", ["11111111"], list(Permission))

    assert set(Agent(module_app, key).list_tools()) == OPEN


def test_a_tool_answers_as_its_route(module_client, agent):
    asked = {"symbol": "AAPL", "period": "day", "limit": 5}

    assert agent.data("get_bars", account=FIRST, **asked) == module_client.data("/api/market/kline", **asked)


def test_a_call_is_told_to_a_model_as_data_with_what_others_wrote(agent):
    result = agent.call("search_symbols", account=FIRST, keyword="apple")

    mark, text = (each["text"] for each in result["content"])
    assert mark.startswith(DATA_FOLLOWS)
    assert "name" in mark
    assert json.loads(text) == result["structuredContent"]


def test_an_argument_that_no_tool_takes_is_named(agent):
    told = agent.refusal("get_depth", account=FIRST, symbol="AAPL", depth=3)

    assert told["code"] == "invalid_request"
    assert "depth" in told["error"]
    assert "levels" in told["error"]


def test_a_kind_of_order_that_a_tool_does_not_offer_is_refused(agent):
    told = agent.refusal("preview_order", account=FIRST, symbol="AAPL", **{**RESTING, "order_type": "TWAP"})

    assert told["code"] == "invalid_request"
    assert "order_type is one of MKT, LMT" in told["error"]


def test_a_wrong_argument_is_told_with_what_to_do(agent):
    told = agent.refusal("get_bars", account=FIRST, symbol="AAPL", period="eternity")

    assert told["details"].keys() == {"period"}
    assert told["what_to_do"] == ADVICE["invalid_request"]


def test_advice_names_tools_not_routes():
    assert "`get_positions`" in get_advice("nothing_held")


def test_an_order_is_changed_and_cancelled(module_app, module_client, agent):
    order = module_client.data("/api/trade/place-order", symbol="AAPL", **RESTING)["order_id"]

    changed = agent.data("modify_order", account=FIRST, order_id=order, limit_price=1.25)
    ended = agent.data("cancel_order", account=FIRST, order_id=order)

    assert (changed["outcome"], changed["modified_fields"]) == ("accepted", {"limit_price": 1.25})
    assert (ended["outcome"], ended["requested_order_id"]) == ("accepted", order)


def test_no_tool_but_place_order_places_one(agent):
    routes = {tool.name: tool.route for tool in TOOLS}

    assert {name for name, route in routes.items() if "place" in route or "close" in route} <= {"place_order"}


def test_calls_are_counted_and_logged_without_what_they_were_called_with(client, app, caplog):
    caplog.set_level("INFO")
    Agent(app).call("search_symbols", account=FIRST, keyword="a-planted-word")

    scraped = Client(app).get("/metrics").text
    lines = [str(record.msg) for record in caplog.records if str(record.msg).startswith("tool ")]
    assert 'tiger_rest_tool_calls_total{outcome="ok",tool="search_symbols"} 1.0' in scraped
    assert [line.split()[1:3] for line in lines] == [["search_symbols", "ok"]]
    assert "a-planted-word" not in lines[0]
