"""The gateway's table of limits is Tiger's documentation, and the simulator's is the same."""

import pytest

from app.simulator.limits import CALLS_PER_MINUTE as ENFORCED
from app.simulator.limits import OTHER_CALLS_PER_MINUTE
from app.tiger.flow.limits import CALLS_PER_MINUTE, MIDDLE, Limits


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


def test_the_simulator_enforces_what_the_gateway_keeps_to():
    enforced = {method: ENFORCED.get(method, OTHER_CALLS_PER_MINUTE) for method in CALLS_PER_MINUTE}

    assert enforced == CALLS_PER_MINUTE
    assert OTHER_CALLS_PER_MINUTE == MIDDLE
