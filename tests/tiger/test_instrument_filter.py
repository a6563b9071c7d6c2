"""A list is narrowed by as much as a client says about an instrument, and by nothing else."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.tiger.instrument import UnclearInstrument
from app.tiger.instrument_filter import ANY, InstrumentFilter, get_filter
from app.tiger.trading.narrowing import get_side, is_wanted

DAY = date(2025, 12, 19)
OPTION = {
    "symbol": "AAPL",
    "sec_type": "OPT",
    "identifier": "AAPL  251219C00150000",
    "expiry": "20251219",
    "strike": 150.0,
    "put_call": "CALL",
}
NOTHING = dict.fromkeys(OPTION)


@pytest.mark.parametrize("name", ["TCH.HK", "00700"])
def test_an_underlying_with_two_names_is_found_by_either(name: str) -> None:
    wanted = InstrumentFilter("00700", "OPT", other_symbol="TCH.HK")

    assert is_wanted(wanted, {**NOTHING, "symbol": name, "sec_type": "OPT"})
    assert not is_wanted(wanted, {**NOTHING, "symbol": "HKB.HK", "sec_type": "OPT"})
    assert wanted.tiger_symbol is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({}, ANY),
        ({"symbol": "700"}, InstrumentFilter("00700")),
        ({"sec_type": "WAR"}, InstrumentFilter(sec_type="WAR")),
        ({"symbol": "ES2603"}, InstrumentFilter("ES2603", "FUT")),
        ({"symbol": "esmain", "sec_type": "FUT"}, InstrumentFilter("ESmain", "FUT")),
        ({"symbol": "AAPL", "expiry": DAY}, InstrumentFilter("AAPL", "OPT", DAY)),
        ({"put_call": "PUT", "sec_type": "IOPT"}, InstrumentFilter(sec_type="IOPT", put_call="PUT")),
        ({"symbol": "AAPL251219C00150000"}, InstrumentFilter("AAPL", "OPT", DAY, Decimal(150), "CALL")),
        ({"identifier": "AAPL  251219C00150000"}, InstrumentFilter("AAPL", "OPT", DAY, Decimal(150), "CALL")),
    ],
)
def test_what_is_said_is_what_is_meant(said: dict[str, Any], meant: InstrumentFilter) -> None:
    assert get_filter(**said) == meant


@pytest.mark.parametrize(
    "said",
    [
        {"symbol": "AAPL", "sec_type": "STK", "expiry": DAY},
        {"symbol": "ES2603", "strike": Decimal(1)},
        {"symbol": "MSFT", "identifier": "AAPL251219C00150000"},
        {"identifier": "AAPL251219C00150000", "put_call": "PUT"},
    ],
)
def test_what_no_instrument_is_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(UnclearInstrument):
        get_filter(**said)


@pytest.mark.parametrize(
    "wanted",
    [
        {"symbol": "AAPL"},
        {"sec_type": "OPT", "strike": Decimal(150)},
        {"expiry": DAY, "put_call": "CALL"},
        {"identifier": "AAPL251219C00150000"},
    ],
)
def test_a_row_that_is_all_of_it_is_wanted(wanted: dict[str, Any]) -> None:
    assert is_wanted(get_filter(**wanted), OPTION)


@pytest.mark.parametrize("name", ["symbol", "expiry", "strike", "put_call"])
def test_a_row_that_differs_in_one_thing_is_not(name: str) -> None:
    other = {"symbol": "MSFT", "expiry": "20251226", "strike": 155, "put_call": "PUT", "identifier": None}

    assert not is_wanted(get_filter("AAPL251219C00150000"), {**OPTION, "identifier": None, name: other[name]})
    assert is_wanted(get_filter("AAPL251219C00150000"), {**OPTION, name: None})


def test_what_a_row_leaves_out_cannot_exclude_it() -> None:
    assert is_wanted(get_filter("AAPL251219C00150000"), NOTHING)
    assert not is_wanted(get_filter(sec_type="STK"), OPTION)


@pytest.mark.parametrize("names", [{"symbol": "ES", "identifier": "ES2603"}, {"symbol": "ES2603", "identifier": None}])
def test_a_future_may_be_named_by_its_product_and_its_code(names: dict[str, Any]) -> None:
    row = {**NOTHING, "sec_type": "FUT", **names}

    assert is_wanted(get_filter("ES2603"), row)
    assert not is_wanted(get_filter("ES2606"), row)
    assert get_filter("ES2603").tiger_symbol is None


def test_a_stock_has_no_side_though_tiger_sent_one() -> None:
    assert (get_side("STK", "PUT"), get_side("OPT", "put"), get_side("OPT", "")) == (None, "PUT", None)
