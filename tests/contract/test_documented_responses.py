"""Each response of the documented API, key by key, against what the gateway gives.

``SHAPES`` reads like the document: what stands behind a key is the type of its value; a set holds alternatives.
"""

import pytest

from tests.contract.documented_accounts import ACCOUNT_READS
from tests.contract.documented_companies import COMPANY_READS
from tests.contract.documented_market import MARKET_READS
from tests.contract.documented_types import FLAG, MAYBE, NUMBER, TEXT, WHOLE
from tests.support.client import FIRST, assert_envelope

READS = {**MARKET_READS, **COMPANY_READS, **ACCOUNT_READS}
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
