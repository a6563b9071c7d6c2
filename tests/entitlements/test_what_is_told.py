"""What a user may read comes with the quotas and limits that Tiger tells, as far as it tells them."""

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.credential.entitlements import get_entitlements, get_quotas
from tests.support.client import SECOND, Client

PATH = "/api/market/permissions"


def test_what_tiger_was_seen_to_send_is_read() -> None:
    # Recorded answers of Tiger's, shortened.
    quota = {"remain": 1900, "used": 100, "method": "kline", "details": [], "symbolDetails": []}
    told = {
        "userLevel": "PRO",
        "activePlan": {"planType": "USQuotePro", "expireTime": 1735660800000},
        "addons": [{"planType": "USOption", "active": False, "startTime": None, "expireTime": None}],
        "effectiveEntitlement": {"historyStockLimit": 1000, "historyStockRemaining": 998, "rateMultiple": 2},
    }
    entitlements = get_entitlements(told)

    assert get_quotas([quota, {"remain": 5}]) == [{"method": "kline", "used": 100, "remaining": 1900}]
    assert entitlements["user_level"] == "PRO"
    assert entitlements["plan"] == {"type": "USQuotePro", "expires_at": 1735660800000}
    assert entitlements["addons"] == [{"type": "USOption", "active": False, "starts_at": None, "expires_at": None}]
    limits = entitlements["limits"]
    assert (limits["history_stocks"], limits["history_stocks_remaining"], limits["rate_multiple"]) == (1000, 998, 2)
    assert limits["subscriptions"] is None


def test_quotas_and_limits_are_told_and_kept(client: Client, simulator: Simulator) -> None:
    told, again = (client.data(PATH) for _ in range(2))
    quotas = {row["method"]: row["remaining"] for row in told["history_quota"]}

    assert again == told
    assert quotas.keys() == {"kline", "future_kline", "option_kline"}
    assert told["entitlements"]["limits"]["history_stocks_remaining"] == quotas["kline"]
    assert told["entitlements"]["limits"]["high_frequency_calls"] == 120
    assert (simulator.calls("kline_quota"), simulator.calls("addon_entitlements")) == (1, 1)


def test_what_one_user_has_is_told_to_no_other(client: Client, simulator: Simulator) -> None:
    simulator.set_entitlements("20154747", subscribeLimit=77)
    first, second = (each.data(PATH)["entitlements"]["limits"] for each in (client, client.for_account(SECOND)))
    simulator.set_entitlements("20154747")

    assert first["subscriptions"] == 77
    assert second["subscriptions"] != 77


@pytest.mark.parametrize(
    ("method", "silent", "told"),
    [("kline_quota", "history_quota", "entitlements"), ("addon_entitlements", "entitlements", "history_quota")],
)
def test_what_tiger_does_not_say_is_null(
    client: Client, simulator: Simulator, method: str, silent: str, told: str
) -> None:
    simulator.inject(Fault("code", method=method, code=4, message="4000:permission denied"))
    answer = client.data(PATH)

    assert answer[silent] is None
    assert answer[told] is not None
    assert answer["permissions"]
