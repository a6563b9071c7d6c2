"""What the gateway makes of a recorded answer of Tiger's equals what the unmodified SDK makes of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.contract.comparison import Comparison
from tests.contract.recorded_listings import LISTINGS
from tests.contract.recorded_market import MARKET_DATA
from tests.contract.recorded_trading import TRADING

COMPARISONS = (*MARKET_DATA, *LISTINGS, *TRADING)
ANSWERS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "recorded_answers.json").read_text("utf-8"))
"""Recorded answers, shortened: the read of the SDK's that asked, the wire method, and the data."""
UNREAD: Mapping[str, str] = {
    "brief": "quote_real_time is the newer form of the same quotes",
    "quote_stock_trade": "contracts tell lot and tick as well",
    "option_exercise_submit": "the gateway exercises nothing",
    "option_exercise_cancel": "the gateway exercises nothing",
    "position_transfer": "the gateway transfers no positions",
}
"""Wire methods that the gateway does not ask, with the reason."""
PAIRS = [(each, answer["data"]) for each in COMPARISONS for answer in ANSWERS if answer["read"] == each.read]


# The SDK renames columns in a way that newer versions of pandas warn of.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize(("comparison", "data"), PAIRS, ids=[each.read for each, _ in PAIRS])
def test_a_recorded_answer_tells_the_same_as_through_the_sdk(comparison: Comparison, data: Any) -> None:
    comparison.check(data)


def test_each_recorded_answer_is_compared_or_known_to_be_unread() -> None:
    compared = {each.read for each in COMPARISONS}

    assert [answer["read"] for answer in ANSWERS if answer["read"] not in compared] == [
        answer["read"] for answer in ANSWERS if answer["method"] in UNREAD
    ]
    assert compared <= {answer["read"] for answer in ANSWERS}
