"""Orders are decoded without loss: exact quantities, known states, nothing invented."""

import json
from decimal import Decimal
from typing import Any

import pytest

from app.tiger.instrument import Instrument
from app.tiger.trading.order_contracts import get_order_contract
from app.tiger.trading.orders import Order, get_order

DOCUMENTED = [
    "order_id",
    "account_order_id",
    "symbol",
    "action",
    "order_type",
    "quantity",
    "status",
    "filled",
    "remaining",
    "avg_fill_price",
    "limit_price",
    "stop_price",
    "time_in_force",
    "outside_rth",
    "order_time",
    "update_time",
    "commission",
    "realized_pnl",
    "filled_cash_amount",
    "status_details",
]

LIMIT_ORDER: dict[str, Any] = {
    "symbol": "AAPL",
    "market": "US",
    "secType": "STK",
    "currency": "USD",
    "id": 41000000000000001,
    "orderId": 77,
    "account": "67686635",
    "action": "BUY",
    "orderType": "LMT",
    "limitPrice": 175.1,
    "totalQuantity": 100,
    "totalQuantityScale": 0,
    "filledQuantity": 0,
    "filledQuantityScale": 0,
    "filledCashAmount": 0.0,
    "avgFillPrice": 0.0,
    "timeInForce": "DAY",
    "outsideRth": True,
    "commission": 0.0,
    "realizedPnl": 0.0,
    "remark": "",
    "openTime": 1_790_000_000_000,
    "updateTime": 1_790_000_000_500,
    "userMark": "",
    "status": "Submitted",
}


def order(**changed: Any) -> Order:
    return get_order({**LIMIT_ORDER, **changed})


def test_an_order_has_the_documented_fields_first() -> None:
    published = order().to_dict()

    assert list(published)[: len(DOCUMENTED)] == DOCUMENTED


def test_ids_are_strings_and_zero_is_no_id() -> None:
    placed_in_the_app = order(orderId=0)

    assert placed_in_the_app.order_id == "41000000000000001"
    assert placed_in_the_app.account_order_id is None


@pytest.mark.parametrize(
    ("sent", "published"),
    [
        ("Initial", "Initial"),
        ("PendingSubmit", "Submitted"),
        ("Submitted", "Submitted"),
        ("Filled", "Filled"),
        ("Cancelled", "Cancelled"),
        ("PendingCancel", "PendingCancel"),
        ("Inactive", "Inactive"),
        ("Invalid", "Invalid"),
        ("PartiallyFilled", "PartiallyFilled"),
        (-2, "Invalid"),
        (6, "Filled"),
        ("HELD", "Submitted"),
        ("PendingReview", "PendingReview"),
        (99, "99"),
        (None, None),
        ("", None),
    ],
)
def test_a_status_is_named_as_documented_and_never_guessed(sent: Any, published: str | None) -> None:
    assert order(status=sent).status == published


def test_a_submitted_order_with_fills_is_partially_filled() -> None:
    half = order(filledQuantity=50, avgFillPrice=175.05)

    assert half.status == "PartiallyFilled"
    assert half.remaining == Decimal(50)
    assert half.to_dict()["avg_fill_price"] == 175.05


def test_an_order_by_amount_is_not_filled_because_its_total_is_unknown() -> None:
    by_amount = order(totalQuantity=None, totalQuantityScale=None, totalCashAmount=100.0, filledQuantity=1)

    assert by_amount.status == "PartiallyFilled"
    assert by_amount.remaining is None
    assert by_amount.to_dict()["cash_amount"] == 100.0


@pytest.mark.parametrize(
    "shown",
    [
        {"totalQuantity": None, "totalQuantityScale": None},
        {"totalQuantity": 0},
        {"totalQuantity": 35, "totalQuantityScale": 2},
    ],
    ids=["none", "nothing", "what was filled"],
)
def test_an_order_by_amount_has_no_quantity_whatever_it_is_shown_with(shown: dict[str, Any]) -> None:
    filled = {"filledQuantity": 35, "filledQuantityScale": 2, "status": "Submitted"}
    by_amount = order(totalCashAmount=100.0, **filled, **shown)

    assert (by_amount.quantity, by_amount.remaining, by_amount.cash_amount) == (None, None, Decimal(100))
    assert by_amount.status == "PartiallyFilled"


def test_an_amount_of_nothing_is_none() -> None:
    by_quantity = order(totalCashAmount=0.0, totalQuantity=5, totalQuantityScale=0)

    assert by_quantity.quantity == 5
    assert by_quantity.cash_amount is None


