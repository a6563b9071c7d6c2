"""Questions to the market at any moment, without HTTP: what the consistency tests ask thousands of times."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from app.simulator.clock import Clock
from app.simulator.market.listings import LISTINGS
from app.simulator.methods.market import Market
from app.simulator.wire import WireRequest

FIRST_MS = int(datetime(2026, 1, 5, 15, 0, tzinfo=UTC).timestamp() * 1000)
LAST_MS = int(datetime(2026, 11, 20, 21, 0, tzinfo=UTC).timestamp() * 1000)
moments = st.integers(FIRST_MS // 1000, LAST_MS // 1000).map(lambda seconds: seconds * 1000)
stocks = st.sampled_from(sorted(symbol for symbol, listed in LISTINGS.items() if listed.sec_type == "STK"))
us_stocks = st.sampled_from(
    sorted(s for s, listed in LISTINGS.items() if (listed.sec_type, listed.market) == ("STK", "US"))
)


class Asker:
    """Ask one market, moved to a moment before each question."""

    def __init__(self, seed: int = 11, real_hours: bool = False) -> None:
        self.clock = Clock(FIRST_MS)
        self.market = Market(seed, self.clock, real_hours)

    def __call__(self, at_ms: int, method: str, biz: Any = None, **fields: Any) -> Any:
        self.clock.freeze(at_ms)
        asked = fields if biz is None else biz
        return self.market.methods[method](WireRequest(method, "2.0", asked, "20150001", "en_US", at_ms))
