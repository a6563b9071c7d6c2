"""The decisions over a command in doubt, row by row."""

import itertools
from dataclasses import replace

import pytest

from app.errors import InvalidRequest, OrderRejected, TigerError, TigerRateLimited, TigerUnavailable
from app.orders.doubt import Doubt
from app.orders.executor import AGAIN_SECONDS, get_pause
from app.orders.handlers import NumberRefused, NumberSpent
from app.orders.journal import write_event
from app.orders.placing import STEPS, Step, follow_up
from app.orders.records import NUMBER_REFUSED, RENUMBERED, SENT_AGAIN
from app.orders.states import State
from tests.orders.doubtful_records import SENT_AT, record

WAIT_MS = 10_000


@pytest.mark.parametrize(
    ("journal_ms", "tiger_ms", "is_over"),
    [
        (WAIT_MS, WAIT_MS, True),
        (WAIT_MS - 1, WAIT_MS, False),
        (WAIT_MS, WAIT_MS - 1, False),
        # The journal's clock was set forward by a day, or Tiger's was.
        (86_400_000, 1, False),
        (1, 86_400_000, False),
        # The journal's clock was set back: Tiger's alone decides.
        (-86_400_000, WAIT_MS, True),
        (-86_400_000, WAIT_MS - 1, False),
        (WAIT_MS, None, False),
    ],
)
def test_absence_proves_something_once_both_clocks_say_that_the_wait_is_over(journal_ms, tiger_ms, is_over):
    waited = record(read_at=SENT_AT + journal_ms)
    tiger_now = None if tiger_ms is None else SENT_AT + tiger_ms

    assert Doubt(WAIT_MS / 1_000).is_wait_over(waited, tiger_now) is is_over


def test_absence_proves_nothing_of_what_was_sent_before_tigers_time_was_known():
    assert not Doubt(1).is_wait_over(record(sent_by_tiger=None, read_at=SENT_AT + WAIT_MS), SENT_AT + WAIT_MS)


@pytest.mark.parametrize(
    ("state", "busy_ms", "tiger_ms", "may_be"),
    [
        (State.SENDING, 1, 0, True),
        (State.PREPARED, 1, 0, True),
        (State.SENDING, 0, 0, False),
        (State.UNKNOWN, 1, 0, False),
        # Written before the clock was set back by a day: the row alone would be busy until then, Tiger's time is not.
        (State.SENDING, 86_400_000, 0, False),
        (State.SENDING, 1, 1, False),
        (State.SENDING, 1, None, True),
    ],
)
def test_a_worker_counts_as_at_work_until_either_clock_says_that_its_time_is_over(state, busy_ms, tiger_ms, may_be):
    held = record(state=state, busy_until=SENT_AT + busy_ms)
    tiger_now = None if tiger_ms is None else SENT_AT + tiger_ms

    assert held.may_be_at_work(tiger_now) is may_be


def test_every_refusal_of_a_placement_has_a_step():
    assert set(STEPS) == set(itertools.product([False, True], repeat=3))


@pytest.mark.parametrize(
    ("is_duplicate", "is_first", "has_holder", "step"),
    [
        (False, True, False, Step.REJECTED),
        (False, True, True, Step.REJECTED),
        (True, True, False, Step.NUMBER_REFUSED),
        (True, True, True, Step.SPENT),
        (True, False, False, Step.DOUBT),
        (True, False, True, Step.SPENT),
        (False, False, False, Step.DOUBT),
        (False, False, True, Step.DOUBT),
    ],
)
def test_what_follows_when_tiger_refuses_a_placement(is_duplicate, is_first, has_holder, step):
    assert STEPS[is_duplicate, is_first, has_holder] is step


@pytest.mark.parametrize(
    ("step", "raised", "in_doubt"),
    [
        (Step.SPENT, NumberSpent, None),
        (Step.NUMBER_REFUSED, NumberRefused, None),
        (Step.DOUBT, TigerError, True),
        (Step.REJECTED, InvalidRequest, False),
    ],
)
def test_a_step_is_taken(step, raised, in_doubt):
    with pytest.raises(raised) as taken:
        follow_up(InvalidRequest("no"), step)

    assert getattr(taken.value, "in_doubt", None) is in_doubt


def test_a_rejection_is_a_result():
    assert follow_up(OrderRejected("no"), Step.REJECTED).state is State.REJECTED


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (TigerUnavailable("down"), AGAIN_SECONDS),
        (TigerRateLimited("fast", retry_after=1.0), 1.0),
        (TigerRateLimited("fast", retry_after=30.0), None),
        (TigerRateLimited("fast"), None),
        (TigerError("odd"), None),
    ],
)
def test_what_certainly_did_nothing_is_sent_again_where_that_may_help(error, pause):
    assert get_pause(error) == pause


REFUSED = write_event("in_doubt", {NUMBER_REFUSED: True})
LOST = write_event("in_doubt", {})
AGAIN = write_event(SENT_AGAIN, {})
ANOTHER = write_event(RENUMBERED, {})


@pytest.mark.parametrize(
    ("changes", "is_doubtful"),
    [
        ({"history": REFUSED}, True),
        ({"history": REFUSED + AGAIN + LOST}, True),
        ({"history": REFUSED + ANOTHER + LOST}, False),
        ({"history": LOST}, False),
        ({"history": REFUSED, "state": State.ACCEPTED}, False),
        # As earlier releases wrote it.
        ({"history": LOST, "number_claim": None}, True),
        ({"history": LOST, "number_claim": None, "order_number": None}, False),
    ],
)
def test_a_number_that_tiger_refused_is_doubtful_until_another_one_is_taken(changes, is_doubtful):
    placement = replace(record(order_number=7, number_claim=7), **changes)

    assert placement.is_number_doubtful is is_doubtful
    assert placement.holds_number is (placement.number_claim is not None and not is_doubtful)


@pytest.mark.parametrize(
    ("history", "was_sent"),
    [(REFUSED, False), (REFUSED + AGAIN, True), (AGAIN + ANOTHER, False), (ANOTHER + AGAIN + LOST, True)],
    ids=["refused", "sent again", "another number", "lost under another number"],
)
def test_what_was_sent_before_another_number_was_taken_does_not_count_for_that_number(history, was_sent):
    assert record(order_number=7, history=history).was_sent_under_its_number is was_sent
