"""A price that is pushed seldom is asked for once it is too old to go by: that nobody trades is no reason to deny."""

import json

import pytest
from flask import Flask

from app.clock import get_now_ms
from app.gateway import get_gateway
from app.quote_feed.feed import ANSWERED
from app.quote_feed.items import Item
from app.quote_feed.messages import Era, Latest, Standing
from app.simulator.running import Simulator
from app.tiger.instrument import Instrument
from app.tiger.push.feeds import Feed
from tests.limits.conftest import SetLimits
from tests.orders.trader import get_order
from tests.support.client import Client

TIGER_ID = "20154747"


@pytest.mark.parametrize(("seconds", "calls"), [(3, 0), (60, 1), (3_600, 1)])
def test_a_limit_goes_by_a_price_that_was_not_pushed_for_long(
    client: Client, app: Flask, simulator: Simulator, set_limits: SetLimits, seconds: int, calls: int
) -> None:
    quote = client.data("/api/market/quote", symbol="AAPL")
    members = {name: quote.get(name) for name in ANSWERED} | {"delayed": False}
    key = Item(TIGER_ID, Feed.QUOTES, Instrument("AAPL")).key
    feed = get_gateway(app).live_quotes.feed
    latest = Latest(key, 1, get_now_ms() - 1_000 * seconds, "push", json.dumps(members))
    for message in (Era("one"), Standing(TIGER_ID, "push", None), latest):
        feed.take(message)
    set_limits(max_order_value=10_000_000)
    simulator.reset_counts()
    order = client.send(
        "/api/trade/place-order", get_order(order_type="MKT", limit_price=None), **{"Idempotency-Key": "quiet"}
    )

    assert order.status_code == 200, order.text
    assert simulator.calls("quote_real_time") == calls
