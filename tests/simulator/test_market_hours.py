"""What trades, trades in its hours: states, calendars, sessions of futures and bars tell of the same minutes."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.market.calendars import calendar_of
from tests.simulator.asking import Asker, moments

ask = Asker()
resting = Asker(real_hours=True)
askers = st.sampled_from([ask, resting])
products = st.sampled_from(["ES", "MES", "NQ", "CL", "GC"])
EXAMPLES = settings(deadline=None, max_examples=40)
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
HOLIDAYS = [date(2026, 1, 19), date(2026, 4, 3), date(2026, 5, 25), date(2026, 7, 3)]
LISTED = {"US": "AAPL", "HK": "00700", "CN": "600519"}


def _bars(asker: Asker, at_ms: int, code: str, **fields: Any) -> list[dict[str, Any]]:
    (row,) = asker(at_ms, "future_kline", contract_codes=[code], **fields)
    items: list[dict[str, Any]] = row["items"]
    return items


def _session(at_ms: int, code: str, on: date | None = None) -> dict[str, int] | None:
    """Return the session of a trading date, by default the one that runs or was last."""
    asked = {} if on is None else {"trading_date": on.isoformat()}
    times = resting(at_ms, "future_trading_date", contract_code=code, **asked)["tradingTimes"]
    return times[0] if times else None


@given(moments, st.sampled_from(sorted(LISTED)))
@EXAMPLES
def test_a_market_trades_while_its_minutes_run(at_ms: int, market: str) -> None:
    (state,) = resting(at_ms, "market_state", market=market)
    (row,) = resting(at_ms, "kline", symbols=[LISTED[market]], period="1min", limit=1)
    begins = row["items"][-1]["time"]

    assert (state["status"] == "TRADING") == (begins <= at_ms < begins + MINUTE_MS)


@given(moments, products)
@EXAMPLES
def test_a_future_trades_within_its_trading_times(at_ms: int, product: str) -> None:
    session = _session(at_ms, f"{product}main")

    assert session is not None
    assert resting.market.futures.is_open(at_ms) == (session["start"] <= at_ms < session["end"])


@given(st.sampled_from(HOLIDAYS), st.integers(0, 1380))
@EXAMPLES
def test_on_a_holiday_no_future_trades(on: date, minute: int) -> None:
    calendar = calendar_of("FUT")
    at_ms = calendar.midnight_ms(on) - 6 * HOUR_MS + minute * MINUTE_MS

    assert _session(at_ms, "ESmain", on) is None
    assert not resting.market.futures.is_open(at_ms)


@given(moments, products, askers)
@EXAMPLES
def test_the_bars_of_a_future_begin_within_its_trading_times(at_ms: int, product: str, asker: Asker) -> None:
    code = asker(at_ms, "future_current_contract", type=product)["contractCode"]
    begun = [bar["time"] for bar in _bars(asker, at_ms, code, period="30min", limit=100)]
    calendar = calendar_of("FUT")
    days = {calendar.local_date(begins) + timedelta(days=ahead) for begins in begun for ahead in (0, 1)}
    sessions = [session for on in days if (session := _session(at_ms, code, on))]

    assert all(any(session["start"] <= begins < session["end"] for session in sessions) for begins in begun)


@given(moments, products, askers)
@EXAMPLES
def test_a_future_has_a_bar_for_each_trading_date_that_ends_with_its_session(
    at_ms: int, product: str, asker: Asker
) -> None:
    calendar = calendar_of("FUT")
    ends = [bar["time"] for bar in _bars(asker, at_ms, f"{product}main", limit=20)]
    days = [calendar.local_date(end) for end in ends]
    between = [days[-1] + timedelta(days=number) for number in range((days[0] - days[-1]).days + 1)]

    assert {on: session["end"] for on in between if (session := _session(at_ms, f"{product}main", on))} == dict(
        zip(days, ends, strict=True)
    )


@given(moments, products, st.integers(-30, 6), askers)
@EXAMPLES
def test_what_is_listed_is_quoted_until_it_ends_and_no_longer(
    at_ms: int, product: str, hours: int, asker: Asker
) -> None:
    soonest = asker(at_ms, "future_contracts", type=product)[0]
    last = date.fromisoformat(soonest["lastTradingDate"])
    near_the_end = calendar_of("US").midnight_ms(last) + (16 + hours) * HOUR_MS
    listed = asker(near_the_end, "future_contracts", type=product)
    asked = {"contract_codes": [row["contractCode"] for row in [soonest, *listed]]}
    quoted = [row["contractCode"] for row in asker(near_the_end, "future_real_time_quote", asked)]

    assert quoted == [row["contractCode"] for row in listed]
    assert (soonest["contractCode"] in quoted) == (hours < 0)


@given(moments, products, askers)
@EXAMPLES
def test_quotes_of_futures_move_by_the_tick_that_their_contracts_name(at_ms: int, product: str, asker: Asker) -> None:
    listed = {row["contractCode"]: row for row in asker(at_ms, "future_contracts", type=product)}
    quotes = asker(at_ms, "future_real_time_quote", contract_codes=list(listed))

    for quote in quotes:
        steps = [quote[name] / listed[quote["contractCode"]]["minTick"] for name in ("latestPrice", "bidPrice", "high")]
        assert max(abs(step - round(step)) for step in steps) < 1e-6


@given(moments)
@EXAMPLES
def test_an_exchange_lists_what_its_types_list(at_ms: int) -> None:
    exchanges = [row["code"] for row in ask(at_ms, "future_exchange")]
    rows = [row for code in exchanges for row in ask(at_ms, "future_contract_by_exchange_code", exchange_code=code)]
    types = dict.fromkeys(row["type"] for row in rows)

    assert rows == [row for kind in types for row in ask(at_ms, "future_contracts", type=kind)]
    assert all(row == ask(at_ms, "future_contract_by_contract_code", contract_code=row["contractCode"]) for row in rows)
