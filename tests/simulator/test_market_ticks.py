"""Tick tables round exactly, and read like Tiger's."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tigeropen.common.util.price_util import PriceUtil
from tigeropen.common.util.string_utils import camel_to_underline_obj

from app.simulator.market.ticks import CN_TICKS, HK_TICKS, OPTION_TICKS, US_TICKS, TickTable

tables = st.sampled_from([US_TICKS, HK_TICKS, CN_TICKS, OPTION_TICKS])
amounts = st.integers(1, 100_000_000)


@given(tables, amounts)
def test_the_sdk_finds_every_rounded_price_on_the_grid(table: TickTable, units: int) -> None:
    assert PriceUtil.match_tick_size(table.price(units), camel_to_underline_obj(table.to_wire()))


@given(tables, amounts, amounts)
def test_rounding_keeps_order(table: TickTable, one: int, other: int) -> None:
    low, high = sorted((one, other))

    assert table.rounded(low) <= table.rounded(high)


@given(tables, amounts)
def test_rounding_is_to_the_nearest_and_final(table: TickTable, units: int) -> None:
    rounded = table.rounded(units)

    assert table.rounded(rounded) == rounded
    assert abs(rounded - units) <= table.tick_units(units)


@given(tables, amounts)
def test_floor_and_ceiling_enclose_a_price(table: TickTable, units: int) -> None:
    assert table.floor(units) <= units <= table.ceiling(units)


@given(tables, amounts, st.integers(1, 5))
def test_moving_up_and_down_again_comes_back(table: TickTable, units: int, steps: int) -> None:
    start = table.rounded(units)

    assert table.moved(table.moved(start, steps), -steps) == start


@pytest.mark.parametrize(
    ("table", "price", "tick"),
    [
        (US_TICKS, "0.9999", "0.0001"),
        (US_TICKS, "1", "0.0001"),
        (US_TICKS, "1.01", "0.01"),
        (HK_TICKS, "0.25", "0.001"),
        (HK_TICKS, "9.99", "0.01"),
        (HK_TICKS, "99.95", "0.05"),
        (HK_TICKS, "590", "0.5"),
        (HK_TICKS, "9000", "5"),
        (CN_TICKS, "1440", "0.01"),
    ],
)
def test_the_tick_at_a_price_is_that_of_the_exchange(table: TickTable, price: str, tick: str) -> None:
    assert table.tick_size(Decimal(price)) == Decimal(tick)
