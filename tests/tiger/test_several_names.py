"""A filter may want what is listed under another name of its instrument, and nothing that is certainly another."""

import pytest

from app.tiger.instrument_filter import InstrumentFilter
from app.tiger.trading.holdings import may_be_wanted, widen

NOTHING = dict.fromkeys(("symbol", "sec_type", "identifier", "expiry", "strike", "put_call", "market", "local_symbol"))
MONTH = InstrumentFilter("ES2612", "FUT")
MAIN = InstrumentFilter("ESmain", "FUT")
TENCENT = InstrumentFilter("TCH.HK", "OPT")


@pytest.mark.parametrize(
    ("wanted", "row"),
    [
        (MONTH, {"symbol": "ESmain", "sec_type": "FUT"}),
        (MONTH, {"symbol": "ES", "identifier": "ES2612", "sec_type": "FUT"}),
        (MONTH, {"symbol": "ES", "sec_type": "FUT"}),
        (MAIN, {"symbol": "ES2612", "sec_type": "FUT"}),
        (TENCENT, {"symbol": "00700", "sec_type": "OPT", "market": "HK"}),
        (InstrumentFilter("BTC.USD", "CC"), {"symbol": "BTC/USD", "sec_type": "CC"}),
        (InstrumentFilter("BTC/USD", "CC"), {"symbol": "BTC.USD", "sec_type": "CC"}),
        (InstrumentFilter("BTC/USD"), {"symbol": "BTC.USD", "sec_type": "CC"}),
        (InstrumentFilter("AAPL"), {"symbol": "AAPL"}),
    ],
)
def test_what_may_be_the_instrument_is_wanted(wanted, row):
    assert may_be_wanted(wanted, NOTHING | row)


@pytest.mark.parametrize(
    ("wanted", "row"),
    [
        (MONTH, {"symbol": "ES2703", "sec_type": "FUT"}),
        (InstrumentFilter("BTC.USD", "CC"), {"symbol": "ETH/USD", "sec_type": "CC"}),
        (MONTH, {"symbol": "NQmain", "sec_type": "FUT"}),
        (MONTH, {"symbol": "ES", "sec_type": "STK"}),
        (TENCENT, {"symbol": "AAPL", "sec_type": "OPT", "market": "US"}),
        (TENCENT, {"symbol": "00700", "sec_type": "STK", "market": "HK"}),
        (InstrumentFilter("00700"), {"symbol": "TCH.HK", "sec_type": "OPT", "market": "HK"}),
        (InstrumentFilter("AAPL"), {"symbol": "MSFT"}),
        (InstrumentFilter("AAPL", "OPT"), {"symbol": "MSFT"}),
    ],
)
def test_what_is_certainly_another_is_not(wanted, row):
    assert not may_be_wanted(wanted, NOTHING | row)


def test_lists_are_read_whole_where_a_name_does_not_tell_all():
    assert widen(MONTH) == InstrumentFilter(None, "FUT")
    assert widen(InstrumentFilter("AAPL", "OPT")) == InstrumentFilter("AAPL", "OPT")
