"""Arguments for every tool: a sensible call of each, and whatever their schemas allow."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from app.mcp.tools import TOOLS
from tests.support.agents import Agent
from tests.support.client import FIRST, PAPER, SECOND

NO_ORDER = "1"
"""Stands for an order that is still to be placed."""
TICKET = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1.5}
_CALLS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "get_quotes": {"symbols": ["AAPL", "00700"]},
        "get_bars": {"symbol": "AAPL", "limit": 3},
        "search_symbols": {"keyword": "apple"},
        "get_depth": {"symbol": "AAPL", "levels": 2},
        "get_option_chain": {"symbol": "AAPL"},
        "get_market_status": {"market": "US"},
        "get_trading_calendar": {"market": "US", "begin_date": "2026-04-01", "end_date": "2026-04-30"},
        "get_positions": {},
        "get_balances": {},
        "list_orders": {"limit": 3},
        "get_order": {"order_id": NO_ORDER},
        "list_transactions": {"limit": 3},
        "get_max_quantity": {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "limit_price": 100},
        "preview_order": TICKET,
        "place_order": {**TICKET, "confirm_token": "none"},
        "modify_order": {"order_id": NO_ORDER, "limit_price": 1.25},
        "cancel_order": {"order_id": NO_ORDER},
    }
)
WITHOUT_ACCOUNT = frozenset({"list_accounts", "get_gateway_status"})


def get_arguments(name: str, account: str) -> dict[str, Any]:
    """Return the arguments of a sensible call of a tool, for an account."""
    return {} if name in WITHOUT_ACCOUNT else {"account": account, **_CALLS[name]}


CALLS: Mapping[str, Callable[[str], dict[str, Any]]] = MappingProxyType(
    {tool.name: partial(get_arguments, tool.name) for tool in TOOLS}
)
"""Tool → a sensible call for an account."""

SYMBOLS = ("AAPL", "MSFT", "BRK.B", "00700", "ESmain", "ZZZZ", "AAPL251219C00150000")
DAYS = ("2026-04-01", "20260430", "2026-04-15 16:00:00", "1776000000000")
VALUES: Mapping[str, st.SearchStrategy[Any]] = MappingProxyType(
    {
        **dict.fromkeys(("symbol", "identifier"), st.sampled_from(SYMBOLS)),
        "symbols": st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=3),
        **dict.fromkeys(("begin_date", "end_date", "start_date", "begin_time", "end_time"), st.sampled_from(DAYS)),
        **dict.fromkeys(("quantity", "limit_price", "stop_price", "strike"), st.sampled_from((0.5, 1, 150, 1e6))),
        "sec_type": st.sampled_from(("STK", "OPT", "FUT")),
        "keyword": st.sampled_from(("apple", "0070", "tencent", "zz")),
        "expiry": st.sampled_from(("20251219", "2026-01-16")),
        "limit": st.integers(1, 20),
        "levels": st.integers(1, 10),
        "order_id": st.sampled_from((NO_ORDER, NO_ORDER, NO_ORDER, str(2**62))),
        "market": st.sampled_from(("US", "HK", "CN")),
        "period": st.sampled_from(("day", "week", "1min")),
        "status": st.sampled_from(("Submitted", "Filled", "Cancelled")),
        "action": st.sampled_from(("BUY", "SELL")),
    }
)
"""Argument → what is worth asking for, in the place of anything of its type."""


@st.composite
def draw_arguments(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Draw arguments for a tool: a sensible call, with some of them drawn anew and others added."""
    arguments = CALLS[name](draw(st.sampled_from((FIRST, SECOND, PAPER))))
    known = [argument for tool in TOOLS if tool.name == name for argument in tool.takes if argument in VALUES]
    for argument in draw(st.lists(st.sampled_from(known), max_size=3, unique=True)) if known else ():
        arguments[argument] = draw(VALUES[argument])
    return arguments


def prepare(agent: Agent, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments as a model comes by them: a token from a preview, the number of an order that was placed."""
    if name == "place_order":
        asked = {argument: value for argument, value in arguments.items() if argument != "confirm_token"}
        told = agent.call("preview_order", **asked).get("structuredContent", {})
        return {**asked, "confirm_token": told.get("confirm_token") or "none"}
    if arguments.get("order_id") == NO_ORDER:
        placed = agent.call("place_order", **prepare(agent, "place_order", CALLS["place_order"](arguments["account"])))
        return {**arguments, "order_id": placed.get("structuredContent", {}).get("order_id") or NO_ORDER}
    return arguments
