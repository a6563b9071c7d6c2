"""What is sent is exactly what the client asked for."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidRequest
from app.tiger.order_tickets import (
    OrderChanges,
    OrderTicket,
    check_ticket,
    get_modification_params,
    get_outside_rth,
    get_ticket_params,
    wire_number,
)
from app.tiger.orders import get_order
from app.tiger.sessions import Session
from app.tiger.tradable_contracts import TradableContract

APPLE = TradableContract("AAPL", "STK", "US", "USD", None, supports_fractions=True)
TENCENT = TradableContract("00700", "STK", "HK", "HKD", "SEHK", supports_fractions=False)


def ticket(**changed: Any) -> OrderTicket:
    plain: dict[str, Any] = {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": Decimal(1)}
    return OrderTicket(**{**plain, **changed})


def sent(contract: TradableContract = APPLE, **changed: Any) -> dict[str, Any]:
    params: dict[str, Any] = get_ticket_params(ticket(**changed), contract).to_openapi_dict()
    return params


def test_a_whole_quantity_is_sent_without_a_scale() -> None:
    biz = sent(quantity=Decimal("100.0"))

    assert biz["total_quantity"] == 100
    assert "total_quantity_scale" not in biz


def test_a_fraction_is_sent_as_an_integer_with_its_scale() -> None:
    biz = sent(quantity=Decimal("0.12345"))

    assert (biz["total_quantity"], biz["total_quantity_scale"]) == (12345, 5)


@given(st.decimals(min_value="0.00001", max_value=10**7, places=5))
def test_every_quantity_arrives_unchanged(quantity: Decimal) -> None:
    biz = sent(quantity=quantity)

    assert Decimal(biz["total_quantity"]).scaleb(-biz.get("total_quantity_scale", 0)) == quantity


@given(st.decimals(min_value="-10000000", max_value=10**9, places=6))
def test_every_price_is_printed_exactly(price: Decimal) -> None:
    printed = json.dumps(wire_number("limit_price", price))

    assert Decimal(printed) == price


def test_a_price_that_no_float_prints_is_refused_before_it_is_sent() -> None:
    with pytest.raises(InvalidRequest) as refused:
        wire_number("limit_price", Decimal("175.12345678901234567"))

    assert refused.value.details == {"limit_price": ["It has more digits than Tiger can be sent."]}


def test_currency_and_exchange_are_those_of_the_contract() -> None:
    biz = sent(TENCENT, symbol="700", quantity=Decimal(100))

    assert (biz["symbol"], biz["currency"], biz["exchange"], biz["sec_type"]) == ("00700", "HKD", "SEHK", "STK")


def test_a_stop_limit_order_names_both_prices() -> None:
    biz = sent(order_type="STP_LMT", limit_price=Decimal("170.5"), stop_price=Decimal("171.25"))

    assert (biz["limit_price"], biz["aux_price"]) == (170.5, 171.25)


def test_a_trailing_amount_travels_as_the_auxiliary_price() -> None:
    biz = sent(order_type="TRAIL", trailing_amount=Decimal("1.5"))

    assert biz["aux_price"] == 1.5
    assert "trailing_percent" not in biz


@pytest.mark.parametrize(
    ("contract", "changed", "expected"),
    [
        (APPLE, {}, True),
        (APPLE, {"outside_rth": False}, False),
        (APPLE, {"quantity": Decimal("0.5")}, False),
        (APPLE, {"order_type": "LMT", "limit_price": Decimal(1)}, False),
        (APPLE, {"order_type": "LMT", "limit_price": Decimal(1), "outside_rth": True}, True),
        (TENCENT, {"quantity": Decimal(100)}, False),
    ],
)
def test_extended_hours_are_the_default_of_market_orders_where_tiger_allows_them(
    contract: TradableContract, changed: dict[str, Any], expected: bool
) -> None:
    assert get_outside_rth(ticket(**changed), contract) is expected
    assert sent(contract, **changed)["outside_rth"] is expected


def test_a_fraction_of_what_is_not_traded_in_fractions_is_denied() -> None:
    with pytest.raises(InvalidRequest) as denied:
        check_ticket(ticket(quantity=Decimal("0.5")), TENCENT)

    assert denied.value.details == {"quantity": ["00700 is not traded in fractions."]}


def test_a_quantity_beyond_sixty_four_bits_is_denied() -> None:
    with pytest.raises(InvalidRequest):
        check_ticket(ticket(quantity=Decimal(2) ** 63), APPLE)


@pytest.mark.parametrize(
    ("total", "scale", "wanted", "sent_total", "sent_scale"),
    [(5, 1, "3", 30, 1), (5, 1, "0.125", 125, 3), (5, 0, "7", 7, 0), (5, None, "7", 7, 0)],
)
def test_a_new_quantity_is_never_read_in_the_old_scale(
    session: Session, total: int, scale: int | None, wanted: str, sent_total: int, sent_scale: int
) -> None:
    order = get_order({"id": 1, "orderType": "LMT", "totalQuantity": total, "totalQuantityScale": scale})

    biz = get_modification_params(session, order, OrderChanges(quantity=Decimal(wanted))).to_openapi_dict()

    assert (biz["total_quantity"], biz["total_quantity_scale"]) == (sent_total, sent_scale)


def test_a_modification_sends_everything_else_of_the_order_again(session: Session) -> None:
    option = {"id": 9, "orderId": 7, "symbol": "AAPL", "secType": "OPT", "currency": "USD", "action": "BUY"}
    terms = {"expiry": "20261218", "strike": "114.5", "right": "CALL", "multiplier": 100, "orderType": "LMT"}
    order = get_order({**option, **terms, "limitPrice": 2.05, "timeInForce": "GTC", "outsideRth": False})

    biz = get_modification_params(session, order, OrderChanges(limit_price=Decimal("2.1"))).to_openapi_dict()

    assert (biz["id"], biz["order_id"], biz["limit_price"], biz["time_in_force"]) == (9, 7, 2.1, "GTC")
    assert (biz["expiry"], biz["strike"], biz["right"], biz["multiplier"]) == ("20261218", 114.5, "CALL", 100)
