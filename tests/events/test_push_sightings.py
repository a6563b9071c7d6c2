"""What Tiger pushes of an order is told as what a look at it tells."""

import pytest
from tigeropen.push.pb.OrderStatusData_pb2 import OrderStatusData

from app.events.push_sightings import see
from app.tiger.push.account_data import READERS


def push_order(**fields):
    """Return what is told of an order that Tiger pushes with these fields."""
    sent = {"id": 7, "account": "1", "symbol": "AAPL", "secType": "STK", "orderType": "MKT", "status": "Submitted"}
    message = OrderStatusData.FromString(OrderStatusData(**(sent | fields)).SerializeToString())
    return see(READERS["orderStatusData"](message))


@pytest.mark.parametrize("shown", [0, 3, 5], ids=["nothing", "what_was_filled", "more"])
def test_an_order_for_an_amount_has_no_quantity_whatever_it_is_shown_with(shown):
    told = push_order(totalCashAmount=500.0, totalQuantity=shown, filledQuantity=3).told

    assert (told["status"], told["filled"]) == ("PartiallyFilled", 3)
    assert (told["quantity"], told["remaining"]) == (None, None)


def test_an_order_for_a_quantity_has_the_rest_of_it_left():
    told = push_order(totalQuantity=5, filledQuantity=3).told

    assert (told["status"], told["quantity"], told["remaining"]) == ("PartiallyFilled", 5, 2)


@pytest.mark.parametrize(
    ("fields", "phase"),
    [
        ({}, "rejected"),
        ({"updateTime": 8 * 3_600_000}, "expired"),
        ({"updateTime": 8 * 3_600_000, "errorMsg": "no buying power"}, "rejected"),
        ({"filledQuantity": 1}, "expired"),
    ],
)
def test_an_order_that_ends_without_a_reason_long_after_it_was_taken_has_run_out(fields, phase):
    told = push_order(**{"status": "Invalid", "totalQuantity": 5, "openTime": 1_000, "updateTime": 2_000, **fields})

    assert told.phase == phase


@pytest.mark.parametrize(("time_in_force", "status"), [("DAY", "PartiallyFilled"), ("IOC", "Filled")])
def test_a_partial_fill_of_a_legacy_global_account_goes_on_unless_it_was_for_at_once(time_in_force, status):
    filled = {"account": "U1", "status": "Filled", "totalQuantity": 5, "filledQuantity": 3}

    assert push_order(**filled, timeInForce=time_in_force).told["status"] == status
