"""Digital assets trade on every day and at every hour; their minutes add up to days of the calendar in UTC."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.asking import FIRST_MS, Asker, moments

ask = Asker(real_hours=True)
assets = st.sampled_from(["BTC/USD", "ETH.USD", "SOL/USD"])
DAY_MS = 86_400_000


def _items(at_ms: int, symbol: str, **fields: Any) -> list[dict[str, Any]]:
    (row,) = ask(at_ms, "kline", symbols=[symbol], sec_type="CC", **fields)
    items: list[dict[str, Any]] = row["items"]
    return items


@given(assets, moments)
@settings(deadline=None, max_examples=30)
def test_minutes_add_up_to_the_day_and_to_the_quote(symbol: str, at_ms: int) -> None:
    (quote,) = ask(at_ms, "quote_real_time", symbols=[symbol], sec_type="CC")
    (day,) = _items(at_ms, symbol, limit=1)
    minutes = _items(at_ms, symbol, period="5min", begin_time=day["time"], limit=400)

    assert day["time"] == at_ms // DAY_MS * DAY_MS
    assert sum(row["volume"] for row in minutes) == day["volume"] == quote["volume"]
    assert (minutes[0]["open"], minutes[-1]["close"]) == (quote["open"], quote["latestPrice"])
    assert max(row["high"] for row in minutes) == quote["high"]
    assert quote["bidPrice"] < quote["askPrice"]


@given(assets, moments)
@settings(deadline=None, max_examples=20)
def test_there_is_a_day_for_every_date(symbol: str, at_ms: int) -> None:
    times = [row["time"] for row in _items(at_ms, symbol, limit=30)]

    assert times == list(range(times[0], times[0] + 30 * DAY_MS, DAY_MS))


def test_they_are_found_under_their_own_type_only() -> None:
    (contract,) = ask(FIRST_MS, "contract", symbol="BTC.USD", sec_type="CC")

    assert (contract["symbol"], contract["secType"], contract["currency"]) == ("BTC/USD", "CC", "USD")
    assert "BTC/USD" in ask(FIRST_MS, "all_symbols", sec_type="CC")
    assert "BTC/USD" not in ask(FIRST_MS, "all_symbols")
    assert ask(FIRST_MS, "quote_real_time", symbols=["BTC.USD"]) == []
    assert ask(FIRST_MS, "quote_real_time", symbols=["AAPL"], sec_type="CC") == []
