"""What may still be done to a position counts until Tiger's lists certainly show it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.risk.account_lists import read_orders
from app.risk.exposure import Holdings
from app.risk.limits.case import Exposure, NotKnown
from app.risk.shown import VAST
from app.risk.uses import Use, UsedPart
from app.tiger.instrument import Instrument

AAPL = Instrument("AAPL")
NOTHING = {"expiry": None, "put_call": None, "local_symbol": None, "strike": None}
ROW = {"symbol": "AAPL", "sec_type": "STK", "identifier": "AAPL", **NOTHING}


def get_use(command_id: str = "one", quantity: int = 5, name: str = "STK AAPL", **fields: Any) -> Use:
    part = UsedPart(name, ("BUY",), Decimal(quantity))
    return Use(command_id, "account", "key", **{"sequence": 1, "orders": 1, "parts": (part,), **fields})


def get_holdings(*uses: Use, quantity: int = 10, filled: int = 0, row: Mapping[str, Any] = ROW) -> Holdings:
    order: dict[str, Any] = {
        "order_id": "7",
        "parent_id": None,
        "command_id": "first",
        "side": "BUY",
        "row": row,
        "legs": [],
    }
    figures = {"quantity": str(quantity), "remaining": str(quantity - filled), "filled_lately": "0"}
    states = {"is_open": True, "changed_at": 0, "is_filled": bool(filled)}
    return Holdings((), read_orders({"orders": [{**order, **figures, **states}]}), 100_000, uses, 1)


def test_what_no_list_shows_is_counted_beside_what_it_shows() -> None:
    holdings = get_holdings(get_use())

    assert holdings.get_exposure(AAPL) == Exposure(Decimal(0), Decimal(15), Decimal(0))
    assert holdings.count_open() == 2


def test_what_was_written_since_is_counted_and_what_was_released_is_not() -> None:
    holdings = get_holdings(get_use())
    holdings.note(get_use("two", 3))
    holdings.note(get_use("one", is_released=True))

    assert holdings.get_exposure(AAPL).buying == 13
    assert holdings.count_open() == 2


def test_of_one_command_the_latest_word_counts() -> None:
    holdings = get_holdings()
    for use in (get_use("two", 3), get_use("three", 4), get_use("two", 3, sequence=2, is_released=True)):
        holdings.note(use)
    holdings.note(get_use("two", 3))

    assert holdings.get_exposure(AAPL).buying == 14
    assert holdings.count_open() == 2
    assert holdings.count_open("key") == 1


def test_a_change_counts_up_to_its_quantity_however_small_the_order_is_shown() -> None:
    grown = get_use(quantity=1, orders=0, order_id="7", target=Decimal(21))

    assert get_holdings(grown, quantity=20).get_exposure(AAPL).buying == 21
    assert get_holdings(grown, quantity=5).get_exposure(AAPL).buying == 21
    assert get_holdings(grown, quantity=21).get_exposure(AAPL).buying == 21


def test_a_continuous_future_is_counted_with_each_of_its_contracts() -> None:
    holdings = Holdings((), (), 100_000, (get_use(name="FUT ESmain"), get_use("two", name="FUT NQ2603")), 1)

    assert holdings.get_exposure(Instrument("ES2603", "FUT")).buying == 5


def test_of_a_combination_that_is_shown_without_its_legs_nobody_knows_how_much_it_buys() -> None:
    combination = get_holdings(row={**ROW, "sec_type": "MLEG", "identifier": None})
    other = get_holdings(row={**ROW, "sec_type": "MLEG", "identifier": None, "symbol": "MSFT"})

    assert combination.get_exposure(AAPL).buying >= VAST
    assert other.get_exposure(AAPL).buying == 0


def test_a_change_is_known_for_as_long_as_a_repeat_may_send_it_again() -> None:
    young, old = (get_use(target=Decimal(10), order_id="7", age_ms=age_ms) for age_ms in (599_000, 601_000))

    assert not get_holdings().is_over(young)
    assert get_holdings().is_over(old)


def test_what_a_continuous_future_does_to_a_position_is_not_known() -> None:
    with pytest.raises(NotKnown, match="name that one"):
        Holdings((), (), 100_000).get_exposure(Instrument("ESmain", "FUT"))


def test_orders_from_before_there_were_limits_count_for_the_key_that_sent_them() -> None:
    holdings = replace(get_holdings(get_use()), keys={"first": "key"})

    assert (holdings.count_open(), holdings.count_open("key"), holdings.count_open("other")) == (2, 2, 0)
