"""Arguments for every tool: a sensible call of each, and whatever their schemas allow."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from app.mcp.tools import TOOLS
from tests.support.client import FIRST

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
        "get_order": {"order_id": "1"},
        "list_transactions": {"limit": 3},
        "get_max_quantity": {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "limit_price": 100},
        "preview_order": TICKET,
        "place_order": {**TICKET, "confirm_token": "none"},
        "modify_order": {"order_id": "1", "limit_price": 1.25},
        "cancel_order": {"order_id": "1"},
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
        "order_id": st.integers(1, 2**62).map(str),
    }
)
"""Argument → what is worth asking for, in the place of anything of its type."""


@st.composite
def draw_arguments(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Draw a tool and arguments for it: a sensible call, with some of them drawn anew and others added or left out."""
    tool = draw(st.sampled_from(TOOLS))
    arguments = CALLS[tool.name](FIRST)
    known = [name for name in tool.takes if name in VALUES]
    for name in draw(st.lists(st.sampled_from(known), max_size=3, unique=True)) if known else ():
        arguments[name] = draw(VALUES[name])
    return tool.name, arguments
