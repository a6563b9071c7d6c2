"""What is sent is exactly what the client asked for."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidRequest
from app.tiger.sessions import Session
from app.tiger.trading.order_figures import wire_number
from app.tiger.trading.order_modification import get_modification_params
from app.tiger.trading.order_tickets import OrderChanges, OrderTicket
from app.tiger.trading.orders import get_order
from app.tiger.trading.prepared_orders import get_outside_rth, prepare
from app.tiger.trading.tradable_contracts import TradableContract

APPLE = TradableContract("AAPL", "STK", "US", "USD", None, supports_fractions=True)
TENCENT = TradableContract("00700", "STK", "HK", "HKD", "SEHK", supports_fractions=False)


def ticket(**changed: Any) -> OrderTicket:
    plain: dict[str, Any] = {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": Decimal(1)}
    return OrderTicket(**{**plain, **changed})


def sent(contract: TradableContract = APPLE, **changed: Any) -> dict[str, Any]:
    params: dict[str, Any] = prepare(ticket(**changed), contract).params.to_openapi_dict()
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


def test_a_price_that_no_float_prints_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidRequest) as refused:
        wire_number("limit_price", Decimal("175.12345678901234567"))

    reason = "It has more digits than Tiger can be sent: the nearest number is 175.123456789."
    assert refused.value.details == {"limit_price": [reason]}
    assert refused.value.message == f"The order cannot be sent: limit_price: {reason}"


def test_a_change_with_the_dust_of_binary_arithmetic_is_refused_with_the_nearest_price(session: Session) -> None:
    order = get_order({"id": 1, "orderType": "LMT", "totalQuantity": 5, "limitPrice": 0.1 + 0.2})

    with pytest.raises(InvalidRequest, match=r"limit_price: .* 0\.3\."):
        get_modification_params(session, order, OrderChanges(limit_price=Decimal(str(0.1 + 0.2))))
    # What Tiger itself wrote so goes back as it came.
    assert get_modification_params(session, order, OrderChanges(quantity=Decimal(4))).limit_price == 0.1 + 0.2


def test_a_trailing_amount_that_cannot_be_sent_is_named_as_the_client_knows_it() -> None:
    with pytest.raises(InvalidRequest) as refused:
        sent(order_type="TRAIL", trailing_amount=Decimal("1.12345678901234567"))

    assert set(refused.value.details or {}) == {"trailing_amount"}


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
        prepare(ticket(quantity=Decimal("0.5")), TENCENT)

    assert denied.value.details == {"quantity": ["00700 is not traded in fractions."]}


def test_a_quantity_beyond_sixty_four_bits_is_denied() -> None:
    with pytest.raises(InvalidRequest):
        prepare(ticket(quantity=Decimal(2) ** 63), APPLE)


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


@pytest.mark.parametrize("quantity", [{}, {"totalQuantity": 0}])
def test_the_amount_of_an_order_for_an_amount_is_sent_again(session: Session, quantity: dict[str, int]) -> None:
    order = get_order({"id": 1, "orderType": "LMT", "totalCashAmount": 250.5, "limitPrice": 1.2, **quantity})

    biz = get_modification_params(session, order, OrderChanges(limit_price=Decimal("1.3"))).to_openapi_dict()

    assert (biz["cash_amount"], biz["limit_price"]) == (250.5, 1.3)
    assert "total_quantity" not in biz


def test_an_order_for_an_amount_has_no_quantity_to_change(session: Session) -> None:
    order = get_order({"id": 1, "orderType": "LMT", "totalCashAmount": 250.5, "limitPrice": 1.2})

    with pytest.raises(InvalidRequest, match="quantity: The order is for an amount"):
        get_modification_params(session, order, OrderChanges(quantity=Decimal(1)))


def test_a_modification_sends_everything_else_of_the_order_again(session: Session) -> None:
    option = {"id": 9, "orderId": 7, "symbol": "AAPL", "secType": "OPT", "currency": "USD", "action": "BUY"}
    terms = {"expiry": "20261218", "strike": "114.5", "right": "CALL", "multiplier": 100, "orderType": "LMT"}
    order = get_order({**option, **terms, "limitPrice": 2.05, "timeInForce": "GTC", "outsideRth": False})

    biz = get_modification_params(session, order, OrderChanges(limit_price=Decimal("2.1"))).to_openapi_dict()

    assert (biz["id"], biz["order_id"], biz["limit_price"], biz["time_in_force"]) == (9, 7, 2.1, "GTC")
    assert (biz["expiry"], biz["strike"], biz["right"], biz["multiplier"]) == ("20261218", 114.5, "CALL", 100)
