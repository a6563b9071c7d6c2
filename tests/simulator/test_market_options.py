"""Options have sane prices: parity, order, greeks, and gaps where Tiger has gaps."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from math import exp
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.clock import Clock
from app.simulator.market import Exchange
from app.simulator.market.expirations import HK_CLASSES
from app.simulator.market.options import Options
from app.simulator.market.valuation import RATE, YEAR_MS, get_values
from app.simulator.methods.market import Market
from app.simulator.wire import WireRefusal, WireRequest

NOW_MS = int(datetime(2026, 3, 11, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)
MARKET = Market(11, Clock(NOW_MS))
OPTIONS = Options(Exchange(11, Clock(NOW_MS)))
classes = st.sampled_from(["AAPL", "BRK.B", "F", "NFLX", "SPY", "TSLA", "TCH.HK", "ALB.HK", "HKB.HK"])


def _ask(method: str, version: str = "2.0", **biz: Any) -> Any:
    return MARKET.methods[method](WireRequest(method, version, biz, "20150001", "en_US", NOW_MS))


def _expirations(symbol: str) -> list[int]:
    (row,) = _ask("option_expiration", symbols=[symbol])
    timestamps: list[int] = row["timestamps"]
    return timestamps


def _chain(symbol: str, number: int = 3, **biz: Any) -> list[dict[str, Any]]:
    expiry = _expirations(symbol)[number]
    answer = _ask("option_chain", "3.0", option_basic=[{"symbol": symbol, "expiry": expiry}], **biz)
    items: list[dict[str, Any]] = answer[0]["items"] if answer else []
    return items


@given(classes, st.integers(0, 8), st.integers(0, 10**9))
@settings(deadline=None)
def test_call_and_put_keep_parity_within_the_spread(symbol: str, number: int, chance: int) -> None:
    expiration = OPTIONS.expirations(symbol, NOW_MS)[number]
    listed = OPTIONS.contracts(symbol, expiration.code, NOW_MS)
    put, call = listed[chance % (len(listed) // 2) * 2 :][:2]
    one, other = OPTIONS.quote(call, NOW_MS), OPTIONS.quote(put, NOW_MS)
    spot = MARKET.quote(call.underlying, NOW_MS).latest
    years = (call.expires_ms - NOW_MS) / YEAR_MS
    forward = spot - float(call.strike) * exp(-RATE * years)

    assert (call.right, put.right, call.strike) == ("CALL", "PUT", put.strike)
    assert (one.bid or 0) - other.ask <= forward <= one.ask - (other.bid or 0)


@given(classes, st.integers(0, 8))
@settings(deadline=None)
def test_option_prices_fall_and_rise_with_the_strike(symbol: str, number: int) -> None:
    expiration = OPTIONS.expirations(symbol, NOW_MS)[number]
    listed = OPTIONS.contracts(symbol, expiration.code, NOW_MS)
    puts = [OPTIONS.quote(contract, NOW_MS).latest for contract in listed[::2]]
    calls = [OPTIONS.quote(contract, NOW_MS).latest for contract in listed[1::2]]

    assert all(one <= other for one, other in pairwise(puts))
    assert all(one >= other for one, other in pairwise(calls))


@given(classes, st.integers(0, 8))
@settings(deadline=None)
def test_every_option_quote_is_sound(symbol: str, number: int) -> None:
    expiration = OPTIONS.expirations(symbol, NOW_MS)[number]

    for contract in OPTIONS.contracts(symbol, expiration.code, NOW_MS):
        quote = OPTIONS.quote(contract, NOW_MS)
        assert (quote.bid or 0) < quote.ask
        assert (quote.bid or 0) <= quote.latest <= quote.ask
        assert 0 < quote.low <= min(quote.open, quote.latest) <= max(quote.open, quote.latest) <= quote.high
        assert 0.05 < quote.implied_volatility < 3
        assert quote.latest_ms <= NOW_MS
        assert round(quote.ask * 100, 6) == round(quote.ask * 100)


@given(
    st.floats(5, 1000),
    st.floats(0.5, 2.0),
    st.floats(0.01, 3),
    st.floats(0.08, 1.2),
)
def test_greeks_are_the_slopes_of_the_price(spot: float, ratio: float, years: float, volatility: float) -> None:
    strike, step = spot * ratio, spot * 1e-4
    value = get_values(spot, strike, years, volatility)[0]
    above = get_values(spot + step, strike, years, volatility)[0]
    below = get_values(spot - step, strike, years, volatility)[0]
    more_volatile = get_values(spot, strike, years, volatility + 1e-4)[0]

    assert value.delta == pytest.approx((above.price - below.price) / (2 * step), abs=1e-4)
    assert value.gamma == pytest.approx((above.delta - below.delta) / (2 * step), abs=1e-3, rel=1e-2)
    assert value.vega == pytest.approx((more_volatile.price - value.price) * 100, abs=1e-3, rel=1e-2)
    assert 0 <= value.delta <= 1


def test_a_chain_has_both_rights_at_every_strike_and_strikes_are_text() -> None:
    items = _chain("AAPL")

    assert len(items) > 10
    assert all(item.keys() == {"put", "call"} for item in items)
    assert all(isinstance(item["call"]["strike"], str) for item in items)


def test_some_legs_have_neither_bid_nor_greeks() -> None:
    legs = [leg for item in _chain("AAPL", 0) for leg in item.values()]

    assert any((leg["bidPrice"], leg["bidSize"]) == (0.0, 0) and "delta" not in leg for leg in legs)
    assert any(leg["bidPrice"] > 0 and "delta" in leg for leg in legs)


def test_a_leg_that_nobody_holds_has_no_latest_price() -> None:
    legs = [leg for item in _chain("AAPL", 0) for leg in item.values()]

    assert {leg["latestPrice"] == 0.0 for leg in legs if leg["openInterest"] == 0} == {True}


def test_greeks_can_be_declined() -> None:
    assert not any("delta" in leg for item in _chain("AAPL", return_greek_value=False) for leg in item.values())


def test_a_filter_keeps_what_lies_within_every_range() -> None:
    ranges = {
        "greeks": {"delta": {"min": 0.2, "max": 0.8}, "gamma": {"min": None, "max": None}},
        "implied_volatility": {"min": 0.1, "max": 0.9},
        "open_interest": {"min": 10, "max": None},
        "in_the_money": True,
    }
    legs = [leg for item in _chain("AAPL", option_filter=ranges) for leg in item.values()]
    spot = MARKET.quote("AAPL", NOW_MS).latest

    assert legs
    assert all(0.2 <= leg["delta"] <= 0.8 and leg["openInterest"] >= 10 for leg in legs)
    assert all(leg["right"] == "call" and float(leg["strike"]) < spot for leg in legs)


@pytest.mark.parametrize("symbol", ["NOSUCH", "TLRY", ".DJI", "600519", "02800"])
def test_what_has_no_options_has_no_expirations_and_no_chain(symbol: str) -> None:
    assert _ask("option_expiration", symbols=[symbol]) == []
    assert _ask("option_chain", "3.0", option_basic=[{"symbol": symbol, "expiry": NOW_MS}]) == []


def test_a_date_on_which_nothing_expires_has_no_chain() -> None:
    assert (
        _ask("option_chain", "3.0", option_basic=[{"symbol": "AAPL", "expiry": _expirations("AAPL")[0] + 86_400_000}])
        == []
    )


def test_expirations_are_midnights_of_the_exchange_in_order() -> None:
    (row,) = _ask("option_expiration", symbols=["AAPL"], market="US")

    assert row["dates"][0] == "2026-03-13"
    assert row["timestamps"][0] == 1773374400000
    assert row["timestamps"] == sorted(row["timestamps"])
    assert {"m", "w"} == set(row["periodTags"])
    assert row["count"] == len(row["dates"]) == len(row["optionSymbols"])


def test_an_expiration_on_a_holiday_comes_a_day_earlier() -> None:
    market = Market(1, Clock(NOW_MS))
    (row,) = market.methods["option_expiration"](
        WireRequest("option_expiration", "2.0", {"symbols": ["AAPL"]}, "1", "en_US", NOW_MS)
    )

    assert "2026-04-02" in row["dates"]
    assert "2026-04-03" not in row["dates"]


def test_an_expiration_passes_with_its_close() -> None:
    close_ms = int(datetime(2026, 3, 13, 20, 0, tzinfo=UTC).timestamp() * 1000)

    assert OPTIONS.expirations("AAPL", close_ms - 1)[0].code == "20260313"
    assert OPTIONS.expirations("AAPL", close_ms)[0].code == "20260320"


def test_hong_kong_options_are_found_by_class_and_by_underlying() -> None:
    assert _expirations("TCH.HK") == _expirations("00700")
    assert _chain("TCH.HK")[0]["call"]["identifier"].startswith("TCH.HK")


def test_hong_kong_classes_are_listed_with_their_underlyings() -> None:
    rows = _ask("all_hk_option_symbols", market="HK")

    assert {row["underlyingSymbol"]: row["symbol"] for row in rows} == HK_CLASSES


def test_a_brief_agrees_with_the_chain() -> None:
    expiry = _expirations("AAPL")[3]
    leg = _chain("AAPL")[8]["call"]
    basic = {"symbol": "AAPL", "expiry": expiry, "right": "CALL", "strike": float(leg["strike"])}
    (brief,) = _ask("option_brief", option_basic=[basic])

    shared = ("identifier", "strike", "askPrice", "latestPrice", "preClose", "volume", "openInterest", "multiplier")
    assert [brief[field] for field in shared] == [leg[field] for field in shared]


def test_a_listed_option_is_found_and_others_are_not() -> None:
    found = MARKET.option("AAPL", "20260320", Decimal(250), "CALL")

    assert found is not None
    assert found.identifier == "AAPL  260320C00250000"
    assert MARKET.option("AAPL", "20260321", Decimal(250), "CALL") is None
    assert MARKET.option("AAPL", "20260320", Decimal("250.01"), "CALL") is None
    assert MARKET.option("AAPL", "20260320", Decimal(250), "BOTH") is None
    assert MARKET.option("NOSUCH", "20260320", Decimal(250), "CALL") is None


def test_at_expiry_an_option_is_worth_its_intrinsic_value() -> None:
    contract = MARKET.option("AAPL", "20260320", Decimal(200), "CALL")
    assert contract is not None

    quote = MARKET.option_quote(contract, contract.expires_ms + 60_000)
    spot = MARKET.quote("AAPL", contract.expires_ms).latest

    assert quote.latest == pytest.approx(max(spot - 200, 0.01), abs=0.011)


@pytest.mark.parametrize(
    ("biz", "code"),
    [
        ({}, 1000),
        ({"option_basic": "AAPL"}, 1010),
        ({"option_basic": [{"expiry": NOW_MS}]}, 1000),
        ({"option_basic": [{"symbol": "AAPL"}]}, 1000),
        ({"option_basic": [{"symbol": "AAPL", "expiry": "soon"}]}, 1010),
        ({"option_basic": [{"symbol": "AAPL", "expiry": NOW_MS}] * 31}, 1010),
        ({"option_basic": [{"symbol": "AAPL", "expiry": NOW_MS}], "option_filter": 5}, 1010),
        (
            {"option_basic": [{"symbol": "AAPL", "expiry": NOW_MS}], "option_filter": {"open_interest": {"min": "x"}}},
            1010,
        ),
    ],
)
def test_a_wrong_question_for_a_chain_is_refused(biz: dict[str, Any], code: int) -> None:
    with pytest.raises(WireRefusal) as refusal:
        _ask("option_chain", "3.0", **biz)

    assert refusal.value.code == code
