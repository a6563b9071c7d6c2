"""A keyword finds the symbol first, then symbols that begin so, then names."""

import pytest

from app.tiger.market.symbol_search import get_listing, get_matches

LISTINGS = [
    get_listing("APLE", "Apple Hospitality REIT"),
    get_listing("AAPL", "Apple Inc."),
    get_listing("APP", "AppLovin Corporation"),
    get_listing("MSFT", "Microsoft Corporation"),
    get_listing("SNAP", "Snap Inc."),
    get_listing("00700", "腾讯控股"),
    get_listing("BAC", "Bank of America"),
    get_listing("XYZ", None),
]


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        ("app", ["APP", "AAPL", "APLE"]),
        ("AAPL", ["AAPL"]),
        ("apple", ["AAPL", "APLE"]),
        ("APPLE inc", ["AAPL"]),
        ("corp micro", ["MSFT"]),
        ("america", ["BAC"]),
        ("700", ["00700"]),
        ("控股", ["00700"]),
        ("xyz", ["XYZ"]),
        ("nap", []),
        ("  ", []),
        ("(", []),
    ],
)
def test_matches_come_best_first(keyword: str, expected: list[str]) -> None:
    assert [listing.symbol for listing in get_matches(LISTINGS, keyword, 20)] == expected


def test_no_more_than_the_limit_are_found() -> None:
    assert len(get_matches(LISTINGS, "a", 2)) == 2
