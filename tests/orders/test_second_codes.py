"""What Tiger's second codes mean for an order command: what is kept under its key, and what frees it."""

import pytest

from tests.orders.trader import get_price
from tests.support.client import assert_refusal

SPEED = "too_many_requests:error.requestRateExceedLimit"
FREEING = [
    (1200, SPEED, 429, "tiger_rate_limited"),
    (1200, "unauthorized:Please login in", 502, "tiger_credentials_rejected"),
    (1200, "account is not authorized to the api user", 502, "tiger_credentials_rejected"),
    (1200, "bad_request:合约不正确", 404, "symbol_not_found"),
    (1010, "field 'total_quantity' cannot be empty", 400, "invalid_request"),
]


# With more time the gateway waits the second that Tiger asks for, and places the order.
@pytest.mark.parametrize("settings", [2.0], indirect=True)
@pytest.mark.parametrize(("code", "text", "status", "told"), FREEING)
def test_a_refusal_that_is_not_the_orders_leaves_its_key_free(trader, code, text, status, told):
    price = get_price()
    trader.inject("code", code=code, message=f"standard account response error({text})")
    refused = trader.place("again", limit_price=price)
    repeated = trader.place("again", limit_price=price)

    assert_refusal(refused, status, told)
    assert repeated.status_code == 200
    assert len(trader.held(price)) == 1


@pytest.mark.parametrize("settings", [2.0], indirect=True)
def test_too_many_requests_in_a_second_tell_to_wait_one(trader):
    trader.inject("code", code=1200, message=f"standard account response error({SPEED})")

    assert trader.place(limit_price=get_price()).headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("code", "text"),
    [(1200, "bad_request:Orders cannot be placed at this moment"), (1010, "field 'time_in_force' is invalid")],
)
def test_a_refusal_of_the_order_itself_is_kept_under_its_key(trader, code, text):
    price = get_price()
    trader.inject("code", code=code, message=f"standard account response error({text})")
    refused = trader.place("kept", limit_price=price)
    repeated = trader.place("kept", limit_price=price)

    assert_refusal(refused, 422, "order_rejected")
    assert_refusal(repeated, 422, "order_rejected")
    assert text in repeated.get_json()["error"]
    assert trader.held(price) == []


@pytest.mark.parametrize("text", ["bad_request:System error", "internal:oops"])
def test_an_error_of_tigers_own_system_has_the_order_looked_up(trader, text):
    price = get_price()
    trader.inject("code", code=1200, message=f"standard account response error({text})", processed=True)
    response = trader.place(limit_price=price)

    assert response.status_code == 200
    assert response.get_json()["data"]["order_id"] == str(trader.held(price)[0]["id"])


def test_a_field_that_tiger_refuses_is_named_in_the_error_and_in_its_details(trader):
    trader.inject("code", code=1010, message="biz param error(field 'aux_price' is invalid)")
    body = trader.place(limit_price=get_price()).get_json()

    assert list(body["details"]) == ["stop_price"]
    assert "stop_price" in body["error"]
