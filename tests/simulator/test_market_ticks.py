"""Ticks are told once and stay as they were told; those of the minutes that have passed add up to these."""

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.asking import Asker, moments, stocks, us_stocks

ask = Asker()
resting = Asker(real_hours=True)
askers = st.sampled_from([ask, resting])
waits = st.integers(0, 240_000)
sessions = st.sampled_from([("PreMarket", "preMarket"), ("AfterHours", "afterHours"), ("OverNight", "overnight")])
classes = st.sampled_from(["AAPL", "F", "SPY", "TCH.HK"])
chances = st.integers(0, 10**6)
EXAMPLES = settings(deadline=None, max_examples=30)
MINUTE_MS = 60_000


def _pick(asker: Asker, at_ms: int, symbol: str, chance: int) -> dict[str, Any]:
    """Return one listed option of a class, as a request names it."""
    (listed,) = asker(at_ms, "option_expiration", symbols=[symbol])
    expiry = listed["timestamps"][1 + chance % 3]
    (chain,) = asker(at_ms, "option_chain", option_basic=[{"symbol": symbol, "expiry": expiry}])
    legs = [leg for item in chain["items"] for leg in item.values()]
    leg = legs[chance % len(legs)]
    return {"symbol": symbol, "expiry": expiry, "strike": leg["strike"], "right": leg["right"].upper()}


def _is_same_day(asker: Asker, market: str, at_ms: int, later_ms: int) -> bool:
    calendar = asker.market._exchange.calendar(market)
    return calendar.current(at_ms) is calendar.current(later_ms)


@given(stocks, moments, waits, askers)
@EXAMPLES
def test_what_a_stock_traded_stays_as_it_was(symbol: str, at_ms: int, wait_ms: int, asker: Asker) -> None:
    (then,) = asker(at_ms, "trade_tick", symbols=[symbol], begin_index=-1, end_index=-1, limit=50)
    span = {"begin_index": then["beginIndex"], "end_index": then["endIndex"]}
    (later,) = asker(at_ms + wait_ms, "trade_tick", symbols=[symbol], **span)

    market = "US" if symbol.isalpha() or "." in symbol else "HK" if len(symbol) == 5 else "CN"
    if _is_same_day(asker, market, at_ms, at_ms + wait_ms):
        assert later == then


@given(us_stocks, moments, waits, askers, sessions)
@EXAMPLES
def test_what_a_session_traded_stays_as_it_was(
    symbol: str, at_ms: int, wait_ms: int, asker: Asker, session: tuple[str, str]
) -> None:
    fields = {"symbols": [symbol], "trade_session": session[0], "begin_index": 0, "end_index": 2_000}
    (then,) = asker(at_ms, "trade_tick", **fields)
    (later,) = asker(at_ms + wait_ms, "trade_tick", **fields)

    if then["items"] and later["items"] and later["items"][0] == then["items"][0]:
        assert later["items"][: len(then["items"])] == then["items"]


@given(us_stocks, moments, askers, sessions)
@EXAMPLES
def test_ticks_of_a_session_add_up_to_its_minutes(
    symbol: str, at_ms: int, asker: Asker, session: tuple[str, str]
) -> None:
    (ticks,) = asker(at_ms, "trade_tick", symbols=[symbol], trade_session=session[0], limit=2_000)
    (row,) = asker(at_ms, "kline", symbols=[symbol], trade_session=session[0], period="1min", limit=600)
    first_ms = ticks["items"][0]["time"] if ticks["items"] else at_ms
    passed = [bar for bar in row["items"] if first_ms <= bar["time"] + MINUTE_MS <= at_ms]

    assert sum(tick["volume"] for tick in ticks["items"]) == sum(bar["volume"] for bar in passed)
    assert all(one["time"] < other["time"] <= at_ms for one, other in pairwise(ticks["items"]))


@given(classes, chances, moments, waits, askers)
@EXAMPLES
def test_what_an_option_traded_stays_as_it_was(
    symbol: str, chance: int, at_ms: int, wait_ms: int, asker: Asker
) -> None:
    option = _pick(asker, at_ms, symbol, chance)
    (then,) = asker(at_ms, "option_trade_tick", [option])
    (later,) = asker(at_ms + wait_ms, "option_trade_tick", [option])

    if _is_same_day(asker, "HK" if symbol.endswith(".HK") else "US", at_ms, at_ms + wait_ms):
        assert later["items"][: len(then["items"])] == then["items"]


@given(classes, chances, moments, askers)
@EXAMPLES
def test_ticks_of_an_option_add_up_to_its_minutes(symbol: str, chance: int, at_ms: int, asker: Asker) -> None:
    option = _pick(asker, at_ms, symbol, chance)
    (ticks,) = asker(at_ms, "option_trade_tick", [option])
    (timeline,) = asker(at_ms, "option_timeline", option_query=[option])
    starts = [minute["time"] for minute in timeline["minutes"]]
    # The last minute still runs, or ends with the day.
    ended_ms = starts[-1] if starts else at_ms
    traded = sum(tick["volume"] for tick in ticks["items"] if tick["time"] <= ended_ms)

    assert traded == sum(minute["volume"] for minute in timeline["minutes"][:-1])
    assert all(one["time"] < other["time"] <= at_ms for one, other in pairwise(ticks["items"]))


@given(st.sampled_from(["ES", "CL", "GC"]), moments, waits, askers)
@EXAMPLES
def test_what_a_future_traded_stays_as_it_was(product: str, at_ms: int, wait_ms: int, asker: Asker) -> None:
    code = asker(at_ms, "future_current_contract", type=product)["contractCode"]
    then = asker(at_ms, "future_tick", contract_code=code, begin_index=-1, end_index=-1, limit=50)["items"]
    first, last = (then[0]["index"], then[-1]["index"]) if then else (0, -1)
    later = asker(at_ms + wait_ms, "future_tick", contract_code=code, begin_index=first, end_index=last + 1)["items"]

    if _is_same_day(asker, "FUT", at_ms, at_ms + wait_ms):
        assert later == then
        assert len(then) == min(50, last + 1)
