"""Bad input is told, field by field, and never breaks anything: 400 with details, 413, 415, never 500."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.client import FIRST, FULL_KEY, assert_refusal

QUOTE = {"symbol": "AAPL"}
MANY = [f"A{number}" for number in range(51)]
APRIL = {"market": "US", "begin_date": "2026-04-01", "end_date": "2026-04-30"}
FUND = {"symbols": ["IE00B464Q616.USD"]}
LIMIT = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1}

MODIFY = "/api/trade/modify-order"

# A body that is right, for each endpoint that takes one.
RIGHT: dict[str, dict[str, Any]] = {
    "/api/token/refresh": {},
    "/api/market/quote": QUOTE,
    "/api/market/kline": QUOTE,
    "/api/market/batch": {"symbols": ["AAPL"]},
    "/api/market/search": {"keyword": "apple"},
    "/api/market/option-chain": QUOTE,
    "/api/market/status": {},
    "/api/market/trading-calendar": APRIL,
    "/api/market/depth": QUOTE,
    "/api/market/ticks": QUOTE,
    "/api/market/timeline": QUOTE,
    "/api/market/option-analysis": {"symbols": ["AAPL"]},
    "/api/market/details": {"symbols": ["AAPL"]},
    "/api/market/capital-flow": QUOTE,
    "/api/market/capital-distribution": QUOTE,
    "/api/market/brokers": {"symbol": "00700"},
    "/api/market/short-interest": {"symbols": ["AAPL"]},
    "/api/trade/option-exercises": {},
    "/api/trade/exercise-check": {"contract_id": "2702385833"},
    "/api/trade/position-transfers": {},
    "/api/trade/segment-funds": {},
    "/api/market/rank": {},
    "/api/market/scanner": {},
    "/api/market/scanner-fields": {},
    "/api/market/warrants": {"symbol": "00700"},
    "/api/market/broker-holdings": {},
    "/api/market/symbols": {"market": "HK"},
    "/api/info/contracts": {"symbols": ["AAPL"]},
    "/api/info/financials": {"symbols": ["AAPL"]},
    "/api/info/corporate-actions": {"symbols": ["AAPL"]},
    "/api/info/earnings": {"symbols": ["AAPL"]},
    "/api/info/fundamentals": {"symbols": ["AAPL"]},
    "/api/info/industries": {},
    "/api/info/exchange-rates": {},
    "/api/info/funds": {},
    "/api/info/futures": {},
    "/api/info/fund-history": FUND,
    "/api/trade/positions": {},
    "/api/trade/account-info": {},
    "/api/trade/orders": {},
    "/api/trade/max-quantity": {"symbol": "AAPL", "action": "BUY", "order_type": "MKT"},
    "/api/trade/transactions": {},
    "/api/trade/performance": {},
    "/api/trade/cash-movements": {},
    "/api/trade/managed-accounts": {},
    "/api/trade/place-order": LIMIT,
    "/api/trade/place-oca-order": {"orders": [LIMIT, {**LIMIT, "order_type": "STP_LMT", "stop_price": 900}]},
    "/api/trade/modify-order": {"order_id": "1", "quantity": 1},
    "/api/trade/cancel-order": {"order_id": "1"},
    "/api/trade/cancel-all-orders": {},
    "/api/trade/close-position": QUOTE,
    "/api/stream/ticket": {},
}
SYMBOLS_OF = [path for path, body in RIGHT.items() if body.get("symbols") == ["AAPL"]]
SYMBOL_OF = [path for path, body in RIGHT.items() if "symbol" in body]
# The quantity of a modification is one of three, any of which will do.
NEEDED = [(path, field) for path, body in RIGHT.items() for field in body if (path, field) != (MODIFY, "quantity")]
NOT_LISTS: list[Any] = ["AAPL", 1, {}, [], MANY, True]
NOT_TEXT: list[Any] = [1, 1.5, True, [], {}, [["AAPL"]], "", "   ", "A\x00B", "A\nB", "\u202e", "A" * 200]

NARROWED = ("/api/trade/positions", "/api/trade/orders", "/api/trade/transactions")
ODD_SYMBOLS: list[Any] = [1, None, [], "", "\t"]

# One wrong field each: path, fields over the right body, the field that must be named.
WRONG: list[tuple[str, dict[str, Any], str]] = [
    *[(path, {"symbol": value}, "symbol") for path in SYMBOL_OF for value in NOT_TEXT],
    *[(path, {"symbols": value}, "symbols") for path in SYMBOLS_OF for value in NOT_LISTS],
    *[(path, {"symbols": ["AAPL", value]}, "symbols.1") for path in SYMBOLS_OF for value in ODD_SYMBOLS],
    *[(path, {"misspelt": 1}, "misspelt") for path in RIGHT],
    *[("/api/stream/ticket", {"stream": value}, "stream") for value in ("event", "", 1)],
    *[("/api/stream/ticket", {"topics": value}, "topics") for value in ("orders", [], 1)],
    ("/api/stream/ticket", {"topics": ["orders", "prices"]}, "topics.1"),
    ("/api/stream/ticket", {"depth": "yes"}, "depth"),
    *[("/api/market/kline", {"period": value}, "period") for value in ["2day", 1, 1.5, "day\u0131"]],
    *[("/api/market/kline", {"limit": value}, "limit") for value in [0, 1201, -1, "5", 1.5, True, [], 10**30]],
    *[("/api/market/kline", {"begin_time": value}, "begin_time") for value in ["2025-02-30", "soon", "", [], True]],
    *[("/api/market/kline", {"end_time": value}, "end_time") for value in ["2025-13-01 00:00:00", -1, 10**20, 1.5]],
    ("/api/market/kline", {"begin_time": "2025-03-01", "end_time": "2025-02-01"}, "begin_time"),
    *[("/api/market/kline", {"adjusted": value}, "adjusted") for value in ["true", 1]],
    *[("/api/market/kline", {"session": value}, "session") for value in ["night", 1]],
    *[("/api/market/kline", {"page_token": value}, "page_token") for value in ["x", "a b", 1]],
    *[("/api/market/kline", {"sec_type": value}, "sec_type") for value in ["BOND", 1, "FUND"]],
    ("/api/market/kline", {"symbol": "ESmain", "period": "2hour"}, "period"),
    *[("/api/market/batch", {"fields": value}, "fields") for value in ["latest_price", [], 1]],
    ("/api/market/batch", {"fields": ["latest_prize"]}, "fields.0"),
    *[("/api/market/batch", {"instruments": value}, "instruments") for value in ["AAPL", [], {}, 1]],
    *[("/api/market/batch", {"extended_hours": value}, "extended_hours") for value in ["true", 1, []]],
    *[("/api/market/quote", {"extended_hours": value}, "extended_hours") for value in ["true", 1, []]],
    *[("/api/market/quote", {"sec_type": value}, "sec_type") for value in ["BOND", 1, []]],
    ("/api/market/quote", {"sec_type": "OPT"}, "expiry"),
    *[("/api/market/search", {"keyword": value}, "keyword") for value in NOT_TEXT],
    *[("/api/market/search", {"sec_type": value}, "sec_type") for value in ["WAR", 1]],
    *[("/api/market/search", {"market": value}, "market") for value in ["XX", 1, []]],
    *[
        ("/api/market/option-chain", {"expiry": value}, "expiry")
        for value in ["20250230", "soon", 20251319, [], "", "2-0-2-6-1218", True, 20251219.5]
    ],
    *[("/api/market/status", {"market": value}, "market") for value in ["MOON", 1, True]],
    *[("/api/market/trading-calendar", {"market": value}, "market") for value in ["ALL", "SG", 1]],
    *[("/api/market/trading-calendar", {"begin_date": value}, "begin_date") for value in ["2026-05-01", 1.5, []]],
    *[("/api/market/trading-calendar", {"end_date": value}, "end_date") for value in ["soon", True, "2027-04-02"]],
    *[("/api/market/depth", {"levels": value}, "levels") for value in [0, 101, "5", True]],
    *[("/api/market/ticks", {"limit": value}, "limit") for value in [0, 1000, "5", 1.5, True]],
    *[("/api/market/ticks", {"after": value}, "after") for value in [-2, 2**53, "5", [], True]],
    *[("/api/market/ticks", {"after": 5, "after_time": value}, "after_time") for value in ["soon", 1.5, True, []]],
    ("/api/market/ticks", {"after_time": 1780000000000}, "after_time"),
    *[("/api/market/ticks", {"session": value}, "session") for value in ["lunch", 1, ["pre"]]],
    ("/api/market/ticks", {"symbol": "00700", "session": "pre"}, "session"),
    ("/api/market/ticks", {"sec_type": "FUND"}, "sec_type"),
    *[("/api/market/timeline", {"date": value}, "date") for value in ["2026-02-30", "soon", True, []]],
    ("/api/market/timeline", {"symbol": "BTC.USD", "sec_type": "CC", "date": "2026-04-01"}, "date"),
    *[("/api/market/timeline", {"sessions": value}, "sessions") for value in ["pre", [], 1]],
    ("/api/market/timeline", {"sessions": ["lunch"]}, "sessions.0"),
    ("/api/market/timeline", {"symbol": "ESmain"}, "sec_type"),
    *[("/api/market/option-analysis", {"period": value}, "period") for value in ["4week", 52, []]],
    *[("/api/market/option-analysis", {"days": value}, "days") for value in ["true", 1]],
    ("/api/market/details", {"symbols": ["AAPL251219C00150000"]}, "symbols.0"),
    *[("/api/market/capital-flow", {"period": value}, "period") for value in ["2day", 1]],
    *[("/api/market/capital-flow", {"limit": value}, "limit") for value in [0, 1201, "5", True]],
    *[("/api/market/capital-flow", {"begin_time": value}, "begin_time") for value in ["2025-02-30", True]],
    ("/api/market/capital-flow", {"begin_time": "2025-03-01", "end_time": "2025-02-01"}, "begin_time"),
    *[("/api/market/brokers", {"symbol": value}, "symbol") for value in ["AAPL", "600519"]],
    *[("/api/market/brokers", {"levels": value}, "levels") for value in [0, 101, "5"]],
    ("/api/market/short-interest", {"symbols": ["AAPL", "00700"]}, "symbols.1"),
    *[("/api/market/rank", {"market": value}, "market") for value in ["ALL", "XX", 1]],
    *[("/api/trade/option-exercises", {"type": value}, "type") for value in ["Sell", 1]],
    *[("/api/trade/option-exercises", {"page_token": value}, "page_token") for value in ["x", 1]],
    *[("/api/trade/exercise-check", {"contract_id": value}, "contract_id") for value in ["", "x", 0, -1, 1.5, True]],
    *[("/api/trade/exercise-check", {"quantity": value}, "quantity") for value in [0, "1"]],
    *[("/api/trade/position-transfers", {"scope": value}, "scope") for value in ["all", 1]],
    ("/api/trade/position-transfers", {"begin_date": "2026-03-02", "end_date": "2026-03-01"}, "begin_date"),
    ("/api/trade/position-transfers", {"transfer_id": "1", "scope": "external"}, "transfer_id"),
    *[("/api/trade/segment-funds", {"segment": value}, "segment") for value in ["ALL", 1]],
    *[("/api/trade/segment-funds", {"limit": value}, "limit") for value in [0, 501]],
    *[("/api/market/depth", {"sec_type": value}, "sec_type") for value in ["BOND", 1, "WAR"]],
    *[("/api/market/depth", {"identifier": value}, "identifier") for value in ["MSFT", 1, []]],
    ("/api/market/depth", {"strike": 150, "put_call": "CALL"}, "expiry"),
    ("/api/market/depth", {"symbol": None}, "symbol"),
    *[("/api/market/scanner", {"market": value}, "market") for value in ["ALL", 1]],
    *[("/api/market/scanner", {"filters": value}, "filters") for value in [{}, "x", []]],
    *[("/api/market/scanner", {"filters": [value]}, "filters.0.field") for value in [{}, {"field": 1}, {"field": "x"}]],
    ("/api/market/scanner", {"filters": [{"field": "StockField_Volume", "min": "1"}]}, "filters.0.min"),
    ("/api/market/scanner", {"filters": [{"field": "StockField_Volume", "min": 2, "max": 1}]}, "filters.0.min"),
    ("/api/market/scanner", {"filters": [{"field": "StockField_Volume", "values": ["1"]}]}, "filters.0.values"),
    ("/api/market/scanner", {"filters": [{"field": "StockField_Volume", "period": "ANNUAL"}]}, "filters.0.period"),
    ("/api/market/scanner", {"filters": [{"field": "AccumulateField_Eps", "period": "week"}]}, "filters.0.period"),
    ("/api/market/scanner", {"filters": [{"field": "MultiTagField_isOTC", "min": 1}]}, "filters.0.min"),
    ("/api/market/scanner", {"sort": {"field": "StockField_Nothing"}}, "sort.field"),
    ("/api/market/scanner", {"sort": {"field": "StockField_Volume", "direction": "up"}}, "sort.direction"),
    *[("/api/market/scanner", {"page_token": value}, "page_token") for value in ["x", 1, ""]],
    *[("/api/market/scanner", {"limit": value}, "limit") for value in [0, 201, "5"]],
    *[("/api/market/scanner-fields", {"market": value}, "market") for value in ["ALL", 1]],
    *[("/api/market/warrants", {"symbol": value}, "symbol") for value in ["AAPL", "600519"]],
    ("/api/market/warrants", {"filters": {"types": ["SPIN"]}}, "filters.types.0"),
    ("/api/market/warrants", {"filters": {"strike": 5}}, "filters.strike"),
    ("/api/market/warrants", {"filters": {"strike": {"least": 5}}}, "filters.strike.least"),
    *[
        ("/api/market/warrants", {"filters": {"expiry_month": value}}, "filters.expiry_month")
        for value in ["2026-13", 1]
    ],
    *[("/api/market/warrants", {"filters": {"lot_sizes": [value]}}, "filters.lot_sizes.0") for value in [0, "1", None]],
    ("/api/market/warrants", {"sort": {"field": "colour"}}, "sort.field"),
    *[("/api/market/broker-holdings", {"market": value}, "market") for value in ["US", 1]],
    *[("/api/market/broker-holdings", {"order_by": value}, "order_by") for value in ["sharesHold", 1]],
    *[("/api/market/broker-holdings", {"page_token": value}, "page_token") for value in ["x", 1]],
    ("/api/market/symbols", {"market": None}, "market"),
    ("/api/market/symbols", {"sec_type": "OPT", "market": "US"}, "market"),
    ("/api/market/symbols", {"sec_type": "FUND"}, "market"),
    ("/api/market/symbols", {"sec_type": "OPT", "include_otc": True}, "include_otc"),
    *[("/api/market/symbols", {"sec_type": value}, "sec_type") for value in ["FUT", 1]],
    *[("/api/market/symbols", {"limit": value}, "limit") for value in [0, 10_001]],
    *[("/api/info/contracts", {"sec_type": value}, "sec_type") for value in ["BOND", 1, [], "CASH", "FOP"]],
    ("/api/info/contracts", {"sec_type": "OPT"}, "expiry"),
    *[("/api/info/contracts", {"strike": value}, "strike") for value in ["1", 0, -1, True, []]],
    *[("/api/info/financials", {"fields": value}, "fields") for value in ["eps", 1, {}, []]],
    ("/api/info/financials", {"fields": ["net_incom"]}, "fields"),
    *[("/api/info/financials", {"period_type": value}, "period_type") for value in ["Weekly", 1]],
    *[("/api/info/corporate-actions", {"action_type": value}, "action_type") for value in ["spinoff", 1, []]],
    *[("/api/info/earnings", {"begin_date": value}, "begin_date") for value in ["2025-02-29", "2025", 1.5, []]],
    ("/api/info/earnings", {"begin_date": "2025-03-01", "end_date": "2025-02-01"}, "begin_date"),
    *[("/api/info/fundamentals", {"symbols": [value]}, "symbols.0") for value in ["ES2603", "AAPL251219C00150000"]],
    *[("/api/info/industries", {"level": value}, "level") for value in ["SECTOR", 1, []]],
    *[("/api/info/industries", {"industry": value}, "industry") for value in NOT_TEXT],
    *[("/api/info/industries", {"symbol": value}, "symbol") for value in [*NOT_TEXT, "ESmain"]],
    ("/api/info/industries", {"level": "GIND", "symbol": "AAPL"}, "symbol"),
    ("/api/info/industries", {"level": "GIND", "industry": "4530"}, "industry"),
    *[("/api/info/industries", {"market": value}, "market") for value in ["US", "SG", 1]],
    *[("/api/info/exchange-rates", {"currencies": value}, "currencies") for value in ["HKD", [], 1, {}]],
    *[("/api/info/exchange-rates", {"currencies": ["USD", value]}, "currencies.1") for value in ["US", "USDX", 1]],
    *[("/api/info/exchange-rates", {"symbols": value}, "symbols") for value in NOT_LISTS],
    ("/api/info/exchange-rates", {"symbols": ["ESmain"]}, "symbols.0"),
    *[("/api/info/exchange-rates", {"begin_date": value}, "begin_date") for value in ["2030-01-01", "2020-01-01"]],
    *[("/api/info/exchange-rates", {"end_date": value}, "end_date") for value in ["soon", True]],
    *[("/api/info/futures", {"exchange": value}, "exchange") for value in NOT_TEXT],
    *[("/api/info/futures", {"type": value}, "type") for value in NOT_TEXT],
    *[("/api/info/futures", {"code": value}, "code") for value in [*NOT_TEXT, "ES", "AAPL", "ES2613"]],
    ("/api/info/futures", {"exchange": "CME", "type": "ES"}, "type"),
    ("/api/info/futures", {"type": "ES", "code": "ESmain"}, "code"),
    ("/api/info/futures", {"type": "ES", "trading_date": "2026-03-11"}, "trading_date"),
    *[("/api/info/futures", {"code": "ESmain", "trading_date": value}, "trading_date") for value in ["soon", 1, []]],
    ("/api/info/futures", {"code": "ES2612", "begin_date": "2026-03-11"}, "begin_date"),
    ("/api/info/futures", {"end_date": "2026-03-11"}, "end_date"),
    ("/api/info/futures", {"code": "ESmain", "begin_date": "2026-03-11", "end_date": "2026-03-10"}, "begin_date"),
    ("/api/info/futures", {"code": "ESmain", "begin_date": "2020-03-11"}, "begin_date"),
    *[("/api/info/funds", {"symbols": value}, "symbols") for value in [*NOT_LISTS, ["AAPL"]]],
    *[("/api/info/fund-history", {"symbols": value}, "symbols") for value in [*NOT_LISTS, ["AAPL"]]],
    *[("/api/info/fund-history", {"limit": value}, "limit") for value in [0, 367, "5", True]],
    *[("/api/info/fund-history", {"begin_date": value}, "begin_date") for value in ["2030-01-01", "2020-01-01", 1.5]],
    *[("/api/info/fund-history", {"end_date": value}, "end_date") for value in ["soon", True]],
    *[("/api/trade/positions", {"sec_type": value}, "sec_type") for value in ["BOND", 1]],
    *[("/api/trade/orders", {"status": value}, "status") for value in ["Done", 1, []]],
    *[("/api/trade/orders", {"limit": value}, "limit") for value in [0, 301, "1"]],
    *[("/api/trade/max-quantity", {"action": value}, "action") for value in ["HOLD", 1]],
    *[("/api/trade/max-quantity", {"order_type": value}, "order_type") for value in ["TRAIL", "MARKET", 1]],
    ("/api/trade/max-quantity", {"limit_price": 1}, "limit_price"),
    ("/api/trade/max-quantity", {"order_type": "STP_LMT", "limit_price": 1}, "stop_price"),
    ("/api/trade/max-quantity", {"symbol": "ES2603"}, "sec_type"),
    *[("/api/trade/transactions", {"order_id": value}, "order_id") for value in ["", "x", 0, -1, 1.5]],
    *[("/api/trade/transactions", {"limit": value}, "limit") for value in [0, 101, "1"]],
    *[(path, {"sec_type": "STK", "expiry": "20261218"}, "expiry") for path in NARROWED],
    *[(path, {"strike": value}, "strike") for path in NARROWED for value in [0, "200", True]],
    *[(path, {"identifier": "AAPL", "sec_type": "OPT"}, "identifier") for path in NARROWED],
    *[("/api/trade/orders", {"segment": value}, "segment") for value in ["ALL", "C", 1]],
    *[("/api/trade/performance", {"segment": value}, "segment") for value in ["ALL", 1]],
    *[("/api/trade/performance", {"begin_date": value}, "begin_date") for value in ["2025-02-30", True, 1]],
    *[("/api/trade/performance", {"currency": value}, "currency") for value in ["dollars", 1]],
    *[("/api/trade/cash-movements", {"type": value}, "type") for value in ["DIVIDEND", 1]],
    *[("/api/trade/cash-movements", {"limit": value}, "limit") for value in [0, 101, "1"]],
    *[("/api/trade/cash-movements", {"page_token": value}, "page_token") for value in ["é", "x", 1]],
    *[("/api/trade/orders", {"start_date": value}, "start_date") for value in ["2025-02-30", True]],
    *[("/api/trade/place-order", {"quantity": value}, "quantity") for value in [0, -1, "1", True, [], 10**13]],
    *[("/api/trade/place-order", {"limit_price": value}, "limit_price") for value in [0, -1, "175", True, {}]],
    *[("/api/trade/place-order", {"action": value}, "action") for value in ["HOLD", 1]],
    *[("/api/trade/place-order", {"order_type": value}, "order_type") for value in ["MARKET", 1]],
    *[("/api/trade/place-order", {"time_in_force": value}, "time_in_force") for value in ["OPG", "GTX", 1]],
    ("/api/trade/place-order", {"time_in_force": "GTD"}, "expire_time"),
    ("/api/trade/place-order", {"expire_time": "2030-01-01"}, "expire_time"),
    *[("/api/trade/place-order", {"outside_rth": value}, "outside_rth") for value in ["true", 1, 0]],
    *[("/api/trade/place-order", {"client_order_id": value}, "client_order_id") for value in ["", "a b", "é", 1]],
    ("/api/trade/place-order", {"order_type": "MKT"}, "limit_price"),
    ("/api/trade/place-order", {"order_type": "STP_LMT"}, "stop_price"),
    ("/api/trade/place-order", {"stop_price": 1}, "stop_price"),
    ("/api/trade/place-order", {"limit_price": None}, "limit_price"),
    ("/api/trade/place-order", {"order_type": "TRAIL", "limit_price": None}, "trailing_percent"),
    *[("/api/trade/cancel-order", {"order_id": value}, "order_id") for value in ["", "x", 0, -1, 1.5, True, 10**30]],
    ("/api/trade/modify-order", {"quantity": None}, "quantity"),
    *[("/api/trade/close-position", {"quantity": value}, "quantity") for value in [0, -1, "1", True, []]],
    ("/api/trade/close-position", {"limit_price": 1}, "limit_price"),
    ("/api/trade/close-position", {"order_type": "STP"}, "stop_price"),
    ("/api/trade/close-position", {"order_type": "TRAIL"}, "trailing_percent"),
    ("/api/trade/close-position", {"action": "SELL"}, "action"),
    *[("/api/trade/place-order", {"take_profit": value}, "take_profit") for value in [1, [], "9", True]],
    *[("/api/trade/place-order", {"legs": value}, "legs") for value in [1, {}, "AAPL", [], [{}] * 11]],
    *[("/api/trade/place-oca-order", {"orders": value}, "orders") for value in [1, {}, [], [LIMIT], [LIMIT] * 3]],
    ("/api/trade/place-oca-order", {"orders": [LIMIT, {**LIMIT, "price": 1}]}, "orders.1.price"),
    *[("/api/trade/cancel-all-orders", {"side": value}, "side") for value in ["BOTH", 1, []]],
    *[("/api/trade/cancel-all-orders", {"symbol": value}, "symbol") for value in ["", 1, []]],
]


def send(app, path: str, body: str | bytes, content_type: str = "application/json"):
    headers = {"Authorization": f"Bearer {FULL_KEY}", "Content-Type": content_type}
    return app.test_client().post(path, data=body, headers=headers)


@pytest.mark.parametrize(("path", "fields", "named"), WRONG, ids=repr)
def test_a_wrong_field_is_named(module_client, path, fields, named):
    response = module_client.post(path, **{**RIGHT[path], **fields})

    assert_refusal(response, 400, "invalid_request")
    assert named in response.get_json()["details"]


@pytest.mark.parametrize(("path", "field"), NEEDED)
def test_a_field_that_is_needed_may_be_neither_missing_nor_null(module_client, path, field):
    body = dict(RIGHT[path])
    without = module_client.post(path, **{name: value for name, value in body.items() if name != field})
    null = module_client.post(path, **{**body, field: None})

    for response in (without, null):
        assert_refusal(response, 400, "invalid_request")
        assert field in response.get_json()["details"]


@pytest.mark.parametrize("path", RIGHT)
@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "1", "null", '"text"', '{"a": NaN}', '{"a": -Infinity}', '{"a": 1, "a": 2}', "[" * 9_000, b"\xff"],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_json_object_is_refused(module_app, path, body):
    assert_refusal(send(module_app, path, body), 400, "invalid_json")


HALF = [
    b'"\\ud800": 1',
    b'"symbol": "\\uDC00x"',
    b'"a": ["\\ud800\\u0061"]',
    b'"symbol": "\xed\xa0\x80"',
    b'"\xed\xa0\x80": 1',
]


@pytest.mark.parametrize("member", HALF, ids=repr)
def test_half_a_character_is_refused_wherever_it_stands(module_app, member):
    body = b'{"account": "%s", %s}' % (FIRST.encode(), member)

    assert_refusal(send(module_app, "/api/market/quote", body), 400, "invalid_json")


def test_a_whole_character_may_be_written_as_its_two_halves(module_app):
    body = b'{"account": "%s", "keyword": "\\ud83d\\ude00"}' % FIRST.encode()

    assert send(module_app, "/api/market/search", body).status_code == 200


def test_a_page_token_that_is_nested_without_end_is_named(module_client):
    token = base64.urlsafe_b64encode(b"[" * 20_000).decode()
    response = module_client.post("/api/trade/orders", page_token=token)

    assert_refusal(response, 400, "invalid_request")
    assert "page_token" in response.get_json()["details"]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e-400", "1" * 5_000, "0.1e999999999"])
def test_numbers_beyond_all_bounds_are_refused(module_app, number):
    order = json.dumps({"account": FIRST, **LIMIT}).replace('"quantity": 1', f'"quantity": {number}')
    response = send(module_app, "/api/trade/place-order", order)

    assert response.status_code == 400
    assert response.get_json()["code"] in {"invalid_request", "invalid_json"}


@pytest.mark.parametrize("path", RIGHT)
def test_another_content_type_is_refused(module_app, path):
    body = json.dumps({"account": FIRST, **RIGHT[path]})

    assert_refusal(send(module_app, path, body, "text/plain"), 415, "unsupported_media_type")
    assert_refusal(send(module_app, path, body, "application/x-www-form-urlencoded"), 415, "unsupported_media_type")


@pytest.mark.parametrize("path", RIGHT)
def test_a_huge_body_is_refused(module_app, path):
    body = json.dumps({"account": FIRST, "padding": "x" * 70_000})

    assert_refusal(send(module_app, path, body), 413, "payload_too_large")


@pytest.mark.parametrize("path", RIGHT)
def test_null_in_an_optional_field_means_absent(module_client, path):
    optional = {"/api/market/kline": "period", "/api/market/status": "market", "/api/trade/orders": "status"}
    response = module_client.post(path, **RIGHT[path], **dict.fromkeys([optional.get(path, "account_")]))

    assert response.status_code == (400 if path not in optional else 200)


def test_an_unknown_path_and_a_wrong_method_have_the_same_shape(module_client):
    missing = module_client.get("/api/nothing")
    wrong = module_client.get("/api/market/quote")

    assert_refusal(missing, 404, "not_found")
    assert_refusal(wrong, 405, "method_not_allowed")
    assert "POST" in wrong.headers["Allow"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.just("AAPL") | st.just(FIRST),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
COMMANDS = (
    "place-order",
    "place-oca-order",
    "modify-order",
    "cancel-order",
    "cancel-all-orders",
    "close-position",
    "refresh",
)
HARMLESS = [path for path in RIGHT if not path.endswith(COMMANDS)]
# A symbol is all that it takes to sell what other tests hold.
UNCLOSED = [path for path in RIGHT if path != "/api/trade/close-position"]
FIELDS = ["symbol", "symbols", "period", "begin_time", "end_time", "limit", "fields", "keyword", "market", "expiry"]
FIELDS += ["sec_type", "strike", "put_call", "period_type", "begin_date", "end_date", "action_type", "status"]
FIELDS += ["start_date", "page_token", "order_id", "quantity", "limit_price", "action", "order_type", "account"]
FIELDS += ["cash_amount", "expire_time", "take_profit", "stop_loss", "legs", "strategy", "orders", "display_size"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(UNCLOSED), body=st.dictionaries(st.sampled_from(FIELDS), ANY_JSON, max_size=6))
def test_no_body_whatever_breaks_the_gateway(module_app, path, body):
    text = json.dumps({"account": FIRST, **body})
    response = send(module_app, path, text.encode("utf-8", "surrogatepass"))

    assert response.status_code < 500, (path, text, response.text)
    assert response.get_json()["success"] is (response.status_code == 200)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(list(RIGHT)), body=st.binary(max_size=300))
def test_no_bytes_whatever_break_the_gateway(module_app, path, body):
    assert send(module_app, path, body).status_code in {400, 403, 404}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(FIELDS), value=ANY_JSON, path=st.sampled_from(HARMLESS))
def test_one_odd_field_in_a_right_body_is_answered_or_named(module_client, path, field, value):
    response = module_client.post(path, **{**RIGHT[path], field: value})

    assert response.status_code in {200, 400, 403, 404}, (path, field, value, response.text)
