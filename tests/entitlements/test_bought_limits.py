"""Only figures that make sense change a limit; whatever else Tiger says, the published ones stay."""

import pytest

from app.tiger.credential.entitlements import get_bought
from app.tiger.pipeline.limits import Limits

PUBLISHED = (120, 60, 10)


def figures(high=120, middle=60, low=10, multiple=1):
    sent = {"highFreqLimit": high, "midFreqLimit": middle, "lowFreqLimit": low, "rateMultiple": multiple}
    return {"userLevel": "PRO", "effectiveEntitlement": sent}


@pytest.mark.parametrize(
    ("sent", "bought"),
    [
        (figures(), PUBLISHED),
        (figures(240, 120, 20), (240, 120, 20)),
        (figures("240", 120.0, 20), (240, 120, 20)),
        (figures(240, 120, 20, 2), (240, 120, 20)),
        (figures(multiple=2), PUBLISHED),
        (figures(multiple="1.5"), PUBLISHED),
        (figures(60, 30, 5), (60, 30, 5)),
        (figures(60, 30, 5, 3), (60, 30, 5)),
        (figures(0, None, -5), PUBLISHED),
        (figures("many", [], {}), PUBLISHED),
        (figures(10**9, 10**9, 10**9), PUBLISHED),
        (figures(multiple=0), PUBLISHED),
        (figures(multiple=-3), PUBLISHED),
        (figures(multiple=10**6), PUBLISHED),
        (figures(multiple=float("nan")), PUBLISHED),
        (figures(1, 1, 1), PUBLISHED[:2] + (1,)),
        (figures(10, 20, 30, 2), None),
        (figures()["effectiveEntitlement"] | {"highFreqLimit": 600}, (600, 60, 10)),
        ({}, PUBLISHED),
    ],
)
def test_figures_become_limits(sent, bought):
    assert get_bought(sent) == bought


def test_what_one_tiger_id_bought_is_not_anothers():
    limits = Limits()
    limits.take_bought("1", (240, 120, 20))
    calls = {
        (tiger_id, method): limit.calls
        for tiger_id in ("1", "2")
        for method in ("place_order", "kline", "market_state")
        if (limit := limits.get(method, tiger_id))
    }

    assert [calls["1", method] for method in ("place_order", "kline", "market_state")] == [240, 120, 20]
    assert [calls["2", method] for method in ("place_order", "kline", "market_state")] == [120, 60, 10]


def test_a_setting_goes_before_what_was_bought():
    limits = Limits(replaced=["kline=77"])
    limits.take_bought("1", (240, 120, 20))
    limit = limits.get("kline", "1")

    assert limit is not None
    assert limit.calls == 77


def test_what_is_bought_no_longer_is_not_used():
    limits = Limits()
    limits.take_bought("1", (240, 120, 20))
    limits.take_bought("1", None)
    limit = limits.get("kline", "1")

    assert limit is not None
    assert limit.calls == 60
