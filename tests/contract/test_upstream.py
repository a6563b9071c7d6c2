"""A Tiger that refuses, is slow, cuts the line or answers rubbish: the documented status and code, nothing leaked."""

import dataclasses
import json
import time

import pytest

from app import create_app
from app.gateway import get_gateway
from app.settings import TigerSettings
from app.simulator.faults import Fault
from tests.support.client import FIRST, Client, assert_refusal
from tests.support.server import wait_until

READ = ("/api/market/quote", {"symbol": "AAPL"}, "quote_real_time")
ORDER = {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": 1}
# Tiger's code and text, then what the client is told. Sources of the codes: Tiger's page of error codes.
REFUSALS = [
    (1, "server error", 502, "tiger_error"),
    (2, "network read timeout", 504, "tiger_timeout"),
    (4, "4000:permission denied(Current user and device do not have permissions in the US market)", 403, None),
    (4, "rate limit error(current limiting interface:quote_real_time, up to 120 times per minute)", 429, None),
    (4, "access forbidden: ip not in whitelist", 502, "tiger_credentials_rejected"),
    (5, "rate limit", 429, "tiger_rate_limited"),
    (1000, "common param error(failed to verify signature)", 502, "tiger_credentials_rejected"),
    (1000, "common param error(unknown method)", 502, "tiger_error"),
    (1010, "biz param error(symbol 00700 is not US stock symbol)", 400, "invalid_symbol"),
    (1100, "global account response error", 502, "tiger_error"),
    (1200, "standard account response error", 502, "tiger_error"),
    (1300, "paper account response error", 502, "tiger_error"),
    (2100, "stock quote error", 502, "tiger_error"),
    (2400, "user token error", 502, "tiger_token_rejected"),
    (4000, "permission denied", 403, "tiger_permission_denied"),
    (99999, "something new", 502, "tiger_error"),
]
CODES = {403: "tiger_permission_denied", 429: "tiger_rate_limited"}
BROKEN = [
    (Fault("lost_answer"), 503, "tiger_unavailable"),
    (Fault("cut_before"), 503, "tiger_unavailable"),
    (Fault("http_500"), 502, "tiger_error"),
    (Fault("http_429"), 429, "tiger_rate_limited"),
    (Fault("broken_json"), 502, "tiger_error"),
    (Fault("garbage"), 502, "tiger_error"),
    (Fault("foreign_signature"), 502, "tiger_error"),
]


@pytest.fixture
def hasty(settings):
    """A gateway that waits one second for a read and three for an order."""
    quick = TigerSettings(read_deadline_seconds=1.0, order_deadline_seconds=3.0)
    application = create_app(dataclasses.replace(settings, tiger=quick))
    yield Client(application)
    get_gateway(application).close()


@pytest.mark.parametrize(("tiger_code", "text", "status", "code"), REFUSALS)
def test_each_code_of_tiger_is_told_as_documented(client, simulator, tiger_code, text, status, code):
    simulator.inject(Fault("code", method=READ[2], code=tiger_code, message=text))
    response = client.post(READ[0], **READ[1])

    assert_refusal(response, status, code or CODES[status])
    assert ("Retry-After" in response.headers) == (status in {429, 503})


@pytest.mark.parametrize(("fault", "status", "code"), BROKEN, ids=lambda value: getattr(value, "kind", None))
def test_each_broken_answer_is_told_as_documented(client, simulator, fault, status, code):
    simulator.inject(dataclasses.replace(fault, method=READ[2]))
    started = time.monotonic()
    response = client.post(READ[0], **READ[1])

    assert_refusal(response, status, code)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("kind", ["hang", "delay"])
def test_a_slow_read_ends_at_its_deadline(hasty, simulator, kind):
    simulator.inject(Fault(kind, method=READ[2], seconds=30))
    started = time.monotonic()
    response = hasty.post(READ[0], **READ[1])

    assert_refusal(response, 504, "tiger_timeout")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("fields", [("latestPrice",), ("symbol", "latestTime", "volume"), ("preClose", "open")])
def test_missing_fields_never_break_an_answer(client, simulator, fields):
    simulator.inject(Fault("missing_fields", method=READ[2], fields=fields))
    response = client.post(READ[0], **READ[1])

    assert response.status_code in {200, 404, 502}
    assert json.loads(response.text, parse_constant=pytest.fail)


def test_a_tiger_that_cannot_be_reached_is_unavailable(client, simulator):
    simulator.inject(Fault("refused", times=1, seconds=2))
    client.post(READ[0], **READ[1])

    assert_refusal(client.post(READ[0], **READ[1]), 503, "tiger_unavailable")
    wait_until(lambda: client.post(READ[0], **READ[1]).status_code == 200, 10)


@pytest.mark.parametrize("kind", ["lost_answer", "hang", "http_500", "garbage"])
def test_an_order_whose_outcome_stays_open_is_never_called_failed(hasty, simulator, kind):
    simulator.inject(Fault(kind, method="place_order", seconds=30))
    simulator.inject(Fault("hang", method="orders", seconds=30))
    started = time.monotonic()
    response = hasty.post("/api/trade/place-order", **ORDER)

    assert_refusal(response, 202, "order_state_unknown")
    assert response.get_json()["data"]["account_order_id"]
    assert time.monotonic() - started < 10


def test_an_order_that_tiger_refuses_is_rejected_with_the_reason(client, simulator):
    reason = "standard account response error(no buying power)"
    simulator.inject(Fault("code", method="place_order", code=1200, message=reason))
    body = client.refusal("/api/trade/place-order", 422, "order_rejected", **ORDER)

    assert "no buying power" in body["error"]
    assert body["tiger_code"] == 1200


def test_nothing_of_a_request_to_tiger_stands_in_an_error(client, simulator):
    for fault in [fault for fault, _, _ in BROKEN]:
        simulator.clear_faults()
        simulator.inject(dataclasses.replace(fault, method=READ[2]))
        text = client.post(READ[0], **READ[1]).text
        assert not any(word in text for word in ("sign", "tiger_id", "127.0.0.1", "Traceback", "urllib3", "20154747"))


def test_the_account_of_a_refusal_by_tiger_is_kept(client, simulator):
    simulator.inject(Fault("http_500", method=READ[2]))

    assert client.post(READ[0], **READ[1]).get_json()["account"] == FIRST
