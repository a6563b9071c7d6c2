"""Bad input is told, field by field, and never breaks anything: 400 with details, 413, 415, never 500."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.right_bodies import LIMIT, RIGHT
from tests.contract.wrong_fields import WRONG
from tests.support.client import FIRST, FULL_KEY, assert_refusal

MODIFY = "/api/trade/modify-order"
# The quantity of a modification is one of three, any of which will do.
NEEDED = [(path, field) for path, body in RIGHT.items() for field in body if (path, field) != (MODIFY, "quantity")]


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
    "set-limits",
    "halt",
    "resume",
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
