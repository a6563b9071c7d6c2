"""Orders placed and modified keep to five a second for each account, whoever sends them; cancellations never wait."""

import threading
from dataclasses import replace

import pytest

from app.errors import TigerRateLimited
from app.shared.call_counter import CallCounter
from app.tiger.deadline import Deadline, Purpose
from app.tiger.pipeline.limits import RATES, WINDOW_SECONDS, Limit, Limits, Rate
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.quota import Quota

TIGER_ID, ACCOUNT, OTHER_ACCOUNT = "20153921", "66804149", "20240830213609658"


def get_deadline(seconds):
    return Deadline.after(seconds, purpose=Purpose.COMMAND)


def get_counts(method="place_order", *, account=ACCOUNT, limits=None, limit=None):
    limit = limit or (limits or Limits()).get(method)
    return limit.get_counts(TIGER_ID, account, method, Purpose.COMMAND)


def ask(counter, method="place_order", **options):
    return counter.take(get_counts(method, **options), is_urgent=True, arrival_seconds=0.3)


def take(counter, method="place_order", **options):
    """Return how many calls are allowed of one."""
    return 1 if ask(counter, method, **options).rows else 0


def test_the_sixth_order_of_a_second_waits_for_the_first_to_be_over(counter, clock):
    granted = [take(counter) for _ in range(5)]
    refusal = ask(counter)
    clock.advance(refusal.wait_seconds)

    assert granted == [1] * 5
    assert 1.0 < refusal.wait_seconds <= 1.305
    assert [take(counter) for _ in range(6)] == [1] * 5 + [0]


def test_placing_and_modifying_count_together_and_nothing_else_does(counter):
    granted = [take(counter, method) for method in ("place_order", "modify_order") * 3]

    assert granted == [1] * 5 + [0]
    assert take(counter, "cancel_order") == 1
    assert take(counter, "preview_order") == 1


def test_each_account_has_a_second_of_its_own(counter):
    granted = [take(counter, account=account) for account in (ACCOUNT, OTHER_ACCOUNT) * 6]

    assert granted == [1] * 10 + [0] * 2


def test_the_minute_of_the_tiger_id_holds_beside_the_second(counter, clock):
    limits = Limits(replaced=["place_order=7"])
    granted = []
    for _ in range(4):
        granted += [take(counter, limits=limits) for _ in range(3)]
        clock.advance(2)

    assert sum(granted) == 7
    assert ask(counter, limits=limits).wait_seconds > 50


def test_an_order_whose_answer_comes_late_counts_for_a_second_after_it(counter, clock):
    rows = [ask(counter).rows for _ in range(5)]
    clock.advance(1.0)
    counter.count_anew(get_counts(), rows[0])
    clock.advance(0.4)
    granted = [take(counter) for _ in range(5)]

    assert granted == [1] * 4 + [0]


def test_the_next_limit_of_this_kind_is_a_row(counter, clock):
    limit = Limit(60, 60, Rate("ticks", frozenset({"trade_tick"}), "tiger_id", 2, 10.0))
    granted = [take(counter, "trade_tick", account=account, limit=limit) for account in (ACCOUNT, OTHER_ACCOUNT, "")]
    clock.advance(10.4)

    assert granted == [1, 1, 0]
    assert take(counter, "trade_tick", limit=limit) == 1


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


def test_tigers_refusal_for_the_rate_pauses_the_orders_of_that_account_for_a_second(counter, clock):
    Quota(counter, Limits(), Observer(), clock=clock.seconds).pause(TIGER_ID, ACCOUNT, "place_order", 1.0)
    refused = ask(counter, "modify_order")
    others = take(counter, account=OTHER_ACCOUNT)
    cancelled = take(counter, "cancel_order")
    clock.advance(1)

    assert (refused.rows, refused.wait_seconds, others, cancelled) == ((), 1.0, 1, 1)
    assert take(counter, "modify_order") == 1


def test_an_order_that_gets_no_turn_before_its_deadline_is_told_when_there_is_one(counter):
    quota = Quota(counter, Limits(), Observer())
    for _ in range(5):
        quota.release(quota.take(TIGER_ID, ACCOUNT, "place_order", get_deadline(5)))

    with pytest.raises(TigerRateLimited) as caught:
        quota.take(TIGER_ID, ACCOUNT, "place_order", get_deadline(0.2))

    assert 0 < (caught.value.retry_after or 0) <= 1.4
    quota.release(quota.take(TIGER_ID, ACCOUNT, "cancel_order", get_deadline(0.2)))


def test_orders_that_wait_for_each_other_in_one_process_all_get_their_turn(storage):
    quota, taken = Quota(CallCounter(storage), Limits(), Observer()), []

    def order():
        quota.release(quota.take(TIGER_ID, ACCOUNT, "place_order", get_deadline(30)))
        taken.append(1)

    threads = [threading.Thread(target=order) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)

    assert len(taken) == 12
