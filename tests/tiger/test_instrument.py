"""However an instrument is written, it is the same one; what is not one instrument is refused."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tiger.identification import get_instrument
from app.tiger.instrument import Instrument, UnclearInstrument, get_members

DAY = dt.date(2025, 12, 19)
CALL = Instrument("AAPL", "OPT", DAY, Decimal(150), "CALL")
EXPIRIES = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
STRIKES = st.integers(1, 99_999_999).map(lambda thousandths: Decimal(thousandths) / 1000)
UNDERLYINGS = st.sampled_from(["A", "AAPL", "BRK.B", "GOOGL", "TCH.HK", "SPXW"])
OPTIONS = st.builds(Instrument, UNDERLYINGS, st.just("OPT"), EXPIRIES, STRIKES, st.sampled_from(["PUT", "CALL"]))


@given(OPTIONS, st.booleans(), st.sampled_from([str, str.lower, str.title]))
def test_every_spelling_of_an_option_is_the_same_option(option: Instrument, is_spaced: bool, case: Any) -> None:
    written = case(option.identifier if is_spaced else option.identifier.replace(" ", ""))
    parts = {"expiry": option.expiry, "strike": option.strike, "put_call": option.put_call}

    assert get_instrument(identifier=written) == option
    assert get_instrument(f" {written} ", "OPT") == option
    assert get_instrument(case(option.symbol), "OPT", written, **parts) == option
    assert get_instrument(case(option.symbol), **parts) == option
    assert len(option.identifier) == 21


@pytest.mark.parametrize(
    ("strike", "digits"),
    [
        *[("2.01", "00002010"), ("2.03", "00002030"), ("4.02", "00004020"), ("8.03", "00008030")],
        *[("0.5", "00000500"), ("1234.567", "01234567"), ("99999.999", "99999999"), ("150.00", "00150000")],
        *[("1.5E2", "00150000"), ("0.001", "00000001")],
    ],
)
def test_a_strike_is_written_exactly(strike: str, digits: str) -> None:
    # The SDK's own maker writes 2009 for 2.01 [get_option_identifier].
    option = Instrument("AAPL", "OPT", DAY, Decimal(strike), "CALL")

    assert option.identifier == f"AAPL  251219C{digits}"
    assert get_instrument(option.identifier).strike == Decimal(strike)


@pytest.mark.parametrize(
    ("written", "instrument"),
    [
        ({"symbol": " aapl "}, Instrument("AAPL")),
        ({"symbol": "AAPL", "identifier": "AAPL"}, Instrument("AAPL")),
        ({"identifier": "BRK-B"}, Instrument("BRK.B")),
        ({"symbol": "700.HK"}, Instrument("00700")),
        ({"symbol": "ES2603"}, Instrument("ES2603", "FUT")),
        ({"symbol": "es2603", "sec_type": "FUT"}, Instrument("ES2603", "FUT")),
        ({"symbol": "6E2603"}, Instrument("6E2603", "FUT")),
        ({"symbol": "ESmain"}, Instrument("ESmain", "FUT")),
        *[({"symbol": each, "sec_type": "FUT"}, Instrument("ESmain", "FUT")) for each in ("esmain", "ESMAIN")],
        ({"symbol": "CL", "identifier": "CL2312", "sec_type": "FUT"}, Instrument("CL2312", "FUT")),
        ({"symbol": "CL", "identifier": "CLmain", "sec_type": "FUT"}, Instrument("CLmain", "FUT")),
        ({"symbol": "14339", "sec_type": "WAR"}, Instrument("14339", "WAR")),
        ({"symbol": "63379", "sec_type": "IOPT"}, Instrument("63379", "IOPT")),
        ({"symbol": "IE00B464Q616.USD", "sec_type": "FUND"}, Instrument("IE00B464Q616.USD", "FUND")),
        ({"symbol": "btc/usd", "sec_type": "CC"}, Instrument("BTC/USD", "CC")),
        ({"symbol": "MAIN"}, Instrument("MAIN")),
        ({"symbol": "NOPE1234"}, Instrument("NOPE1234")),
    ],
)
def test_what_is_no_option_is_identified_by_its_code(written: dict[str, Any], instrument: Instrument) -> None:
    found = get_instrument(**written)

    assert found == instrument
    assert found.identifier == instrument.symbol
    assert get_instrument(found.symbol, found.sec_type, found.identifier) == found


@pytest.mark.parametrize(
    ("written", "fields"),
    [
        ({}, {"symbol"}),
        ({"symbol": "", "identifier": ""}, {"symbol"}),
        ({"symbol": "AAPL", "sec_type": "OPT"}, {"expiry", "strike", "put_call"}),
        ({"symbol": "AAPL", "strike": Decimal(150)}, {"expiry", "put_call"}),
        ({"identifier": "AAPL", "sec_type": "OPT"}, {"identifier"}),
        ({"symbol": "MSFT", "identifier": "AAPL251219C00150000"}, {"symbol"}),
        ({"symbol": "AAPL251219P00150000", "identifier": "AAPL251219C00150000"}, {"identifier"}),
        ({"symbol": "AAPL251219C00150000", "sec_type": "STK"}, {"sec_type"}),
        ({"identifier": "AAPL251219C00150000", "expiry": dt.date(2025, 12, 20)}, {"expiry"}),
        ({"identifier": "AAPL251219C00150000", "strike": Decimal("150.5")}, {"strike"}),
        ({"identifier": "AAPL251219C00150000", "put_call": "PUT"}, {"put_call"}),
        ({"symbol": "AAPL", "identifier": "MSFT"}, {"identifier"}),
        ({"symbol": "ES2603", "identifier": "ES2606", "sec_type": "FUT"}, {"identifier"}),
        ({"symbol": "AAPL", "sec_type": "STK", "expiry": DAY}, {"expiry"}),
        ({"symbol": "14339", "sec_type": "WAR", "strike": Decimal(5), "put_call": "CALL"}, {"strike", "put_call"}),
        ({"symbol": "AAPL251319C00150000"}, {"symbol"}),
        ({"identifier": "AAPL251219C00000000"}, {"identifier"}),
        ({"symbol": "AAPL", "expiry": DAY, "strike": Decimal("2.0005"), "put_call": "PUT"}, {"strike"}),
        ({"symbol": "AAPL", "expiry": DAY, "strike": Decimal(100_000), "put_call": "PUT"}, {"strike"}),
        ({"symbol": "AAPL", "expiry": dt.date(2100, 1, 1), "strike": Decimal(1), "put_call": "PUT"}, {"expiry"}),
        ({"symbol": "TOOLONG", "expiry": DAY, "strike": Decimal(1), "put_call": "PUT"}, {"symbol"}),
        ({"symbol": "BRK/BX", "expiry": DAY, "strike": Decimal(1), "put_call": "PUT"}, {"symbol"}),
    ],
)
def test_what_identifies_nothing_or_two_things_is_refused(written: dict[str, Any], fields: set[str]) -> None:
    with pytest.raises(UnclearInstrument) as refused:
        get_instrument(**written)

    assert set(refused.value.details) == fields
    assert str(refused.value)


@pytest.mark.parametrize(
    ("instrument", "market", "zone"),
    [
        (CALL, "US", "America/New_York"),
        (Instrument("TCH.HK", "OPT", DAY, Decimal(610), "CALL"), "HK", "Asia/Hong_Kong"),
        (Instrument("14339", "WAR"), "HK", "Asia/Hong_Kong"),
        (Instrument("D05.SI"), "SG", "Asia/Singapore"),
        (Instrument("HSI2603", "FUT"), None, "America/New_York"),
        (Instrument("HK0000500386.USD", "FUND"), None, "America/New_York"),
    ],
)
def test_the_market_is_told_only_where_the_symbol_says_it(instrument: Instrument, market: str, zone: str) -> None:
    assert (instrument.market, instrument.zone.key) == (market, zone)


def test_an_answer_says_of_a_stock_what_it_is() -> None:
    assert get_members(Instrument("00700"), currency="HKD") == {
        "symbol": "00700",
        "sec_type": "STK",
        "identifier": "00700",
        "market": "HK",
        "currency": "HKD",
    }


@pytest.mark.parametrize(("strike", "number"), [("150", 150), ("2.01", 2.01)])
def test_an_answer_says_of_a_derivative_its_terms(strike: str, number: float) -> None:
    option = Instrument("AAPL", "OPT", DAY, Decimal(strike), "CALL")
    members = get_members(option, currency="USD", multiplier=100)

    assert members == {
        **get_members(Instrument("AAPL"), currency="USD"),
        "sec_type": "OPT",
        "identifier": option.identifier,
        "expiry": "20251219",
        "strike": number,
        "put_call": "CALL",
        "multiplier": 100,
    }


def test_an_answers_members_name_the_instrument_again() -> None:
    members = get_members(CALL)

    assert get_instrument(members["symbol"], members["sec_type"], members["identifier"]) == CALL
