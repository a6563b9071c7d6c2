"""Whenever somebody polls, each trade comes once, in order; that a new session began is told, and none of it lost."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tiger.market.tick_rows import Tick, get_future_ticks, get_stock_ticks
from app.tiger.market.ticks import follow
from tests.simulator.asking import Asker, moments

asker = Asker()
resting = Asker(real_hours=True)
waits = st.lists(
    st.sampled_from([0, 1, 5, 59, 300, 3_600, 9 * 3_600, 20 * 3_600, 26 * 3_600, 70 * 3_600]), min_size=1, max_size=6
)


def ask_at(ask: Asker, at_ms: int, kind: str, begin: int, end: int, count: int) -> list[Tick]:
    span = {"begin_index": begin, "end_index": end, "limit": count}
    if kind == "FUT":
        return list(get_future_ticks(ask(at_ms, "future_tick", contract_code="ESmain", **span))["ESmain"])
    return list(get_stock_ticks(ask(at_ms, "trade_tick", symbols=["AAPL"], **span))["AAPL"])


@given(moments, waits, st.sampled_from([asker, resting]), st.sampled_from(["STK", "FUT"]))
@settings(deadline=None, max_examples=40)
def test_whoever_polls_gets_each_trade_once(first_ms: int, pauses: list[int], ask: Asker, kind: str) -> None:
    at_ms = first_ms
    last: Tick | None = next(reversed(ask_at(ask, at_ms, kind, -1, -1, 5)), None)
    calendar = ask.market._exchange.calendar("FUT" if kind == "FUT" else "US")
    for pause in pauses:
        session = calendar.current(at_ms)
        at_ms += pause * 1_000

        def read(begin: int, end: int, count: int, now_ms: int = at_ms) -> list[Tick]:
            return ask_at(ask, now_ms, kind, begin, end, count)

        after: dict[str, Any] = {"after": -1, "after_time": None}
        if last is not None:
            after = {"after": last["index"], "after_time": last["time"]}
        ticks, restarted, has_more = follow(read, **after, limit=400)

        assert restarted == (last is not None and calendar.current(at_ms) is not session)
        first = 0 if restarted or last is None else last["index"] + 1
        assert [tick["index"] for tick in ticks] == list(range(first, first + len(ticks)))
        assert last is None or all(tick["time"] > last["time"] for tick in ticks)
        assert ticks == ask_at(ask, at_ms, kind, first, first + len(ticks), 400)[: len(ticks)]
        assert has_more or not ask_at(ask, at_ms, kind, first + len(ticks), first + len(ticks) + 1, 1)
        last = ticks[-1] if ticks else None if restarted else last


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_a_page_holds_as_many_as_were_asked_for(limit: int) -> None:
    at_ms = 1_780_000_000_000

    def read(begin: int, end: int, count: int) -> list[Tick]:
        return ask_at(asker, at_ms, "STK", begin, end, count)

    ticks, restarted, has_more = follow(read, 100, None, limit)

    assert [tick["index"] for tick in ticks] == list(range(101, 101 + limit))
    assert (restarted, has_more) == (False, True)
