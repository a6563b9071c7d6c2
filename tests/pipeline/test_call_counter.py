"""No more calls are counted than a limit has within a minute, and nothing counts for longer than that."""

from app.tiger.deadline import Purpose
from app.tiger.pipeline.limits import Limit, Limits

TEN = Limit(10, 10)
KEY = ("20154747", "market_state")
ACCOUNT = "67686635"
MOMENT = 0.25
"""So much longer a call may count: those of one moment share a row."""


def get_counts(limit=TEN, key=KEY, purpose=Purpose.READ):
    return limit.get_counts(key[0], ACCOUNT, key[1], purpose)


def ask(counter, *, limit=TEN, key=KEY, purpose=Purpose.READ):
    is_urgent = purpose is not Purpose.READ
    return counter.take(get_counts(limit, key, purpose), is_urgent=is_urgent, arrival_seconds=1.0)


def take(counter, calls, **options):
    """Return how many of so many calls are allowed."""
    return sum(bool(ask(counter, **options).rows) for _ in range(calls))


def test_a_limit_is_used_up_and_no_more(counter):
    assert (take(counter, 10), take(counter, 3)) == (10, 0)


def test_a_refusal_says_when_there_is_room_again(counter, clock):
    take(counter, 10)
    clock.advance(20)
    refusal = ask(counter)
    clock.advance(refusal.wait_seconds)

    assert 40 <= refusal.wait_seconds <= 41 + MOMENT
    assert take(counter, 11) == 10


def test_who_is_over_its_share_waits_until_enough_calls_are_over(counter, clock):
    limit = Limit(10, 5)
    for _ in range(10):
        take(counter, 1, limit=limit, purpose=Purpose.COMMAND)
        clock.advance(1)

    # Six have to be over before a read is the fifth.
    assert 55 <= ask(counter, limit=limit).wait_seconds <= 57


def test_what_a_killed_process_had_begun_is_over_a_minute_after_it_could_have_arrived(counter, clock):
    take(counter, 10)
    clock.advance(59.9)
    before = take(counter, 1)
    clock.advance(1.1 + MOMENT)

    assert before == 0
    assert take(counter, 11) == 10


def test_a_call_counts_until_a_minute_after_its_answer(counter, clock):
    rows = [ask(counter).rows for _ in range(10)]
    clock.advance(8)
    for row in rows[:4]:
        counter.count_anew(get_counts(), row)
    clock.advance(53.5)
    at_first = take(counter, 10)
    clock.advance(6.0)
    before = take(counter, 1)
    clock.advance(0.5 + MOMENT)

    assert (at_first, before, take(counter, 5)) == (6, 0, 4)


def test_a_call_whose_row_was_over_and_deleted_is_counted_anew(counter, clock):
    rows = [ask(counter).rows]
    for _ in range(9):
        clock.advance(0.3)
        rows.append(ask(counter).rows)
    clock.advance(62)
    take(counter, 1)
    counter.count_anew(get_counts(), rows[0])

    assert counter.fetch_counts() == {KEY: 2}


def test_calls_of_one_moment_share_a_row(counter, clock):
    rows = {ask(counter).rows for _ in range(5)}
    clock.advance(1)
    rows |= {ask(counter).rows}

    assert len(rows) == 2
    assert counter.fetch_counts() == {KEY: 6}


def test_each_credential_and_each_method_has_its_own_limit(counter):
    take(counter, 10)

    assert take(counter, 10, key=("20153921", "market_state")) == 10
    assert take(counter, 10, key=("20154747", "kline")) == 10


def test_reads_leave_a_share_to_orders(counter):
    of_orders = {"limit": Limits().get("orders"), "key": ("20154747", "orders")}

    assert take(counter, 121, **of_orders) == 90
    assert take(counter, 121, **of_orders, purpose=Purpose.ORDER) == 30


def test_lookups_of_orders_in_doubt_leave_a_share_to_commands(counter):
    of_orders = {"limit": Limits().get("orders"), "key": ("20154747", "orders")}

    assert take(counter, 121, **of_orders, purpose=Purpose.LOOKUP) == 105
    assert take(counter, 1, **of_orders) == 0
    assert take(counter, 121, **of_orders, purpose=Purpose.COMMAND) == 15


def test_a_refusal_of_tigers_pauses_the_method_for_everyone(counter, clock):
    counter.pause(*KEY, 60.0, 5.0)
    refusal = ask(counter)
    clock.advance(5)
    orders, reads = take(counter, 1, purpose=Purpose.COMMAND), take(counter, 1)
    clock.advance(55)

    assert refusal.wait_seconds == 60
    assert (orders, reads, take(counter, 1)) == (1, 0, 1)


def test_a_clock_that_begins_anew_frees_nothing_early_and_holds_nothing_for_ever(counter, clock):
    take(counter, 10)
    clock.milliseconds = 5_000
    at_once = take(counter, 1)
    clock.advance(61 + MOMENT)

    assert (at_once, take(counter, 11)) == (0, 10)
