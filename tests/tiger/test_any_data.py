"""Whatever stands in the data of an answer, a decoder reads what is there and leaves out the rest."""

import json
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tiger.company import fundamentals, industries
from app.tiger.market import exchange_rates, funds, futures

FIRST, LAST = date(2023, 1, 1), date(2026, 12, 31)
NAMES = ["symbol", "items", "id", "industryLevel", "market", "industryDetailDTOList", "time", "nav", "close", "roe"]
NAMES += ["timestamp", "currency", "dailyValueList", "date", "value", "contractCode", "type", "ibCode", "multiplier"]
NAMES += ["lastTradingDate", "biddingTimes", "tradingTimes", "start", "end", "mainReferItems", "referContractCode"]
SINGLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
SINGLE |= st.sampled_from(["AAPL", "ESmain", "CLmain", "20260311", "NaN", "1e400", 1691596800000, "1691596800000"])
ANY_DATA = st.recursive(
    SINGLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=25,
)
DECODERS: dict[str, Callable[[Any], Any]] = {
    "fundamentals": fundamentals.get_figures,
    "industries": partial(industries.get_industries, level="GIND"),
    "stocks of an industry": partial(industries.get_stocks, "4530", "US"),
    "symbols of funds": funds.get_symbols,
    "fund histories": funds.get_histories,
    "exchange rates": partial(exchange_rates.get_rates, FIRST, LAST),
    "futures": partial(futures.get_contracts, kind="ES"),
    "trading times": futures.get_times,
    "main contracts": partial(futures.get_main_contracts, "CLmain"),
}


@pytest.mark.parametrize("name", DECODERS)
@settings(deadline=None, max_examples=150)
@given(data=ANY_DATA)
def test_any_data_become_an_answer_of_finite_numbers(name: str, data: Any) -> None:
    assert json.dumps(DECODERS[name](data), allow_nan=False)
