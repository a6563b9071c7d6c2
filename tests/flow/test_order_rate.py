"""Orders placed and modified keep to five a second for each account, whoever sends them; cancellations never wait."""

import threading
from dataclasses import replace

import pytest

from app.errors import TigerRateLimited
from app.shared.call_ledger import CallLedger
from app.tiger.deadline import Deadline
from app.tiger.pipeline.budget import Budget, Settlement
from app.tiger.pipeline.limits import RATES, WINDOW_SECONDS, Limit, Limits, Rate
from app.tiger.pipeline.watch import Watch

TIGER_ID, ACCOUNT, OTHER_ACCOUNT = "20153921", "66804149", "20240830213609658"


def take(ledger, method="place_order", *, account=ACCOUNT, limits=None, limit=None):
    limit = limit or (limits or Limits()).get(method)
    counts = limit.get_counts(TIGER_ID, account, method, is_urgent=True)
    return ledger.take(counts, 1, is_urgent=True, arrival_seconds=0.3)


def test_the_sixth_order_of_a_second_waits_for_the_first_to_be_over(ledger, clock):
    granted = [take(ledger).calls for _ in range(5)]
    refusal = take(ledger)
    clock.advance(refusal.wait_seconds)

    assert granted == [1] * 5
    assert (refusal.calls, 1.0 < refusal.wait_seconds <= 1.301) == (0, True)
    assert [take(ledger).calls for _ in range(6)] == [1] * 5 + [0]


def test_placing_and_modifying_count_together_and_nothing_else_does(ledger):
    granted = [take(ledger, method).calls for method in ("place_order", "modify_order") * 3]

    assert granted == [1] * 5 + [0]
    assert take(ledger, "cancel_order").calls == 1
    assert take(ledger, "preview_order").calls == 1


def test_each_account_has_a_second_of_its_own(ledger):
    granted = [take(ledger, account=account).calls for account in (ACCOUNT, OTHER_ACCOUNT) * 6]

    assert granted == [1] * 10 + [0] * 2


def test_the_minute_of_the_tiger_id_holds_beside_the_second(ledger, clock):
    limits = Limits(replaced=["place_order=7"])
    granted = []
    for _ in range(4):
        granted += [take(ledger, limits=limits).calls for _ in range(3)]
        clock.advance(2)

    assert sum(granted) == 7
    assert take(ledger, limits=limits).wait_seconds > 50


def test_an_order_whose_answer_comes_late_counts_for_a_second_after_it(ledger, clock):
    rows = [take(ledger).rows for _ in range(5)]
    clock.advance(1.0)
    ledger.settle([Settlement(rows[0], 1, 1.0)])
    clock.advance(0.4)
    granted = [take(ledger).calls for _ in range(5)]

    assert granted == [1] * 4 + [0]


def test_the_next_limit_of_this_kind_is_a_row(ledger, clock):
    limit = Limit(60, 60, Rate("ticks", frozenset({"trade_tick"}), "tiger_id", 2, 10.0))
    granted = [
        take(ledger, "trade_tick", account=account, limit=limit).calls for account in (ACCOUNT, OTHER_ACCOUNT, "")
    ]
    clock.advance(10.3)

    assert granted == [1, 1, 0]
    assert take(ledger, "trade_tick", limit=limit).calls == 1


def test_every_rate_is_shorter_than_the_minute_and_has_methods_of_its_own():
    methods = [method for rate in RATES for method in rate.methods]

    assert all(rate.window_seconds <= WINDOW_SECONDS for rate in RATES)
    assert len(methods) == len(set(methods))


@pytest.mark.parametrize(
    ("limits", "calls"), [(Limits(replaced=["order_rate=10"]), 10), (Limits(0.4), 2), (Limits(0.01), 1)]
)
def test_the_rate_can_be_set_and_scaled_like_the_limits_of_methods(limits, calls):
    limit = limits.get("place_order")

    assert limit is not None
    assert limit.rate == replace(RATES[0], calls=calls)


def test_tigers_refusal_for_the_rate_pauses_the_orders_of_that_account_for_a_second(ledger, clock):
    Budget(ledger, Limits(), Watch(), clock=clock.seconds).pause(TIGER_ID, "place_order", ACCOUNT, 1.0)
    refused = take(ledger, "modify_order")
    others = take(ledger, account=OTHER_ACCOUNT).calls
    cancelled = take(ledger, "cancel_order").calls
    clock.advance(1)

    assert (refused.calls, refused.wait_seconds, others, cancelled) == (0, 1.0, 1, 1)
    assert take(ledger, "modify_order").calls == 1


def test_an_order_that_gets_no_turn_before_its_deadline_is_told_when_there_is_one(ledger):
    budget = Budget(ledger, Limits(), Watch())
    for _ in range(5):
        budget.take(TIGER_ID, "place_order", Deadline.after(5), is_urgent=True, account=ACCOUNT).answered()

    with pytest.raises(TigerRateLimited) as caught:
        budget.take(TIGER_ID, "place_order", Deadline.after(0.2), is_urgent=True, account=ACCOUNT)

    assert 0 < (caught.value.retry_after or 0) <= 1.4
    budget.take(TIGER_ID, "cancel_order", Deadline.after(0.2), is_urgent=True, account=ACCOUNT).answered()


def test_limits_that_are_widened_widen_what_is_leased_at_once(ledger):
    rate = replace(RATES[0], calls=5_000)
    counts = Limit(120_000, 120_000, rate).get_counts(TIGER_ID, ACCOUNT, "place_order", is_urgent=True)

    assert ledger.take(counts, 200, is_urgent=True, arrival_seconds=0.3).calls == 200


def test_orders_that_wait_for_each_other_in_one_process_all_get_their_turn(storage):
    budget, taken = Budget(CallLedger(storage), Limits(), Watch()), []

    def order():
        budget.take(TIGER_ID, "place_order", Deadline.after(30), is_urgent=True, account=ACCOUNT).answered()
        taken.append(1)

    threads = [threading.Thread(target=order) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    budget.close()

    assert len(taken) == 12
