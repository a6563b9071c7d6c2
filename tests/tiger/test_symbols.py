"""Symbols are read as people write them."""

import pytest

from app.tiger.symbols import get_future, get_market, get_symbol, get_zone


@pytest.mark.parametrize(
    ("written", "symbol"),
    [
        (" aapl ", "AAPL"),
        ("brk.b", "BRK.B"),
        ("700", "00700"),
        ("00700", "00700"),
        ("5", "00005"),
        ("600519", "600519"),
        (" ESmain ", "ESmain"),
        ("6Emain", "6Emain"),
        ("main", "MAIN"),
        ("esmain", "ESMAIN"),
    ],
)
def test_a_symbol_is_written_as_tiger_writes_it(written: str, symbol: str) -> None:
    assert get_symbol(written) == symbol


@pytest.mark.parametrize(
    ("written", "code"),
    [("ESmain", "ESmain"), ("esmain", "ESmain"), ("ESMAIN", "ESmain"), ("es2612", "ES2612"), ("main", "MAIN")],
)
def test_a_continuous_future_is_found_however_it_is_written(written: str, code: str) -> None:
    assert get_future(written) == code


@pytest.mark.parametrize(
    ("symbol", "market"),
    [
        ("AAPL", "US"),
        ("BRK.B", "US"),
        (".DJI", "US"),
        ("00700", "HK"),
        ("TCH.HK", "HK"),
        ("600519", "CN"),
        ("D05.SI", "SG"),
    ],
)
def test_the_market_of_a_symbol_is_told_by_its_form(symbol: str, market: str) -> None:
    assert get_market(symbol) == market


def test_dates_of_a_hong_kong_stock_are_hong_kong_dates() -> None:
    assert get_zone("00700").key == "Asia/Hong_Kong"


@pytest.mark.parametrize(
    ("written", "symbol"),
    [
        *[(written, "BRK.B") for written in ("BRK.B", "BRK-B", "BRK/B", "BRK B", "brk-b", "US.BRK.B", "BRK.B.US")],
        *[(written, "00700") for written in ("700", "0700", "700.HK", "0700.HK", "00700.HK", "HK.00700", "hk.700")],
        *[(written, "AAPL") for written in ("US.AAPL", "AAPL.US", "us.aapl")],
        *[(written, "600519") for written in ("600519.SH", "600519.SS", "SH.600519", "CN.600519")],
        *[(written, "AAPL  251219C00150000") for written in ("AAPL251219C00150000", "aapl  251219c00150000")],
        ("TCH.HK251230C00610000", "TCH.HK251230C00610000"),
        *[
            (written, written)
            for written in ("TCH.HK", "D05.SI", ".DJI", "USD.CNH", "BTC/USD", "BAC-PL", "US", "ES2603")
        ],
    ],
)
def test_what_other_programs_write_means_what_tiger_writes(written: str, symbol: str) -> None:
    assert get_symbol(written) == symbol
    assert get_symbol(symbol) == symbol


@pytest.mark.parametrize(("symbol", "market"), [("AAPL  251219C00150000", "US"), ("TCH.HK251230C00610000", "HK")])
def test_an_option_is_in_the_market_of_its_underlying(symbol: str, market: str) -> None:
    assert get_market(symbol) == market
