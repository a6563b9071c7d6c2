"""The push client through everything that a connection, a server or a listener may do."""

import itertools
import threading
from typing import Any

import pytest

from app.clock import get_now_ms
from app.push import AccountEvent, Gap, PushState, QuoteEvent, Refusal
from app.push.queues import MOST_WAITING
from app.simulator.faults import Fault
from app.tiger.instrument import Instrument
from tests.push.conftest import ACCOUNT, NOW_MS, TIGER_ID
from tests.push.pushing import connections, list_positions, publish
from tests.support.server import wait_until

SENTENCE = "a sentence that no log may hold"
APPLE, NVIDIA = Instrument("AAPL"), Instrument("NVDA")


@pytest.mark.parametrize("kind", ["push_cut", "push_closed"])
def test_a_connection_that_ends_comes_back_with_all_that_is_wanted(simulator, listening, kind):
    listening.interest.want_quotes(ACCOUNT, [APPLE])
    listening.heard.wait(QuoteEvent)
    simulator.inject(Fault(kind, method="Position", times=1))
    publish(simulator, "LOST")
    listening.heard.wait_for("down")
    gap = listening.heard.wait(Gap, lambda gap: gap.concerns == "accounts", times=2)
    listening.heard.wait(QuoteEvent, times=2)
    publish(simulator, "AAPL")
    listening.heard.wait(AccountEvent)

    assert list_positions(listening) == ["AAPL"]
    assert gap.since_ms is not None
    assert len(connections(simulator)) == 1


def test_a_bug_of_ours_is_told_and_followed_by_growing_pauses(simulator, lead, caplog):
    tried = []

    def fail():
        tried.append(get_now_ms())
        raise ZeroDivisionError(SENTENCE)

    leader = lead(1)
    leader.before_connecting = fail
    leader.interest.want_account(ACCOUNT)
    leader.heard.wait_for("down", times=3)
    between = [later - earlier for earlier, later in itertools.pairwise(tried)]

    assert between == sorted(between)
    assert between[0] >= 400
    assert leader.hub.fetch_problems() == {
        "simulator-one": "push of credential simulator-one is down: unexpected ZeroDivisionError"
    }
    assert SENTENCE not in caplog.text
    leader.before_connecting = lambda: None
    leader.heard.wait_for("connected")


def test_a_kick_is_told_and_nobody_connects_again_soon(simulator, listening):
    simulator.kick(TIGER_ID)
    state = listening.heard.wait_for("kicked")

    assert 59_000 <= state.until_ms - state.since_ms <= 61_000
    assert connections(simulator) == []
    wait_until(listening.hub.fetch_problems, 10)
    assert listening.hub.fetch_problems() == {
        "simulator-one": "push of credential simulator-one is left to another program that signed in with its tiger_id"
    }


def test_a_new_leader_stands_back_as_long_as_the_one_before_it_had_to(simulator, lead):
    kicked = lead(1)
    kicked.interest.want_account(ACCOUNT)
    kicked.heard.wait(Gap, lambda gap: gap.accounts == (ACCOUNT,))
    simulator.kick(TIGER_ID)
    kicked.heard.wait_for("kicked")
    kicked.end()
    following = lead(2)
    following.interest.want_account(ACCOUNT)
    following.heard.wait_for("kicked")

    assert connections(simulator) == []
    assert not [state for state in following.heard.all if getattr(state, "condition", "") == "connecting"]


def test_a_refused_sign_in_is_told_with_its_reason_and_not_tried_again_soon(simulator, leader):
    simulator.inject(Fault("push_refused", method="CONNECT", code=4, message="not today"))
    leader.interest.want_account(ACCOUNT)
    state = leader.heard.wait_for("refused")

    assert "not today (4)" in state.reason
    assert state.until_ms - state.since_ms >= 30_000


def test_a_copy_of_an_event_is_told_once(simulator, listening):
    simulator.inject(Fault("push_duplicated", method="Position", times=1))
    publish(simulator, "AAPL", "NVDA")
    listening.heard.wait(AccountEvent, times=2)

    assert list_positions(listening) == ["AAPL", "NVDA"]


def test_an_event_that_was_overtaken_comes_where_it_comes(simulator, listening):
    simulator.inject(Fault("push_out_of_order", method="Position", times=1))
    publish(simulator, "AAPL", "NVDA", "TSLA")
    listening.heard.wait(AccountEvent, times=3)

    assert list_positions(listening) == ["NVDA", "AAPL", "TSLA"]


def test_a_quote_that_was_overtaken_is_left_out(simulator, leader):
    leader.interest.want_quotes(ACCOUNT, [APPLE])
    leader.heard.wait(QuoteEvent)
    first: dict[str, Any] = {"symbol": "AAPL", "type": 1, "timestamp": NOW_MS + 1_000, "latestPrice": 1.0}
    simulator.inject(Fault("push_out_of_order", method="Quote", times=1, where={"latestPrice": "1.0"}))
    for values in (first, first | {"timestamp": NOW_MS + 1_001, "latestPrice": 2.0}):
        simulator.publish("Quote", values)
    simulator.publish("Quote", first | {"timestamp": NOW_MS + 1_002, "latestPrice": 3.0})
    leader.heard.wait(QuoteEvent, lambda event: event.data.latest_price == 3)

    prices = [event.data.latest_price for event in leader.heard.list(QuoteEvent)]
    assert [price for price in prices if price < 4] == [2, 3]


def test_an_event_that_comes_late_keeps_its_place(simulator, listening):
    simulator.inject(Fault("push_delayed", method="Position", times=1, seconds=0.3))
    publish(simulator, "AAPL", "NVDA")
    listening.heard.wait(AccountEvent, times=2)

    assert list_positions(listening) == ["AAPL", "NVDA"]


