"""Warrants follow their underlying and pass the filters that they fit; funds have one value a day."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.market.futures import last_closed_day
from app.simulator.wire import WireRefusal
from tests.simulator.asking import FIRST_MS, Asker, moments

ask = Asker()
underlyings = st.sampled_from(["00005", "00388", "00700", "02318", "03690", "09988"])
EXAMPLES = settings(deadline=None, max_examples=25)
CHINA = ZoneInfo("Asia/Shanghai")


@given(underlyings, moments)
@EXAMPLES
def test_a_filter_tells_what_the_quotes_tell(symbol: str, at_ms: int) -> None:
    rows = ask(at_ms, "warrant_filter", symbol=symbol, page_size=50)["items"]
    quotes = ask(at_ms, "warrant_real_time_quote", symbols=[row["symbol"] for row in rows])["items"]

    for row, quote in zip(rows, quotes, strict=True):
        assert quote["underlyingSymbol"] == symbol
        for name in ("symbol", "latestPrice", "volume", "premium", "leverageRatio", "entitlementRatio", "inOutPrice"):
            assert row[name] == quote[name]
        assert quote["low"] <= quote["latestPrice"] <= quote["high"]


@given(underlyings, moments)
@EXAMPLES
def test_figures_follow_from_the_prices(symbol: str, at_ms: int) -> None:
    (share,) = ask(at_ms, "quote_real_time", symbols=[symbol])
    for row in ask(at_ms, "warrant_filter", symbol=symbol)["items"]:
        sign = 1 if row["type"] in {1, 3} else -1
        cost = row["latestPrice"] * row["entitlementRatio"]

        assert row["breakevenPoint"] == pytest.approx(float(row["strike"]) + sign * cost, abs=0.001)
        assert row["leverageRatio"] == pytest.approx(share["latestPrice"] / cost, rel=1e-3)
        assert (row["inOutPrice"] > 0) == (sign * (share["latestPrice"] - float(row["strike"])) > 0)
        assert ("callPrice" in row) == (row["secType"] == "IOPT") == ("delta" not in row)


@given(
    underlyings,
    moments,
    st.fixed_dictionaries(
        {},
        optional={
            "warrant_type": st.lists(st.integers(0, 4), max_size=2),
            "in_out_price": st.sampled_from([[1], [-1], [1, -1]]),
            "premium": st.fixed_dictionaries({"min": st.floats(-0.2, 0), "max": st.floats(0, 0.3)}),
            "issuer_name": st.sampled_from(["UBS", "HSBC"]),
            "state": st.sampled_from([0, 1, 2]),
        },
    ),
)
@EXAMPLES
def test_a_filter_keeps_what_fits_and_nothing_else(symbol: str, at_ms: int, asked: dict[str, Any]) -> None:
    every = ask(at_ms, "warrant_filter", symbol=symbol, page_size=200)["items"]
    found = ask(at_ms, "warrant_filter", symbol=symbol, page_size=200, **asked)["items"]

    def fits(row: dict[str, Any]) -> bool:
        types = (
            [kind for kind in asked.get("warrant_type", []) if kind] if 0 not in asked.get("warrant_type", []) else []
        )
        sides = set(asked.get("in_out_price", []))
        premium = asked.get("premium", {"min": -9, "max": 9})
        return (
            (not types or row["type"] in types)
            and (len(sides) != 1 or (row["inOutPrice"] > 0) == (1 in sides))
            and premium["min"] <= row["premium"] <= premium["max"]
            and row["issuerName"] == asked.get("issuer_name", row["issuerName"])
            and (not asked.get("state") or row["state"] == asked["state"])
        )

    assert found == [row for row in every if fits(row)]


def test_pages_are_parts_of_one_sorted_list() -> None:
    asked = {"symbol": "00700", "sort_field_name": "latestPrice", "sort_dir": "SortDir_Descend"}
    whole = ask(FIRST_MS, "warrant_filter", page_size=200, **asked)
    pages = [ask(FIRST_MS, "warrant_filter", page=page, page_size=7, **asked) for page in range(7)]

    assert [row for page in pages for row in page["items"]] == whole["items"]
    assert pages[0]["totalPage"] == -(-whole["totalCount"] // 7) == 7
    prices = [row["latestPrice"] for row in whole["items"]]
    assert prices == sorted(prices, reverse=True)
    assert whole["bounds"]["premium"]["min"] == min(row["premium"] for row in whole["items"])


@given(moments)
@EXAMPLES
def test_a_fund_is_quoted_at_the_newest_value_of_its_history_of_trading_days(at_ms: int) -> None:
    symbols = ask(at_ms, "fund_all_symbols")
    quotes = ask(at_ms, "fund_quote", symbols=symbols)
    histories = ask(at_ms, "fund_history_quote", symbols=symbols, begin_time=at_ms - 20 * 86_400_000, end_time=at_ms)
    contracts = ask(at_ms, "fund_contracts", symbols=symbols)
    days = [datetime.fromtimestamp(row["time"] / 1000, CHINA).date() for row in histories[0]["items"]]
    begin, end = days[-1].isoformat(), (days[0] + timedelta(days=1)).isoformat()
    trading = ask(at_ms, "trading_calendar", market="US", begin_date=begin, end_date=end)

    assert [day.isoformat() for day in reversed(days)] == [row["date"] for row in trading]
    assert days[0] == last_closed_day(at_ms).date
    assert [row["symbol"] for row in contracts] == symbols
    for quote, history in zip(quotes, histories, strict=True):
        assert history["items"][0] == {"nav": quote["close"], "time": quote["timestamp"]}
        assert len(history["items"]) > 8


@pytest.mark.parametrize(
    ("method", "biz", "code"),
    [
        ("warrant_filter", {}, 1000),
        ("warrant_filter", {"symbol": "00700", "page": -1}, 1010),
        ("warrant_filter", {"symbol": "00700", "sort_field_name": "colour"}, 1010),
        ("warrant_filter", {"symbol": "00700", "premium": 5}, 1010),
        ("warrant_filter", {"symbol": "00700", "strike": {"min": "low"}}, 1010),
        ("warrant_filter", {"symbol": "00700", "lot_size": 500}, 1010),
        ("warrant_real_time_quote", {}, 1000),
        ("fund_history_quote", {"symbols": ["IE00B464Q616.USD"]}, 1000),
        ("fund_quote", {"symbols": "x"}, 1010),
    ],
)
def test_a_wrong_question_is_refused(method: str, biz: dict[str, Any], code: int) -> None:
    with pytest.raises(WireRefusal) as refusal:
        ask(FIRST_MS, method, biz)

    assert refusal.value.code == code


def test_what_is_not_listed_is_left_out() -> None:
    assert ask(FIRST_MS, "warrant_filter", symbol="AAPL")["items"] == []
    assert ask(FIRST_MS, "warrant_real_time_quote", symbols=["AAPL"]) == {"items": []}
    assert ask(FIRST_MS, "fund_quote", symbols=["AAPL"]) == []
