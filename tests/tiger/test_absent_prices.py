"""A price that nobody offers is null, never a price of 0 that somebody could trade on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from app.tiger.market.options import fetch_option_chain, get_legs
from app.tiger.market.quotes import fetch_quote, fetch_quotes
from app.tiger.sessions import Session
from tests.support.client import FIRST
from tests.tiger.opening import open_sessions

NO_BID_MS = int(datetime(2026, 3, 11, 18, 1, 30, tzinfo=UTC).timestamp() * 1000) // 180_000 * 180_000 + 60_000


@pytest.fixture
def thin(tmp_path: Path) -> Iterator[Simulator]:
    """Give a simulator that stands still in a minute in which nobody bids for BIDU."""
    options = SimulatorOptions(
        folder=tmp_path,
        limit_scale=0,
        frozen_at_ms=NO_BID_MS,
        readings=Readings(quote_permission="granted"),
    )
    with Simulator.running(options) as simulator:
        yield simulator


@pytest.fixture
def session(thin: Simulator) -> Session:
    """Give a session with it."""
    return open_sessions(thin).session(FIRST)


def test_a_bid_that_nobody_makes_is_null_in_a_quote(session: Session) -> None:
    quote = fetch_quote(session, "BIDU")

    assert (quote["bid_price"], quote["bid_size"]) == (None, 0)
    assert min(quote["ask_price"], quote["ask_size"], quote["latest_price"]) > 0


def test_an_ask_that_nobody_makes_is_null_in_a_batch(session: Session, thin: Simulator) -> None:
    thin.advance(60)
    quote = fetch_quotes(session, ["BIDU"], ("bid_price", "ask_price", "ask_size"))["quotes"]["BIDU"]

    assert (quote["ask_price"], quote["ask_size"]) == (None, 0)
    assert quote["bid_price"] > 0


def test_what_nobody_offers_or_ever_traded_is_null_in_a_chain(session: Session) -> None:
    day = datetime.strptime(fetch_option_chain(session, "AAPL")["expirations"][0], "%Y%m%d").replace(tzinfo=UTC)
    chain = fetch_option_chain(session, "AAPL", day.date())["chain"]
    legs = chain["calls"] + chain["puts"]

    assert {leg["bid_price"] for leg in legs if leg["bid_size"] == 0} == {None}
    assert {leg["latest_price"] for leg in legs if leg["open_interest"] == 0} == {None}
    assert 0 not in {leg[name] for leg in legs for name in ("bid_price", "ask_price", "latest_price", "pre_close")}


@pytest.mark.parametrize(
    ("price", "size", "told"),
    [(0.0, 0, None), (0.0, None, None), (0, 5, 0), ("0.0", "0", None), (1.5, 0, 1.5), (None, None, None)],
)
def test_a_side_of_zero_stands_only_where_something_is_offered(price: object, size: object, told: float | None) -> None:
    leg = get_legs([{"call": {"strike": "1", "bidPrice": price, "bidSize": size}}], "call")[0]

    assert leg["bid_price"] == told
