"""What an operator sets for agents: whether there is /mcp at all, and which pages may call it."""

import dataclasses

import pytest
from flask import Flask

from app import create_app
from app.embedding import TigerRest
from app.gateway import get_gateway
from app.settings import McpSettings
from tests.support.agents import Agent
from tests.support.client import FIRST, Client, assert_refusal

PAGE = "https://desk.example"


@pytest.fixture
def build(settings):
    built = []

    def build_with(mcp: McpSettings, **gateway):
        changed = dataclasses.replace(settings, mcp=mcp, gateway=dataclasses.replace(settings.gateway, **gateway))
        built.append(create_app(changed))
        return built[-1]

    yield build_with
    for app in built:
        get_gateway(app).close()


def test_it_can_be_switched_off(build):
    app = build(McpSettings(enabled=False))

    assert_refusal(Agent(app).ask("tools/list"), 404, "not_found")


def test_pages_of_origins_that_are_named_may_call(build):
    app = build(McpSettings(allowed_origins=(PAGE,)), cors_origins=("https://other.example",))

    statuses = {
        origin: Agent(app).ask("tools/list", Origin=origin).status_code
        for origin in (PAGE, "https://other.example", "https://third.example", "null")
    }

    assert statuses == {PAGE: 200, "https://other.example": 200, "https://third.example": 403, "null": 403}


@pytest.mark.parametrize("origin", [PAGE, f"{PAGE}.evil.example", "*", "null", ""])
def test_an_api_that_is_open_to_all_pages_opens_agents_tools_to_none(build, origin):
    app = build(McpSettings(), cors_origins=("*",))

    assert Agent(app).ask("tools/list", Origin=origin).status_code == 403


def test_a_browser_is_told_which_pages_may_call(build):
    app = build(McpSettings(allowed_origins=(PAGE,)), cors_origins=())
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "mcp-method"}
    preflights = {
        (path, origin): app.test_client().options(path, headers={"Origin": origin, **asked}).headers
        for path in ("/mcp", "/api/trade/orders")
        for origin in (PAGE, "https://third.example")
    }

    told = {key for key, headers in preflights.items() if "Access-Control-Allow-Origin" in headers}

    assert told == {("/mcp", PAGE)}
    assert preflights["/mcp", PAGE]["Access-Control-Allow-Headers"] == "mcp-method"


def test_an_embedded_gateway_has_it_under_its_prefix(settings):
    host = Flask("host")
    tiger = TigerRest(host, url_prefix="/tiger", settings=settings)

    agent = Agent(host, path="/tiger/mcp")

    assert agent.data("get_quotes", account=FIRST, symbols=["AAPL"])["quotes"]["AAPL"]["latest_price"] > 0
    assert Client(host).get("/mcp").status_code == 404
    with host.app_context():
        tiger.gateway.close()