def test_what_the_server_drops_takes_nothing_else_with_it(simulator, listening):
    simulator.inject(Fault("push_dropped", method="Position", after=1, times=1))
    publish(simulator, "AAPL", "LOST", "NVDA")
    listening.heard.wait(AccountEvent, times=2)

    assert list_positions(listening) == ["AAPL", "NVDA"]


def test_a_kick_in_the_midst_of_events_ends_them(simulator, listening):
    simulator.inject(Fault("push_kicked", method="Position", after=1, times=1))
    publish(simulator, "AAPL", "LOST", "NVDA")
    listening.heard.wait_for("kicked")

    assert list_positions(listening) == ["AAPL"]


def test_a_slow_listener_costs_a_gap_and_never_the_connection(simulator, lead):
    leader, gate = lead(), threading.Event()
    leader.hub.subscribe_account(lambda _: gate.wait(60))
    leader.interest.want_account(ACCOUNT)
    leader.heard.wait(Gap, lambda gap: gap.accounts == (ACCOUNT,))
    publish(simulator, *(str(number) for number in range(MOST_WAITING + 100)))
    leader.interest.want_quotes(ACCOUNT, [APPLE])
    # Quotes come by a queue of their own, and behind all that was pushed before.
    leader.heard.wait(QuoteEvent)
    gate.set()
    gap = leader.heard.wait(Gap, lambda gap: gap.reason == "overflow")
    publish(simulator, "AFTER")
    leader.heard.wait(AccountEvent, lambda event: event.data.symbol == "AFTER")

    assert gap.accounts == (ACCOUNT,)
    assert [state.condition for state in leader.heard.list(PushState)][-1] == "connected"


def test_a_connection_that_is_down_is_nobodys_trouble_once_nobody_wants_it(simulator, lead):
    simulator.inject(Fault("push_closed", method="CONNECT"))
    leader = lead()
    leader.interest.want_account(ACCOUNT)
    leader.heard.wait_for("down")
    wait_until(leader.hub.fetch_problems, 10)
    leader.interest.close()
    leader.heard.wait(PushState, lambda state: state.condition == "idle", times=2)

    wait_until(lambda: not leader.hub.fetch_problems(), 20)


def test_an_answer_that_is_lost_is_asked_for_again(simulator, leader):
    simulator.inject(Fault("push_dropped", method="SUBSCRIBE", times=1))
    leader.interest.want_account(ACCOUNT)

    leader.heard.wait(Gap, lambda gap: gap.accounts == (ACCOUNT,))


def test_who_leads_no_longer_neither_tells_nor_sends_anything_more(simulator, listening):
    listening.freeze()
    publish(simulator, "AAPL")
    wait_until(lambda: not connections(simulator), 10)

    assert list_positions(listening) == []


def test_the_next_leader_takes_over_from_a_frozen_one_that_does_not_come_back(simulator, lead):
    frozen, following = lead(1), None
    frozen.interest.want_account(ACCOUNT)
    frozen.heard.wait(Gap, lambda gap: gap.accounts == (ACCOUNT,))
    frozen.freeze()
    following = lead(2)
    following.interest.want_account(ACCOUNT)
    following.heard.wait(Gap, lambda gap: gap.accounts == (ACCOUNT,))
    publish(simulator, "AAPL")
    following.heard.wait(AccountEvent)

    assert len(connections(simulator)) == 1
    assert list_positions(frozen) == []
    assert not [state for state in following.heard.all if getattr(state, "condition", "") == "kicked"]


def test_whose_lease_runs_out_while_it_connects_does_not_sign_in(simulator, lead):
    late, following, server = lead(1), lead(2), simulator._assembly.server
    following.interest.want_account(ACCOUNT)
    following.heard.wait(Gap, lambda gap: gap.accounts == (ACCOUNT,))
    opened, still_open = server.connections_opened, server.connections_open
    late.before_connecting = late.freeze
    late.interest.want_account(ACCOUNT)
    wait_until(lambda: server.connections_opened > opened and server.connections_open == still_open, 10)
    publish(simulator, "AAPL")
    following.heard.wait(AccountEvent)

    assert [state.condition for state in following.heard.list(PushState)][-1] == "connected"


@pytest.mark.long
def test_a_feed_that_falls_mute_is_noticed_and_comes_back(simulator, listening):
    simulator.inject(Fault("push_silent", method="Position", times=1))
    publish(simulator, "LOST")
    began_ms = get_now_ms()
    state = listening.heard.wait_for("down")

    assert state.since_ms - began_ms <= 15_000
    assert "silent" in state.reason


@pytest.mark.long
def test_heartbeats_that_stay_away_end_a_connection(simulator, leader):
    simulator.inject(Fault("push_dropped", method="HEARTBEAT"))
    leader.interest.want_account(ACCOUNT)
    leader.heard.wait_for("connected")

    leader.heard.wait_for("down")


@pytest.mark.long
def test_who_does_not_answer_the_sign_in_is_left(simulator, leader):
    simulator.inject(Fault("push_silent", method="CONNECT", times=1))
    leader.interest.want_account(ACCOUNT)

    assert "sign-in" in leader.heard.wait_for("down").reason


def test_an_account_of_another_developer_is_refused_by_name(simulator, leader):
    simulator.inject(Fault("push_refused", method="SUBSCRIBE", times=1, code=4, message="not yours"))
    leader.interest.want_account(ACCOUNT)
    refusal = leader.heard.wait(Refusal)

    assert (refusal.account, refusal.code, refusal.reason) == (ACCOUNT, 4, "not yours")
