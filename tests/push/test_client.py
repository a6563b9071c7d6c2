"""The push client through everything that a connection may do."""

from decimal import Decimal

import pytest

from app.clock import get_now_ms
from app.push import AccountEvent, Gap, QuoteEvent, Refusal
from app.simulator.faults import Fault
from app.tiger.identification import get_instrument
from app.tiger.instrument import Instrument
from app.tiger.push.feeds import Feed
from tests.support.server import wait_until

ACCOUNT, TIGER_ID = "67686635", "20154747"
APPLE, NVIDIA = Instrument("AAPL"), Instrument("NVDA")


def connections(simulator):
    return [each for each in simulator.push_connections() if each["tiger_id"] == TIGER_ID]


def publish(simulator, *symbols):
    for symbol in symbols:
        simulator.publish(
            "Position", {"symbol": symbol, "account": ACCOUNT, "position": 1250, "positionScale": 2}, ACCOUNT
        )


def list_positions(leader):
    return [event.data.symbol for event in leader.heard.list(AccountEvent)]


@pytest.fixture
def listening(leader):
    """Give a leader that hears of the first account."""
    leader.interest.want_account(ACCOUNT)
    leader.heard.wait(Gap, lambda gap: gap.accounts == (ACCOUNT,))
    return leader


def test_nobody_is_connected_while_nobody_wants_anything(simulator, leader):
    leader.heard.wait_for("idle")

    assert connections(simulator) == []


def test_an_account_that_is_wanted_is_heard(simulator, listening):
    publish(simulator, "AAPL")
    event = listening.heard.wait(AccountEvent)

    assert (event.tiger_id, event.account, event.data.symbol) == (TIGER_ID, ACCOUNT, "AAPL")
    assert event.data.position == Decimal("12.50")


def test_the_connection_ends_with_the_last_interest(simulator, listening):
    listening.interest.close()

    wait_until(lambda: not connections(simulator), 20)


def test_quotes_come_as_they_are_wanted(simulator, leader):
    leader.interest.want_quotes(ACCOUNT, [APPLE, Instrument("00700")])
    event = leader.heard.wait(QuoteEvent, lambda event: event.instrument == APPLE)
    leader.heard.wait(QuoteEvent, lambda event: event.instrument == Instrument("00700"))

    assert event.feed is Feed.QUOTES
    assert event.data.latest_price > 0


def test_one_of_fifty_who_leaves_never_stops_the_others_symbol(simulator, leader):
    parties = [leader.hub.open_interest() for _ in range(50)]
    for party in parties:
        party.want_quotes(ACCOUNT, [APPLE])
    leader.heard.wait(QuoteEvent)
    for party in parties[1:]:
        party.close()
    parties[0].want_quotes(ACCOUNT, [NVIDIA])
    leader.heard.wait(QuoteEvent, lambda event: event.instrument == NVIDIA)

    assert connections(simulator)[0]["subscribedSymbols"] == ["AAPL", "NVDA"]


def test_what_is_beyond_the_limit_is_refused_by_name_and_the_rest_flows(simulator, leader):
    simulator.set_entitlements(TIGER_ID, subscribeLimit=2, subscribeDepthLimit=2)
    wanted = [Instrument(symbol) for symbol in ("AAPL", "NVDA", "TSLA", "MSFT")]
    leader.interest.want_quotes(ACCOUNT, wanted)
    for instrument in wanted[:2]:
        leader.heard.wait(QuoteEvent, lambda event, one=instrument: event.instrument == one)
    leader.heard.wait(Refusal, times=2)
    simulator.set_entitlements(TIGER_ID)

    assert [refusal.instrument for refusal in leader.heard.list(Refusal)] == wanted[2:]
    assert {refusal.code for refusal in leader.heard.list(Refusal)} == {3002}


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


def test_a_kick_is_told_and_nobody_connects_again_soon(simulator, listening):
    simulator.kick(TIGER_ID)
    state = listening.heard.wait_for("kicked")

    assert 59_000 <= state.until_ms - state.since_ms <= 61_000
    assert connections(simulator) == []
    wait_until(listening.hub.fetch_problems, 10)
    assert listening.hub.fetch_problems() == [
        "push of credential simulator-one is left to another program that signed in with its tiger_id"
    ]


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


def test_a_feed_that_falls_mute_is_noticed_and_comes_back(simulator, listening):
    simulator.inject(Fault("push_silent", method="Position", times=1))
    publish(simulator, "LOST")
    began_ms = get_now_ms()
    state = listening.heard.wait_for("down")

    assert state.since_ms - began_ms <= 15_000
    assert "silent" in state.reason


def test_heartbeats_that_stay_away_end_a_connection(simulator, leader):
    simulator.inject(Fault("push_dropped", method="HEARTBEAT"))
    leader.interest.want_account(ACCOUNT)
    leader.heard.wait_for("connected")

    leader.heard.wait_for("down")


def test_who_does_not_answer_the_sign_in_is_left(simulator, leader):
    simulator.inject(Fault("push_silent", method="CONNECT", times=1))
    leader.interest.want_account(ACCOUNT)

    assert "sign-in" in leader.heard.wait_for("down").reason


def test_an_account_of_another_developer_is_refused_by_name(simulator, leader):
    simulator.inject(Fault("push_refused", method="SUBSCRIBE", times=1, code=4, message="not yours"))
    leader.interest.want_account(ACCOUNT)
    refusal = leader.heard.wait(Refusal)

    assert (refusal.account, refusal.code, refusal.reason) == (ACCOUNT, 4, "not yours")


def test_a_symbol_that_nobody_knows_is_refused_by_name_and_the_rest_flows(simulator, leader):
    leader.interest.want_quotes(ACCOUNT, [APPLE, Instrument("NOBODY"), NVIDIA])
    refusal = leader.heard.wait(Refusal)
    leader.heard.wait(QuoteEvent, lambda event: event.instrument == NVIDIA)

    assert refusal.instrument == Instrument("NOBODY")
    assert connections(simulator)[0]["subscribedSymbols"] == ["AAPL", "NVDA"]


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("AAPL260417C00250000", Feed.QUOTES),
        ("ESmain", Feed.QUOTES),
        ("00700", Feed.DEPTH),
        ("AAPL260417C00250000", Feed.DEPTH),
        ("AAPL", Feed.BARS),
    ],
)
def test_each_type_of_instrument_is_found_again_in_its_events(simulator, leader, name, feed):
    instrument = get_instrument(name)
    leader.interest.want_quotes(ACCOUNT, [instrument], feed)
    event = leader.heard.wait(QuoteEvent)

    assert (event.instrument, event.feed) == (instrument, feed)
