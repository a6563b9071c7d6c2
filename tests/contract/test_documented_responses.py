"""Each response of the documented API, key by key, against what the gateway gives.

``SHAPES`` reads like the document: what stands behind a key is the type of its value; a set holds alternatives.
"""

import datetime as dt
from typing import Any

import pytest

from tests.support.client import FIRST, assert_envelope

NUMBER = (int, float)
MAYBE = (*NUMBER, type(None))
TEXT = (str,)
WHOLE = (int,)
FLAG = (bool,)
GROUPS = ["health", "account_management", "market_data", "company_info", "trading"]
ABOUT = {"documentation", "monitoring"}
ORDER = {
    "order_id": TEXT,
    "account_order_id": TEXT,
    "symbol": TEXT,
    "action": TEXT,
    "order_type": TEXT,
    "quantity": NUMBER,
    "status": TEXT,
    "filled": NUMBER,
    "remaining": NUMBER,
    "avg_fill_price": MAYBE,
    "limit_price": MAYBE,
    "stop_price": MAYBE,
    "time_in_force": TEXT,
    "outside_rth": FLAG,
    "order_time": WHOLE,
    "update_time": WHOLE,
    "commission": MAYBE,
    "realized_pnl": MAYBE,
    "filled_cash_amount": MAYBE,
    "status_details": (str, type(None)),
}
QUOTE = {"latest_price": NUMBER, "volume": WHOLE, "open": NUMBER, "high": NUMBER, "low": NUMBER, "pre_close": NUMBER}
LEG = {
    "identifier": TEXT,
    "strike": NUMBER,
    "bid_price": MAYBE,
    "bid_size": MAYBE,
    "ask_price": MAYBE,
    "ask_size": MAYBE,
    "latest_price": MAYBE,
    "volume": MAYBE,
    "open_interest": MAYBE,
    "implied_vol": MAYBE,
    "delta": MAYBE,
    "gamma": MAYBE,
    "theta": MAYBE,
    "vega": MAYBE,
    "rho": MAYBE,
}


