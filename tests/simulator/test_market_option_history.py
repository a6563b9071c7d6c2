"""What an option did agrees with its quote: minutes, days, trades, the book, and the volatility that prices it."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.wire import WireRefusal
from tests.simulator.asking import FIRST_MS, Asker, moments

ask = Asker()
resting = Asker(real_hours=True)
classes = st.sampled_from(["AAPL", "F", "NVDA", "SPY", "TCH.HK", "ALB.HK"])
chances = st.integers(0, 10**6)
EXAMPLES = settings(deadline=None, max_examples=30)


def _pick(at_ms: int, symbol: str, chance: int, asker: Asker = ask) -> dict[str, Any]:
    """Return one listed option of a class, as a request names it."""
    (listed,) = asker(at_ms, "option_expiration", symbols=[symbol])
    expiry = listed["timestamps"][chance % min(listed["count"], 4)]
    (chain,) = asker(at_ms, "option_chain", option_basic=[{"symbol": symbol, "expiry": expiry}])
    legs = [leg for item in chain["items"] for leg in item.values()]
    leg = legs[chance % len(legs)]
    return {"symbol": symbol, "expiry": expiry, "strike": leg["strike"], "right": leg["right"].upper()}


def _brief(at_ms: int, option: dict[str, Any], asker: Asker = ask) -> dict[str, Any]:
    (row,) = asker(at_ms, "option_brief", option_basic=[option])
    assert isinstance(row, dict)
    return row


def _bars(at_ms: int, option: dict[str, Any], asker: Asker = ask, **fields: Any) -> list[dict[str, Any]]:
    (row,) = asker(at_ms, "option_kline", option_query=[option | fields])
    items: list[dict[str, Any]] = row["items"]
    return items


@given(classes, chances, moments, st.sampled_from(["1min", "5min", "30min", "60min"]), st.booleans())
@EXAMPLES
def test_the_bars_of_a_day_add_up_to_its_quote(symbol: str, chance: int, at_ms: int, period: str, rests: bool) -> None:
    asker = resting if rests else ask
    option = _pick(at_ms, symbol, chance, asker)
    brief = _brief(at_ms, option, asker)
    before, day = _bars(at_ms, option, asker, period="day", limit=2)
    minutes = _bars(at_ms, option, asker, period=period, begin_time=day["time"], limit=1000)

    assert sum(row["volume"] for row in minutes) == day["volume"] == brief["volume"]
    assert max(row["high"] for row in minutes) == day["high"] == brief["high"]
    assert min(row["low"] for row in minutes) == day["low"] == brief["low"]
    assert minutes[0]["open"] == day["open"] == brief["open"]
    assert minutes[-1]["close"] == day["close"] == brief["latestPrice"]
    assert before["close"] == brief["preClose"]
    assert day["openInterest"] == brief["openInterest"]


@given(classes, chances, moments)
@EXAMPLES
def test_the_timeline_adds_up_to_the_volume_and_trades_lie_within_the_day(symbol: str, chance: int, at_ms: int) -> None:
    option = _pick(at_ms, symbol, chance)
    brief = _brief(at_ms, option)
    (timeline,) = ask(at_ms, "option_timeline", option_query=[option])
    (ticks,) = ask(at_ms, "option_trade_tick", [option])

    assert sum(tick["volume"] for tick in ticks["items"]) <= brief["volume"]
    assert sum(minute["volume"] for minute in timeline["minutes"]) == brief["volume"]
    assert timeline["minutes"][-1]["price"] == brief["latestPrice"]
    assert timeline["preClose"] == brief["preClose"]
    assert all(brief["low"] <= tick["price"] <= brief["high"] for tick in ticks["items"])
    assert all(one["time"] <= other["time"] <= at_ms for one, other in pairwise(ticks["items"]))


@given(classes, chances, moments, st.booleans())
@EXAMPLES
def test_a_quote_agrees_with_its_leg_of_the_chain(symbol: str, chance: int, at_ms: int, rests: bool) -> None:
    asker = resting if rests else ask
    option = _pick(at_ms, symbol, chance, asker)
    brief = _brief(at_ms, option, asker)
    (chain,) = asker(at_ms, "option_chain", option_basic=[{"symbol": symbol, "expiry": option["expiry"]}])
    legs = [item.get(option["right"].lower(), {}) for item in chain["items"]]
    (leg,) = [leg for leg in legs if leg.get("strike") == option["strike"]]

    shared = ("identifier", "right", "bidPrice", "bidSize", "askPrice", "askSize", "volume", "preClose")
    assert [brief[name] for name in shared] == [leg[name] for name in shared]
    assert leg["latestPrice"] in (0.0, brief["latestPrice"])
    assert (brief["openInterest"], brief["multiplier"]) == (leg["openInterest"], leg["multiplier"])
    if "impliedVol" in leg:
        assert float(brief["volatility"].rstrip("%")) / 100 == pytest.approx(leg["impliedVol"], abs=0.00006)


@given(classes, chances, moments)
@EXAMPLES
def test_the_book_begins_with_the_quote(symbol: str, chance: int, at_ms: int) -> None:
    option = _pick(at_ms, symbol, chance)
    brief = _brief(at_ms, option)
    (book,) = ask(at_ms, "option_depth", option_basic=[option])
    sides = [((side or [{"price": 0.0, "volume": 0}])[0]) for side in (book["ask"], book["bid"])]

    assert [(level["price"], level["volume"]) for level in sides] == [
        (brief["askPrice"], brief["askSize"]),
        (brief["bidPrice"], brief["bidSize"]),
    ]
    assert all(one["price"] < other["price"] for one, other in pairwise(book["ask"]))
    assert all(one["price"] > other["price"] for one, other in pairwise(book["bid"]))


@given(classes, moments, st.sampled_from(["13week", "26week", "52week"]))
@EXAMPLES
def test_the_analysis_agrees_with_the_chain(symbol: str, at_ms: int, period: str) -> None:
    item = {"symbol": symbol, "period": period, "require_volatility_list": True}
    (analysis,) = ask(at_ms, "option_analysis", symbols=[item])
    (listed,) = ask(at_ms, "option_expiration", symbols=[symbol])
    month = min(listed["timestamps"], key=lambda expiry: abs(expiry - at_ms - 30 * 86_400_000))
    (chain,) = ask(at_ms, "option_chain", option_basic=[{"symbol": symbol, "expiry": month}])
    calls = [item["call"] for item in chain["items"] if "delta" in item["call"]]
    nearest = min(calls, key=lambda call: abs(call["delta"] - 0.5))
    last = analysis["volatilityList"][-1]

    assert nearest["impliedVol"] == pytest.approx(analysis["impliedVol30Days"], rel=0.05)
    assert last["impliedVol"] == analysis["impliedVol30Days"]
    assert {name: last[name] for name in ("percentile", "rank")} | {"period": period} == analysis["impliedVolMetric"]
    assert all(0 <= row["rank"] <= 1 and 0 <= row["percentile"] < 1 for row in analysis["volatilityList"])
    ratio = analysis["impliedVol30Days"] / analysis["hisVolatility"]
    assert analysis["ivHisVRatio"] == pytest.approx(ratio, abs=0.02)


def test_bars_come_newest_first_where_asked() -> None:
    option = _pick(FIRST_MS, "AAPL", 60)

    newest_first = _bars(FIRST_MS, option, sort_dir="SortDir_Descend")

    assert newest_first == _bars(FIRST_MS, option)[::-1]
    assert len(newest_first) > 10


def test_what_is_not_listed_is_left_out() -> None:
    wrong = _pick(FIRST_MS, "AAPL", 60) | {"strike": "0.37"}

    assert ask(FIRST_MS, "option_kline", option_query=[wrong]) == []
    assert ask(FIRST_MS, "option_trade_tick", [wrong]) == []
    assert ask(FIRST_MS, "option_timeline", option_query=[wrong]) == []
    assert ask(FIRST_MS, "option_depth", option_basic=[wrong]) == []
    assert ask(FIRST_MS, "option_analysis", symbols=[{"symbol": "600519"}]) == []


@pytest.mark.parametrize(
    ("method", "biz", "code"),
    [
        ("option_kline", {}, 1000),
        ("option_kline", {"option_query": [{"symbol": "AAPL", "expiry": FIRST_MS, "period": "week"}]}, 1010),
        ("option_trade_tick", [], 1000),
        ("option_trade_tick", [{"symbol": "AAPL", "expiry": FIRST_MS}], 1000),
        ("option_depth", {"option_basic": "AAPL"}, 1010),
        ("option_timeline", {"option_basic": [{}]}, 1000),
        ("option_analysis", {"symbols": [{"symbol": "AAPL", "period": "day"}]}, 1010),
        ("option_analysis", {"symbols": ["AAPL"]}, 1010),
    ],
)
def test_a_wrong_question_is_refused(method: str, biz: Any, code: int) -> None:
    with pytest.raises(WireRefusal) as refusal:
        ask(FIRST_MS, method, biz)

    assert refusal.value.code == code
