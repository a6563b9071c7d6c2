"""Which words of Tiger's prove that there is no such order, and which prove nothing."""

import pytest

from app.errors import (
    OrderNotFound,
    OrderRejected,
    SymbolNotFound,
    TigerError,
)
from app.tiger.wire.codes import get_error


@pytest.mark.parametrize(
    "text",
    [
        "order not found",
        "standard account response error(order not found)",
        "order 40130901147389952 does not exist",
        "Order ID: 1169 could not be found",
        "order(1169) is not found",
        "no such order",
        "cannot find the order 17",
        "订单不存在",
    ],
)
def test_a_text_about_the_order_itself_proves_that_there_is_none(text: str) -> None:
    assert type(get_error(1200, text, command=False)) is OrderNotFound


@pytest.mark.parametrize(
    "text",
    [
        "order contract not found",
        "order account 67686635 not found",
        "order type does not exist",
        "no such order type",
        "the order cannot be placed: symbol not found",
        "reorder not found",
    ],
)
def test_a_text_about_something_else_proves_nothing_about_the_order(text: str) -> None:
    assert type(get_error(1200, text, command=False)) in {TigerError, SymbolNotFound}


def test_a_placement_is_never_answered_with_the_absence_of_an_order() -> None:
    assert type(get_error(1200, "order not found", command=True, places=True)) is OrderRejected
    assert type(get_error(1200, "order not found", command=True)) is OrderNotFound
