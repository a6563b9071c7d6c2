"""Both eras of the protocol, message by message: what is answered, with which status, and what is refused."""

import pytest

from app.mcp.protocol import HANDSHAKE_VERSIONS
from tests.support.agents import HANDSHAKE, META, STATELESS, Agent

INITIALIZE = {"protocolVersion": HANDSHAKE, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
LIST = {"jsonrpc": "2.0", "id": 7, "method": "tools/list"}


@pytest.fixture
def agent(module_app):
    return Agent(module_app)


@pytest.fixture
def older(module_app):
    return Agent(module_app, version=HANDSHAKE)


def get_error(answer):
    return answer.status_code, answer.get_json()["error"]["code"]


@pytest.mark.parametrize("version", HANDSHAKE_VERSIONS)
def test_a_handshake_is_answered_in_the_version_that_was_asked_for(older, version):
    answer = older.ask("initialize", {**INITIALIZE, "protocolVersion": version}).get_json()["result"]

    assert answer["protocolVersion"] == version
    assert answer["capabilities"] == {"tools": {}}
    assert answer["serverInfo"]["name"] == "tiger-rest"
    assert "preview_order" in answer["instructions"]


def test_a_handshake_in_another_version_is_answered_in_the_newest_of_its_era(older):
    answer = older.ask("initialize", {**INITIALIZE, "protocolVersion": "2030-01-01"}).get_json()["result"]

    assert answer["protocolVersion"] == HANDSHAKE_VERSIONS[-1]


def test_a_discovery_names_every_version(agent):
    answer = agent.ask("server/discover").get_json()["result"]

    assert answer["resultType"] == "complete"
    assert set(answer["supportedVersions"]) == {STATELESS, *HANDSHAKE_VERSIONS}
    assert answer["_meta"][f"{META}serverInfo"]["name"] == "tiger-rest"
    assert (answer["cacheScope"], answer["ttlMs"] > 0) == ("private", True)


def test_both_eras_list_the_same_tools(agent, older):
    assert agent.list_tools() == older.list_tools()


def test_a_client_that_names_no_version_is_one_of_the_first(agent):
    answer = agent.send(LIST)

    assert (answer.status_code, answer.get_json()["id"]) == (200, 7)
    assert "resultType" not in answer.get_json()["result"]


@pytest.mark.parametrize("version", [HANDSHAKE, STATELESS])
def test_a_notification_is_accepted_without_a_word(agent, version):
    message = {"jsonrpc": "2.0", "method": "notifications/initialized"}

    answer = agent.send(message, **{"MCP-Protocol-Version": version})

    assert (answer.status_code, answer.data) == (202, b"")


def test_an_answer_to_what_nobody_asked_is_accepted_in_the_older_era_alone(agent):
    message = {"jsonrpc": "2.0", "id": 1, "result": {}}

    assert agent.send(message, **{"MCP-Protocol-Version": HANDSHAKE}).status_code == 202
    assert get_error(agent.send(message, **{"MCP-Protocol-Version": STATELESS})) == (400, -32600)


def test_no_stream_is_offered(agent, module_client):
    answer = module_client.get("/mcp", Accept="text/event-stream")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_an_unknown_method_is_answered_as_its_era_does(agent, older):
    assert get_error(agent.ask("resources/list")) == (404, -32601)
    assert get_error(older.ask("resources/list")) == (200, -32601)


def test_an_unknown_tool_is_answered_as_its_era_does(agent, older):
    assert get_error(agent.ask("tools/call", {"name": "transfer_money"})) == (400, -32602)
    assert get_error(older.ask("tools/call", {"name": "transfer_money"})) == (200, -32602)


@pytest.mark.parametrize(
    "headers", [{"Mcp-Method": "ping"}, {"MCP-Protocol-Version": HANDSHAKE[:-1] + "9"}, {"Mcp-Name": "get_depth"}]
)
def test_headers_must_repeat_what_the_body_says(agent, headers):
    answer = agent.ask("tools/call", {"name": "list_accounts"}, **headers)

    assert get_error(answer) == (400, -32020)


def test_a_name_in_a_header_may_be_base64(agent):
    answer = agent.ask("tools/call", {"name": "list_accounts"}, **{"Mcp-Name": "=?base64?bGlzdF9hY2NvdW50cw==?="})

    assert answer.status_code == 200


def test_a_message_of_the_newer_era_says_its_version_and_capabilities_itself(agent):
    answer = agent.send(LIST, **{"MCP-Protocol-Version": STATELESS, "Mcp-Method": "tools/list"})

    assert get_error(answer) == (400, -32602)


def test_an_unknown_version_is_told_those_that_are_spoken(agent):
    answer = agent.send(LIST, **{"MCP-Protocol-Version": "2030-01-01"})

    assert get_error(answer) == (400, -32022)
    assert STATELESS in answer.get_json()["error"]["data"]["supported"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"id": 1, "method": "tools/list"}, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "tools/list"}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": 7}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": [1]}, -32602),
        ([LIST], -32700),
    ],
)
def test_what_is_no_message_is_refused(agent, message, code):
    assert get_error(agent.send(message)) == (400, code)


def test_what_is_no_json_is_refused(module_app):
    answer = module_app.test_client().post(
        "/mcp", data="{", content_type="application/json", headers={"Authorization": "Bearer client_key_001"}
    )

    assert get_error(answer) == (400, -32700)


def test_a_huge_message_is_refused(agent):
    assert agent.send({**LIST, "params": {"_meta": "x" * 70_000}}).status_code == 413


@pytest.mark.parametrize("key", [None, "client_key_unknown"])
def test_nobody_is_let_in_without_a_key(module_app, key):
    answer = Agent(module_app, key=key).ask("tools/list")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_page_is_let_in_where_its_origin_is_named(agent):
    assert agent.ask("tools/list", Origin="http://rebound.example").status_code == 403
    assert agent.ask("tools/list").status_code == 200
