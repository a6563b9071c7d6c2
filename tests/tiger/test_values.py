"""What Tiger leaves out or sends oddly becomes null; what it sends is kept to the digit."""

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tiger.wire import values

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("value", [None, "", "n/a", math.nan, math.inf, -math.inf, "NaN", "Infinity", True, [], {}])
def test_what_is_no_finite_number_is_null(value: Any) -> None:
    assert values.number(value) is None
    assert values.decimal(value) is None
    assert values.whole(value) is None


@pytest.mark.parametrize(
    ("value", "expected"), [(1, 1), (1.5, 1.5), ("90.0", 90.0), ("3.94E11", 394000000000.0), (0, 0), ("-2", -2.0)]
)
def test_a_number_is_read_however_it_is_written(value: Any, expected: float) -> None:
    assert values.number(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(300, 300), (300.0, 300), ("300", 300), (2**60 + 1, 2**60 + 1)])
def test_a_whole_number_is_an_int_however_it_is_written(value: Any, expected: int) -> None:
    assert values.whole(value) == expected


@given(ANYTHING | st.integers(-(2**70), 2**70) | st.integers(0, 2**60).map(float))
def test_a_figure_is_read_as_its_exact_decimal_is(value: Any) -> None:
    figure, exact = values.figure(value), values.json_number(values.decimal(value))

    assert (figure, type(figure)) == (exact, type(exact))


@pytest.mark.parametrize("value", [0.5, "0.5", 1e300, "1E400"])
def test_what_is_not_a_whole_number_of_sane_size_is_no_int(value: Any) -> None:
    assert values.whole(value) is None


@pytest.mark.parametrize(
    ("value", "scale", "expected"),
    [(773, 5, "0.00773"), (5, 1, "0.5"), (100, 0, "100"), (100, None, "100"), (-5, 1, "-0.5")],
)
def test_a_scaled_quantity_is_exact(value: int, scale: int | None, expected: str) -> None:
    assert values.scaled(value, scale) == Decimal(expected)


@pytest.mark.parametrize("scale", [-1, 0.5, "x", 10**9])
def test_a_quantity_with_an_odd_scale_is_unknown(scale: Any) -> None:
    assert values.scaled(5, scale) is None


@pytest.mark.parametrize(("value", "expected"), [(40130901147389952, "40130901147389952"), ("7", "7"), (0, None)])
def test_an_id_is_text_and_zero_is_none(value: Any, expected: str | None) -> None:
    assert values.identifier(value) == expected


@pytest.mark.parametrize(
    ("data", "count"), [(None, 0), ([], 0), ({}, 0), ({"items": None}, 0), ({"items": [{}, 1]}, 1), ({"id": 1}, 1)]
)
def test_rows_are_found_in_every_shape_of_answer(data: Any, count: int) -> None:
    assert len(values.rows(data)) == count


@given(ANYTHING)
def test_no_decoder_fails_or_lets_through_what_json_cannot_say(value: Any) -> None:
    number = values.number(value)
    whole = values.json_number(values.decimal(value))

    assert number is None or math.isfinite(number)
    assert whole is None or math.isfinite(whole)
    assert values.text(value) != ""
    assert values.truth(value) in (None, True, False)
    assert isinstance(values.rows(value), list)
