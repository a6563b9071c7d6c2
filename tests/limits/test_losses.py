"""The day's loss is known only where each segment that holds anything tells it."""

import pytest

from app.risk.market_inputs import _is_empty


@pytest.mark.parametrize(
    ("segment", "is_empty"),
    [
        ({"category": "C", "gross_position_value": 0.0, "init_margin": 0.0}, True),
        ({"category": "C", "gross_position_value": 0.0, "init_margin": None}, True),
        ({"category": "C", "gross_position_value": 0.0, "init_margin": 1_500.0}, False),
        ({"category": "C", "gross_position_value": None, "init_margin": 0.0}, False),
        ({"category": "C", "gross_position_value": -250.0, "init_margin": 0.0}, False),
        ({"category": "F", "gross_position_value": 0.0, "init_margin": 500.42}, True),
        ({"category": "F", "gross_position_value": 10.0, "init_margin": 0.0}, False),
    ],
)
def test_a_segment_that_needs_margin_holds_something_whatever_it_is_worth(segment, is_empty):
    """A recorded fund segment repeats the margin of securities."""
    assert _is_empty(segment) is is_empty