def assert_shape(value, shape, path=""):
    """Check that a value has at least the documented keys, each of the documented type."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), path
        for key, inner in shape.items():
            assert key in value, f"{path}.{key} is missing"
            assert_shape(value[key], inner, f"{path}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), path
        assert value, f"{path} is empty"
        for index, item in enumerate(value):
            assert_shape(item, shape[0], f"{path}[{index}]")
    elif isinstance(shape, tuple):
        assert isinstance(value, shape), f"{path} is {value!r}"
        assert not isinstance(value, bool) or bool in shape, f"{path} is {value!r}"
    else:
        assert value == shape, path


def days(back: int) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(days=back)).strftime("%Y-%m-%d")


READS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "/api/market/quote": ({"symbol": "AAPL"}, {"symbol": "AAPL", **QUOTE, "timestamp": WHOLE, "status": TEXT}),
    "/api/market/kline": (
        {"symbol": "AAPL", "period": "day", "begin_time": "2025-01-01 00:00:00", "limit": 100},
        {
            "symbol": "AAPL",
            "period": "day",
            "count": 100,
            "bars": [
                {"time": WHOLE, "open": NUMBER, "high": NUMBER, "low": NUMBER, "close": NUMBER, "volume": WHOLE},
            ],
        },
    ),
    "/api/market/batch": (
        {"symbols": ["AAPL", "TSLA", "GOOGL"], "fields": ["latest_price", "bid_price"]},
        {
            "symbols": [TEXT],
            "count": 3,
            "quotes": {name: {**QUOTE, "bid_price": NUMBER} for name in ("AAPL", "TSLA", "GOOGL")},
        },
    ),
    "/api/market/search": (
        {"keyword": "apple", "market": "US"},
        {"keyword": "apple", "market": "US", "results": [{"symbol": TEXT, "name": TEXT, "market": "US"}]},
    ),
    "/api/market/option-chain": ({"symbol": "AAPL"}, {"symbol": "AAPL", "expirations": [TEXT]}),
    "/api/market/status": (
        {"market": "US"},
        {"market": "US", "status": "Trading", "trading_status": TEXT, "open_time": TEXT},
    ),
    "/api/market/trading-calendar": (
        {"market": "US", "begin_date": "2026-04-01", "end_date": "2026-04-30"},
        {
            "market": "US",
            "begin_date": "2026-04-01",
            "end_date": "2026-04-30",
            "count": 21,
            "days": [{"date": TEXT, "type": "TRADING"}],
        },
    ),
    "/api/market/depth": (
        {"symbol": "AAPL", "levels": 5},
        {
            "symbol": "AAPL",
            "market": "US",
            "asks": [{"price": NUMBER, "size": WHOLE, "orders": WHOLE}],
            "bids": [{"price": NUMBER, "size": WHOLE, "orders": WHOLE}],
        },
    ),
    "/api/market/option-analysis": (
        {"symbols": ["AAPL"]},
        {
            "count": 1,
            "analyses": [
                {
                    "symbol": "AAPL",
                    "implied_vol": NUMBER,
                    "historical_vol": NUMBER,
                    "iv_hv_ratio": NUMBER,
                    "call_put_ratio": NUMBER,
                    "period": "52week",
                    "iv_percentile": NUMBER,
                    "iv_rank": NUMBER,
                }
            ],
            "missing": (list,),
        },
    ),
    "/api/market/details": (
        {"symbols": ["AAPL"]},
        {
            "count": 1,
            "details": [{"symbol": "AAPL", "name": TEXT, "shares": WHOLE, "float_shares": WHOLE, "listing_date": TEXT}],
            "missing": (list,),
        },
    ),
    "/api/market/capital-flow": (
        {"symbol": "AAPL", "period": "week", "limit": 5},
        {"symbol": "AAPL", "period": "week", "count": 5, "flows": [{"time": WHOLE, "net_inflow": NUMBER}]},
    ),
    "/api/market/capital-distribution": (
        {"symbol": "AAPL"},
        {"symbol": "AAPL", "net_inflow": NUMBER, "in_all": NUMBER, "in_big": NUMBER, "out_all": NUMBER},
    ),
    "/api/market/brokers": (
        {"symbol": "00700"},
        {
            "symbol": "00700",
            "market": "HK",
            "asks": [{"level": WHOLE, "price": NUMBER, "orders": WHOLE, "brokers": [{"id": TEXT, "name": TEXT}]}],
            "bids": [{"level": WHOLE, "price": NUMBER, "orders": WHOLE, "brokers": [{"id": TEXT, "name": TEXT}]}],
        },
    ),
    "/api/market/short-interest": (
        {"symbols": ["AAPL"]},
        {
            "count": 1,
            "short_interest": [
                {
                    "symbol": "AAPL",
                    "reports": [{"settlement_date": TEXT, "short_interest": WHOLE, "days_to_cover": MAYBE}],
                }
            ],
        },
    ),
    "/api/market/rank": (
        {"market": "US"},
        {"market": "US", "count": WHOLE, "stocks": [{"symbol": TEXT, "name": TEXT, "change_rate": NUMBER}]},
    ),
    "/api/market/ticks": (
        {"symbol": "AAPL", "limit": 5},
        {
            "symbol": "AAPL",
            "restarted": False,
            "count": 5,
            "ticks": [{"index": WHOLE, "time": WHOLE, "price": NUMBER, "size": NUMBER, "direction": TEXT}],
            "next": {"after": WHOLE, "after_time": WHOLE},
        },
    ),
    "/api/market/timeline": (
        {"symbol": "AAPL"},
        {
            "symbol": "AAPL",
            "pre_close": NUMBER,
            "sessions": ["regular"],
            "count": WHOLE,
            "minutes": [{"time": WHOLE, "session": "regular", "price": NUMBER, "avg_price": NUMBER, "volume": NUMBER}],
        },
    ),
    "/api/market/scanner": (
        {"filters": [{"field": "StockField_MarketValue", "min": 1e11}], "limit": 3},
        {
            "market": "US",
            "count": 3,
            "total": WHOLE,
            "stocks": [{"symbol": TEXT, "market": "US", "values": {"StockField_MarketValue": NUMBER}}],
            "next_page_token": TEXT,
        },
    ),
    "/api/market/scanner-fields": (
        {"market": "US"},
        {
            "market": "US",
            "count": WHOLE,
            "fields": [{"field": TEXT, "group": TEXT, "takes": TEXT, "takes_period": FLAG}],
            "periods": [TEXT],
        },
    ),
    "/api/market/warrants": (
        {"symbol": "00700", "filters": {"types": ["BULL", "BEAR"]}},
        {
            "symbol": "00700",
            "count": WHOLE,
            "total": WHOLE,
            "warrants": [{"symbol": TEXT, "sec_type": "IOPT", "type": TEXT, "strike": NUMBER, "expiry": TEXT}],
            "bounds": {"issuers": [TEXT], "lot_sizes": [NUMBER], "strike": {"min": NUMBER, "max": NUMBER}},
        },
    ),
    "/api/market/broker-holdings": (
        {"limit": 2},
        {
            "market": "HK",
            "count": 2,
            "total": WHOLE,
            "holdings": [{"id": TEXT, "name": TEXT, "date": TEXT, "shares": WHOLE, "market_value": NUMBER}],
            "next_page_token": TEXT,
        },
    ),
    "/api/market/symbols": (
        {"market": "US", "limit": 3},
        {"sec_type": "STK", "market": "US", "count": 3, "total": WHOLE, "symbols": [TEXT], "next_page_token": TEXT},
    ),
    "/api/trade/segment-funds": (
        {"segment": "SEC"},
        {"segment": "SEC", "available": [{"segment": "SEC", "currency": TEXT, "amount": NUMBER}], "count": 0},
    ),
    "/api/trade/position-transfers": ({}, {"scope": "internal", "begin_date": TEXT, "end_date": TEXT, "count": 0}),
    "/api/info/contracts": (
        {"symbols": ["AAPL", "TSLA"], "sec_type": "STK"},
        {
            "contracts": [
                {
                    "symbol": TEXT,
                    "sec_type": "STK",
                    "currency": "USD",
                    "exchange": TEXT,
                    "name": TEXT,
                    "lot_size": NUMBER,
                    "tick_sizes": [{}],
                    "shortable": (bool, int, type(None)),
                },
            ],
        },
    ),
    "/api/info/financials": (
        {"symbols": ["AAPL"], "fields": ["revenue", "net_income", "eps"]},
        {
            "financials": [
                {
                    "symbol": "AAPL",
                    "revenue": NUMBER,
                    "net_income": NUMBER,
                    "eps": NUMBER,
                    "currency": "USD",
                    "period_end_date": TEXT,
                },
            ],
        },
    ),
    "/api/info/corporate-actions": (
        {"symbols": ["AAPL"], "action_type": "dividend"},
        {
            "corporate_actions": [
                {
                    "symbol": "AAPL",
                    "action_type": "dividend",
                    "amount": NUMBER,
                    "currency": "USD",
                    "ex_date": TEXT,
                    "pay_date": TEXT,
                    "record_date": TEXT,
                    "ratio": MAYBE,
                },
            ],
        },
    ),
    "/api/info/earnings": (
        {"symbols": ["AAPL"], "begin_date": days(365), "end_date": days(0)},
        {
            "earnings": [
                {
                    "symbol": "AAPL",
                    "report_date": TEXT,
                    "fiscal_quarter": TEXT,
                    "eps_estimate": MAYBE,
                    "revenue_estimate": (type(None),),
                    "eps_actual": MAYBE,
                    "report_time": (str, type(None)),
                    "fiscal_quarter_ending": TEXT,
                },
            ],
        },
    ),
    "/api/info/fundamentals": (
        {"symbols": ["AAPL", "NOSUCH"]},
        {
            "fundamentals": [
                {
                    "symbol": "AAPL",
                    "market": "US",
                    "market_cap": NUMBER,
                    "pe_ratio": NUMBER,
                    "eps": NUMBER,
                    "dividend_yield": NUMBER,
                    "roe": NUMBER,
                    "week52_high": NUMBER,
                    "week52_low": NUMBER,
                },
            ],
            "missing": [TEXT],
        },
    ),
    "/api/info/industries": (
        {"symbol": "AAPL"},
        {
            "symbol": "AAPL",
            "market": "US",
            "industries": [{"id": TEXT, "level": TEXT, "name": TEXT, "chinese_name": TEXT}],
        },
    ),
    "/api/info/exchange-rates": (
        {"currencies": ["HKD", "XXX"], "symbols": ["AAPL"]},
        {
            "base": "USD",
            "begin_date": TEXT,
            "end_date": TEXT,
            "rates": [{"currency": TEXT, "values": [{"date": TEXT, "units_per_dollar": NUMBER}]}],
            "missing": [TEXT],
            "companies": [{"symbol": "AAPL", "currency": "USD", "report_currency": "USD"}],
        },
    ),
    "/api/info/futures": (
        {"code": "ESmain"},
        {
            "code": "ESmain",
            "contract": {"symbol": "ESmain", "sec_type": "FUT", "type": "ES", "multiplier": NUMBER, "min_tick": NUMBER},
            "trading_times": {
                "zone": TEXT,
                "bidding": [{"begin": WHOLE, "end": WHOLE}],
                "trading": [{"begin": WHOLE, "end": WHOLE}],
            },
            "main_contracts": [{"time": WHOLE, "symbol": TEXT}],
        },
    ),
    "/api/info/funds": (
        {"symbols": ["IE00B464Q616.USD"]},
        {
            "funds": [
                {
                    "symbol": "IE00B464Q616.USD",
                    "sec_type": "FUND",
                    "currency": "USD",
                    "name": TEXT,
                    "net_asset_value": NUMBER,
                    "date": TEXT,
                },
            ],
        },
    ),
    "/api/info/fund-history": (
        {"symbols": ["IE00B464Q616.USD"], "limit": 5},
        {
            "begin_date": TEXT,
            "end_date": TEXT,
            "history": [
                {
                    "symbol": "IE00B464Q616.USD",
                    "count": 5,
                    "values": [{"date": TEXT, "net_asset_value": NUMBER}],
                },
            ],
        },
    ),
    "/api/trade/positions": (
        {},
        {
            "count": WHOLE,
            "positions": [
                {
                    "symbol": TEXT,
                    "quantity": NUMBER,
                    "average_cost": NUMBER,
                    "market_price": NUMBER,
                    "market_value": NUMBER,
                    "unrealized_pnl": NUMBER,
                },
            ],
        },
    ),
    "/api/trade/account-info": (
        {},
        {
            "account_id": FIRST,
            "tiger_id": "20154747",
            "net_liquidation": NUMBER,
            "cash_balance": NUMBER,
            "buying_power": NUMBER,
            "gross_position_value": NUMBER,
            "unrealized_pnl": NUMBER,
            "realized_pnl": NUMBER,
            "update_timestamp": WHOLE,
            "currency": "USD",
        },
    ),
    "/api/trade/max-quantity": (
        {"symbol": "AAPL", "action": "BUY", "order_type": "MKT"},
        {
            "symbol": "AAPL",
            "sec_type": "STK",
            "action": "BUY",
            "order_type": "MKT",
            "limit_price": (type(None),),
            "tradable_quantity": NUMBER,
            "financing_quantity": NUMBER,
            "position_quantity": NUMBER,
            "tradable_position_quantity": NUMBER,
        },
    ),
    "/api/trade/performance": (
        {"begin_date": "2026-10-01", "end_date": "2026-10-02"},
        {
            "begin_date": "2026-10-01",
            "end_date": "2026-10-02",
            "segment": "SEC",
            "currency": (type(None),),
            "summary": {"pnl": NUMBER, "pnl_percent": NUMBER, "annualized_return": NUMBER},
            "count": 2,
            "history": [{"date": TEXT, "asset": NUMBER, "pnl": NUMBER, "cash_balance": NUMBER, "deposit": NUMBER}],
        },
    ),
    "/api/trade/cash-movements": (
        {"type": "DEPOSIT_WITHDRAW"},
        {
            "count": WHOLE,
            "next_page_token": (type(None),),
            "movements": [{"id": TEXT, "type": TEXT, "currency": TEXT, "amount": NUMBER, "business_date": TEXT}],
            "transfers": [{"id": TEXT, "type": TEXT, "currency": TEXT, "amount": NUMBER, "is_completed": (bool,)}],
        },
    ),
    "/api/trade/managed-accounts": (
        {},
        {
            "tiger_id": "20154747",
            "count": 1,
            "accounts": [{"account": FIRST, "account_type": "STANDARD", "status": "Funded", "is_served": (bool,)}],
        },
    ),
}


@pytest.mark.parametrize("path", READS)
def test_a_read_has_every_documented_key(client, path):
    fields, shape = READS[path]

    assert_shape(client.data(path, **fields), shape)


def test_the_chain_of_an_expiration_has_every_documented_key(client):
    expiry = client.data("/api/market/option-chain", symbol="AAPL")["expirations"][2]
    data = client.data("/api/market/option-chain", symbol="AAPL", expiry=expiry)
    chain = data["chain"]

    assert_shape(chain, {"expiry": expiry, "total": WHOLE, "calls": [LEG], "puts": [LEG]})
    assert chain["total"] == len(chain["calls"]) + len(chain["puts"])


def test_health_is_bare_and_complete(client):
    body = client.with_key(None).get("/health").get_json()
    listing = client.get("/api/endpoints").get_json()["data"]

    assert body.keys() == {"status", "service", "version", "timestamp", "features", "mode"}
    assert body["service"] == "Tiger MCP REST API - Full Edition"
    assert body["version"] == "2.0.0"
    assert body["features"] == [
        f"{sum(len(lines) for name, lines in listing.items() if name not in ABOUT)} Tiger API endpoints",
        "Automatic token refresh (12h interval)",
        "Multi-account support",
        "API key authentication",
    ]


def test_endpoints_are_grouped_as_documented(client):
    response = client.with_key(None).get("/api/endpoints")

    assert_envelope(response, 200, "system")
    listing = response.get_json()["data"]
    assert list(listing)[:5] == GROUPS
    assert "POST /api/market/quote" in listing["market_data"]
    assert "POST /api/trade/place-order" in listing["trading"]


def test_accounts_are_those_of_the_key(client, paper):
    response = client.get("/api/accounts")

    assert_envelope(response, 200, "system")
    assert response.get_json()["data"] == {
        "accounts": [
            {"account": "67686635", "tiger_id": "20154747", "account_type": "live", "license": "TBHK"},
            {"account": "66804149", "tiger_id": "20153921", "account_type": "live", "license": "TBHK"},
            {"account": "20240830213609658", "tiger_id": "20153921", "account_type": "demo", "license": "TBHK"},
        ],
        "permissions": ["read", "trade", "admin"],
        "api_key_name": "Full Access Client",
    }
    only = paper.get("/api/accounts").get_json()["data"]
    assert [account["account"] for account in only["accounts"]] == ["20240830213609658"]


def test_a_token_refresh_has_every_documented_key(client):
    data = client.data("/api/token/refresh")

    assert_shape(
        data,
        {
            "refreshed": True,
            "tiger_id": "20154747",
            "account": FIRST,
            "managed_accounts": [FIRST],
            "token_expires_at": (int, str),
            "refreshed_at": (int, str),
        },
    )


def test_an_order_can_be_placed_listed_modified_and_cancelled_with_every_documented_key(paper):
    far_below = round(paper.data("/api/market/quote", symbol="AAPL")["latest_price"] * 0.6, 2)
    order = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 10, "limit_price": far_below}
    placed = paper.data("/api/trade/place-order", **order, time_in_force="DAY", outside_rth=True)
    listed = paper.data("/api/trade/orders", status="Submitted", symbol="AAPL")
    modified = paper.data("/api/trade/modify-order", order_id=placed["order_id"], quantity=15)
    cancelled = paper.data("/api/trade/cancel-order", order_id=placed["account_order_id"])

    assert_shape(placed, {**ORDER, **order, "remaining": 10, "filled": 0, "outside_rth": True})
    assert placed["order_id"] in [row["order_id"] for row in listed["orders"]]
    assert_shape(listed, {"orders": [ORDER], "count": len(listed["orders"])})
    references = {"requested_order_id": TEXT}
    changed = {"quantity": 15, "modified_fields": {"quantity": 15}, "modify_reference_id": TEXT, "result": TEXT}
    assert_shape(modified, {**ORDER, **references, **changed})
    assert_shape(cancelled, {**ORDER, **references, "cancel_reference_id": TEXT, "order_id": placed["order_id"]})
    assert cancelled["requested_order_id"] == placed["account_order_id"]
    assert cancelled["status"] in {"Cancelled", "PendingCancel"}


def test_an_error_has_every_documented_key(client):
    response = client.post("/api/market/quote")

    assert_envelope(response, 400, FIRST)
    body = response.get_json()
    assert body.keys() >= {"success", "error", "code", "account", "timestamp", "request_id", "details"}
    assert body["details"].keys() == {"symbol"}


def test_an_execution_has_every_documented_key(client):
    placed = client.data("/api/trade/place-order", symbol="MSFT", action="BUY", order_type="MKT", quantity=1)
    answer = client.data("/api/trade/transactions", order_id=placed["order_id"])

    row = {"id": TEXT, "order_id": TEXT, "symbol": "MSFT", "sec_type": "STK", "action": "BUY", "quantity": NUMBER}
    row |= {"price": NUMBER, "amount": NUMBER, "transaction_time": WHOLE, "identifier": "MSFT", "currency": "USD"}
    assert_shape(answer, {"count": 1, "next_page_token": (type(None),), "transactions": [row]})