def test_a_cancelled_order_with_fills_stays_cancelled() -> None:
    assert order(status="Cancelled", filledQuantity=50).status == "Cancelled"


def test_fractions_are_exact_over_different_scales() -> None:
    fractional = order(totalQuantity=15, totalQuantityScale=1, filledQuantity=70, filledQuantityScale=2)

    assert (fractional.quantity, fractional.filled, fractional.remaining) == (
        Decimal("1.5"),
        Decimal("0.70"),
        Decimal("0.80"),
    )
    assert fractional.to_dict()["remaining"] == 0.8


def test_whole_quantities_are_published_as_integers() -> None:
    published = order(totalQuantity=1000, totalQuantityScale=1).to_dict()

    assert json.dumps(published["quantity"]) == "100"


def test_an_average_price_without_a_fill_is_null() -> None:
    assert order().to_dict()["avg_fill_price"] is None


def test_a_market_order_has_no_prices_even_where_tiger_sends_zero() -> None:
    published = order(orderType="MKT", limitPrice=0.0, auxPrice=0.0).to_dict()

    assert (published["limit_price"], published["stop_price"]) == (None, None)


def test_a_limit_of_zero_or_less_is_kept_where_the_type_has_one() -> None:
    assert order(limitPrice=-2.52).to_dict()["limit_price"] == -2.52
    assert order(limitPrice=0.0).to_dict()["limit_price"] == 0.0


def test_a_trailing_amount_is_not_a_stop_price() -> None:
    trailing = order(orderType="TRAIL", auxPrice=1.5, limitPrice=None).to_dict()

    assert (trailing["stop_price"], trailing["trailing_amount"]) == (None, 1.5)


def test_a_reason_becomes_the_details_of_the_status() -> None:
    assert order(status="Inactive", remark="insufficient buying power").to_dict()["status_details"] == (
        "insufficient buying power"
    )


@pytest.mark.parametrize("odd", [None, float("nan"), float("inf"), "NaN", "", [], {}, True])
def test_odd_figures_become_null_and_stay_json(odd: Any) -> None:
    figures = ["limitPrice", "totalQuantity", "filledQuantity", "commission", "realizedPnl", "openTime", "avgFillPrice"]
    published = order(**dict.fromkeys(figures, odd)).to_dict()

    assert json.loads(json.dumps(published, allow_nan=False))["limit_price"] is None
    assert (published["quantity"], published["filled"], published["remaining"]) == (None, None, None)


def test_an_empty_object_is_an_order_that_tells_nothing() -> None:
    shown = get_order({}).to_dict()

    assert [shown.pop(name) for name in ("related_orders", "missing_orders", "legs")] == [[], [], []]
    assert set(shown.values()) == {None}


def test_an_option_keeps_its_strike_exactly() -> None:
    option = order(secType="OPT", expiry="20261218", strike="114.5", right="PUT", multiplier=100)

    assert option.contract.strike == Decimal("114.5")
    assert option.to_dict()["put_call"] == "PUT"


@pytest.mark.parametrize(("symbol", "identifier"), [("CL", "CL2312"), ("CL2312", "CL2312"), ("CL2312", None)])
def test_an_order_of_a_future_tells_the_month_wherever_tiger_writes_it(symbol: str, identifier: str | None) -> None:
    item = {"symbol": symbol, "secType": "FUT", "identifier": identifier, "market": "US", "currency": "USD"}

    assert get_order_contract(item).instrument == Instrument("CL2312", "FUT")


@pytest.mark.parametrize(
    ("account", "filled", "status"),
    [
        ("U1234567", 30, "PartiallyFilled"),
        ("DU1234567", 30, "PartiallyFilled"),
        ("U1234567", 100, "Filled"),
        ("U1234567", 0, "Filled"),
        ("67686635", 30, "Filled"),
    ],
)
def test_a_partial_fill_of_a_legacy_global_account_is_told_as_filled(account: str, filled: int, status: str) -> None:
    order = get_order({**LIMIT_ORDER, "account": account, "status": "Filled", "filledQuantity": filled})

    assert order.status == status


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"canCancel": True}, "PartiallyFilled"),
        ({"canCancel": False}, "Filled"),
        ({"canCancel": False, "cancelStatus": "RECEIVED"}, "PendingCancel"),
        ({"timeInForce": "IOC"}, "Filled"),
    ],
)
def test_what_is_left_of_such_an_order_may_be_over(fields: dict[str, Any], status: str) -> None:
    partly_filled = {"account": "U1234567", "status": "Filled", "filledQuantity": 30}

    assert get_order({**LIMIT_ORDER, **partly_filled, **fields}).status == status
