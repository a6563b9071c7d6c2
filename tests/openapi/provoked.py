"""Provoke errors, each in the way a client would meet it, so that the examples are real."""

from typing import Any

from werkzeug.test import TestResponse

from app.access.permissions import Permission
from app.gateway import get_gateway
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.openapi.story import RESTING
from tests.support.client import DEMO_KEY, PAPER, Client

QUOTE = "/api/market/quote"
KLINE = "/api/market/kline"

# Error code → what goes wrong on the wire while bars are asked for.
FAULTS = {
    "invalid_symbol": Fault("code", "kline", code=1010, message="AAPL is not US stock symbol"),
    "tiger_permission_denied": Fault(
        "code",
        "kline",
        code=4000,
        message="permission denied(Current user and device do not have permissions in the US quote market)",
    ),
    "tiger_error": Fault("http_500", "kline"),
    "tiger_credentials_rejected": Fault(
        "code",
        "kline",
        code=1000,
        message="common param error(failed to verify signature, please check your private key and tiger id)",
    ),
    "tiger_timeout": Fault("hang", "kline", seconds=3),
    # Last, since the gateway then spares Tiger this method for a while.
    "tiger_rate_limited": Fault(
        "code", "kline", code=4, message="rate limit error(current limiting interface:kline, up to 60 times per minute)"
    ),
}


def provoke_errors(client: Client, simulator: Simulator) -> dict[str, Any]:
    """Return the body of each error by its code."""
    answers = [*provoke_refusals(client), *provoke_order_errors(client)]
    for fault in FAULTS.values():
        simulator.inject(fault)
        answers.append(client.post(KLINE, symbol="AAPL"))
        simulator.clear_faults()
    simulator.inject(Fault("hang", "place_order", seconds=4))
    answers.append(client.post("/api/trade/place-order", symbol="AAPL", **RESTING, client_order_id="example-2"))
    simulator.clear_faults()
    return {body["code"]: body for answer in answers if (body := answer.get_json())["success"] is False}


def provoke_refusals(client: Client) -> list[TestResponse]:
    raw = client.app.test_client()
    headers = {"Authorization": f"Bearer {client.key}"}
    everywhere = get_gateway(client.app).keys.create("Everywhere", ["*"], list(Permission))
    demo = Client(client.app, DEMO_KEY, PAPER)
    return [
        raw.post(QUOTE, data="{", headers=headers, content_type="application/json"),
        raw.post(QUOTE, data="account=1", headers=headers),
        raw.post(QUOTE, data=" " * 70_000, headers=headers, content_type="application/json"),
        raw.get(QUOTE, headers=headers),
        client.get("/api/nothing"),
        client.post(QUOTE, symbol="AAPL", limit=1),
        client.post(QUOTE, symbol="ZZZZ"),
        client.with_key("no such key").post(QUOTE, symbol="AAPL"),
        demo.for_account(client.account).post(QUOTE, symbol="AAPL"),
        demo.post("/api/token/refresh"),
        client.with_key(everywhere).for_account("1").post(QUOTE, symbol="AAPL"),
    ]


def provoke_order_errors(client: Client) -> list[TestResponse]:
    place = "/api/trade/place-order"
    careful = get_gateway(client.app).keys.create("Careful", ["*"], list(Permission), requires_confirmation=True)
    client.post("/api/trade/halt", mode="halted", reason="The strategy lost its way.")
    halted = client.post(place, symbol="AAPL", **RESTING)
    client.post("/api/trade/resume")
    client.post("/api/trade/set-limits", max_order_value=100)
    beyond_limit = client.post(place, symbol="AAPL", **{**RESTING, "quantity": 100})
    client.post("/api/trade/set-limits", clear=["max_order_value"])
    return [
        halted,
        beyond_limit,
        client.with_key(careful).post(place, symbol="AAPL", **RESTING),
        client.post(place, symbol="AAPL", **RESTING, client_order_id="example-1"),
        client.post(place, symbol="MSFT", **RESTING, client_order_id="example-1"),
        client.post(place, symbol="AAPL", **{**RESTING, "quantity": 10_000_000, "limit_price": 100}),
        client.post("/api/trade/cancel-order", order_id="1"),
        client.post("/api/trade/close-position", symbol="NVDA", quantity=1_000),
        client.post("/api/trade/close-position", symbol="ORCL"),
    ]
