"""Order numbers that are reserved ahead."""

import time
from typing import cast

from app.gateway import get_gateway
from app.tiger.sessions import Session
from tests.orders.trader import get_price
from tests.support.server import wait_until


class Broken:
    """A session that fails as a bug of ours would."""

    def __init__(self, session):
        self.account = session.account

    def call(self, *_arguments, **_options):
        raise KeyError(self.account.account)


def test_an_unexpected_error_does_not_end_the_reserving(trader, app):
    numbers = get_gateway(app).orders.context.numbers
    session = get_gateway(app).tiger.session(trader.client.account)
    while numbers.take(session) is not None:
        pass
    numbers.refill(cast("Session", Broken(session)))
    numbers.refill(session)

    wait_until(lambda: numbers.take(session) is not None, 15)
    assert trader.place(limit_price=get_price()).status_code == 200


def test_a_request_whose_time_is_over_still_has_a_number_reserved_behind_it(trader, app):
    numbers = get_gateway(app).orders.context.numbers
    session = get_gateway(app).tiger.session(trader.client.account, asked_at=time.monotonic() - 3_600)
    while numbers.take(session) is not None:
        pass
    numbers.refill(session)

    wait_until(lambda: numbers.take(session) is not None, 15)
