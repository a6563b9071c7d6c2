"""What stands in the place of a field that is left out, in a plugin's plain schema as in our own requests."""

import pytest
from marshmallow import ValidationError, fields

from schemas.orders import PlaceOrderRequest
from schemas.requests import Request, get_schema

ORDER = {"account": "1", "symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 5}


class Plain(Request):
    quantity = fields.Integer(load_default=1)
    note = fields.String(required=True)


def test_a_plain_schema_keeps_its_defaults_and_what_it_requires():
    assert Plain().load({"account": "1", "note": "n"}) == {"account": "1", "note": "n", "quantity": 1}
    assert Plain(partial=("note",)).load({"account": "1"}) == {"account": "1"} | {"quantity": 1}
    with pytest.raises(ValidationError) as refused:
        Plain().load({"account": "1"})
    assert list(refused.value.messages) == ["note"]


def test_a_request_fills_what_is_left_out_and_misses_what_it_requires():
    order = get_schema(PlaceOrderRequest)().load(ORDER)

    assert (order.time_in_force, order.legs, order.quantity) == ("DAY", None, 1)
    with pytest.raises(ValidationError) as refused:
        get_schema(PlaceOrderRequest)().load({"account": "1"})
    assert {"action", "order_type"} <= set(refused.value.messages)
