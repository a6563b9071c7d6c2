"""The ledger never leases more than a limit within a minute, and loses nothing for longer than that."""

from app.tiger.pipeline.budget import Settlement
from app.tiger.pipeline.limits import Limit, Limits

TEN = Limit(10, 10)
KEY = ("20154747", "market_state")
ACCOUNT = "67686635"


def take(ledger, wanted=1, *, limit=TEN, key=KEY, is_urgent=False, is_lookup=False):
    counts = limit.get_counts(key[0], ACCOUNT, key[1], is_urgent=is_urgent, is_lookup=is_lookup)
    return ledger.take(counts, wanted, is_urgent=is_urgent, arrival_seconds=1.0)


def test_a_limit_is_leased_out_and_no_more(ledger):
    granted = [take(ledger, 4).calls for _ in range(4)]

    assert granted == [4, 4, 2, 0]


def test_a_refusal_says_when_there_is_room_again(ledger, clock):
    take(ledger, 10)
    clock.advance(20)
    refusal = take(ledger)
    clock.advance(refusal.wait_seconds)

    assert 40 <= refusal.wait_seconds <= 41.1
    assert take(ledger, 10).calls == 10


def test_what_a_killed_process_held_is_back_a_minute_after_it_could_have_called(ledger, clock):
    take(ledger, 10)
    clock.advance(59.9)
    before = take(ledger).calls
    clock.advance(1.2)

    assert before == 0
    assert take(ledger, 10).calls == 10


def test_calls_that_were_not_made_are_given_back(ledger):
    ledger.settle([Settlement(take(ledger, 10).rows, 3)])

    assert take(ledger, 10).calls == 7


def test_a_call_counts_until_a_minute_after_its_answer(ledger, clock):
    rows = take(ledger, 10).rows
    clock.advance(8)
    ledger.settle([Settlement(rows, 10, 7.0)])
    clock.advance(59.9)
    before = take(ledger).calls
    clock.advance(0.2)

    assert (before, take(ledger).calls) == (0, 1)


def test_each_credential_and_each_method_has_its_own_limit(ledger):
    take(ledger, 10)

    assert take(ledger, 10, key=("20153921", "market_state")).calls == 10
    assert take(ledger, 10, key=("20154747", "kline")).calls == 10


def test_reads_leave_a_share_to_orders(ledger):
    limit = Limits().get("orders")
    key = ("20154747", "orders")
    reads = take(ledger, 500, limit=limit, key=key).calls

    assert reads == 90
    assert take(ledger, limit=limit, key=key).calls == 0
    assert take(ledger, 500, limit=limit, key=key, is_urgent=True).calls == 30


def test_lookups_of_orders_in_doubt_leave_a_share_to_commands(ledger):
    limit = Limits().get("orders")
    key = ("20154747", "orders")
    lookups = take(ledger, 500, limit=limit, key=key, is_urgent=True, is_lookup=True).calls

    assert lookups == 105
    assert take(ledger, limit=limit, key=key, is_urgent=True, is_lookup=True).calls == 0
    assert take(ledger, 500, limit=limit, key=key, is_urgent=True).calls == 15


def test_a_refusal_of_tigers_pauses_the_method_for_everyone(ledger, clock):
    ledger.pause(*KEY, 60.0, 5.0)
    refusal = take(ledger)
    clock.advance(5)
    orders, reads = take(ledger, is_urgent=True).calls, take(ledger).calls
    clock.advance(55)

    assert refusal.wait_seconds == 60
    assert (orders, reads, take(ledger).calls) == (1, 0, 1)


def test_a_clock_that_begins_anew_frees_nothing_early_and_holds_nothing_for_ever(ledger, clock):
    take(ledger, 10)
    clock.milliseconds = 5_000
    at_once = take(ledger).calls
    clock.advance(61)

    assert (at_once, take(ledger, 10).calls) == (0, 10)
