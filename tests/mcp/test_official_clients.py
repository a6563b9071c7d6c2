"""The official clients of both eras, each as its users install it, against a gateway as users run it."""

import pytest

from app.mcp.tools import TOOLS
from tests.support.agent_calls import CALLS
from tests.support.agents import ERAS, STATELESS, find_python, run_client
from tests.support.client import FIRST, FULL_KEY

RESTING = {"account": FIRST, "symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1.5}


@pytest.mark.parametrize("era", ERAS)
def test_an_official_client_lists_and_calls_every_tool(server, era):
    if not find_python(era).exists():
        pytest.skip("make mcp-clients installs the official clients")
    preview = {"name": "preview_order", "arguments": RESTING}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": preview}
    token = server.call("/mcp", message)[1]["result"]["structuredContent"]["confirm_token"]
    order = server.call("/api/trade/place-order", RESTING)[1]["data"]["order_id"]
    calls = [(tool.name, CALLS[tool.name](FIRST)) for tool in TOOLS]
    calls = [(name, {**asked, "order_id": order} if "order_id" in asked else asked) for name, asked in calls]
    calls = [(name, {**RESTING, "confirm_token": token} if name == "place_order" else asked) for name, asked in calls]

    told = run_client(era, f"{server.url}/mcp", FULL_KEY, calls)

    assert (told["version"] == STATELESS) is (era == "2")
    assert told["tools"] == [tool.name for tool in TOOLS]
    assert {name: result for (name, _), result in zip(calls, told["results"], strict=True) if result[0]} == {}
    assert all(content for _, content in told["results"])
