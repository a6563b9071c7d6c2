"""The gateway's table of limits is Tiger's documentation, and the simulator's is the same."""

import pytest

from app.errors import TigerRateLimited
from app.simulator.rate_limits import CALLS_PER_MINUTE as ENFORCED
from app.simulator.rate_limits import OTHER_CALLS_PER_MINUTE
from app.tiger.deadline import Deadline, Purpose
from app.tiger.pipeline.limits import Limits
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.quota import Quota
from app.tiger.wire.methods import METHODS, MIDDLE, UNNAMED


@pytest.mark.parametrize(
    ("method", "calls"),
    [
        ("user_token_refresh", 10),
        ("user_license", 10),
        ("quote_delay", 10),
        ("kline_quota", 10),
        ("future_exchange", 10),
        ("option_trade_tick", 120),
        ("future_real_time_quote", 120),
        ("future_tick", 120),
        ("addon_entitlements", 60),
    ],
)
def test_a_method_has_the_calls_that_the_documentation_gives_it(method, calls):
    limit = Limits().get(method)

    assert limit is not None
    assert limit.calls == calls


def test_no_read_and_no_refusal_of_reads_holds_back_the_refresh_of_a_token(counter):
    quota, deadline = Quota(counter, Limits(), Observer()), Deadline.after(1, purpose=Purpose.COMMAND)
    for method in ("user_license", "quote_delay", "accounts"):
        quota.pause("1", "a", method)
    for _ in range(10):
        quota.release(quota.take("1", "", "user_token_refresh", deadline))

    # An eleventh within the minute is told when there is a turn: it is tried again then.
    with pytest.raises(TigerRateLimited):
        quota.take("1", "", "user_token_refresh", deadline)


def test_the_simulator_enforces_what_the_gateway_keeps_to():
    named = {method: row.calls_per_minute for method, row in METHODS.items() if row.source != UNNAMED}

    assert {method: ENFORCED.get(method, OTHER_CALLS_PER_MINUTE) for method in named} == named
    assert OTHER_CALLS_PER_MINUTE == MIDDLE
