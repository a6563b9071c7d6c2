"""What is wanted comes, what Tiger does not push is refused by name."""

from decimal import Decimal

import pytest

from app.push import AccountEvent, Gap, QuoteEvent, Refusal
from app.simulator.faults import Fault
from app.tiger.identification import get_instrument
from app.tiger.instrument import Instrument
from app.tiger.push.feeds import Feed
from tests.push.conftest import ACCOUNT, NOW_MS, TIGER_ID
from tests.push.pushing import connections, publish
from tests.support.server import wait_until

APPLE, NVIDIA = Instrument("AAPL"), Instrument("NVDA")


def test_nobody_is_connected_while_nobody_wants_anything(simulator, leader):
    leader.heard.wait_for("idle")

    assert connections(simulator) == []


def test_an_account_that_is_wanted_is_heard(simulator, listening):
    publish(simulator, "AAPL")
    event = listening.heard.wait(AccountEvent)

    assert (event.tiger_id, event.account, event.data.symbol) == (TIGER_ID, ACCOUNT, "AAPL")
    assert event.data.position == Decimal("12.50")


def test_a_gap_of_quotes_comes_once_tiger_has_confirmed_what_is_wanted(simulator, leader):
    simulator.inject(Fault("push_delayed", method="SUBSCRIBE", times=1, seconds=0.5))
    leader.interest.want_quotes(ACCOUNT, [APPLE])
    connected = leader.heard.wait_for("connected")
    gap = leader.heard.wait(Gap, lambda gap: gap.concerns == "quotes")

    assert gap.at_ms - connected.since_ms >= 400


@pytest.mark.long
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
    simulator.set_entitlements(TIGER_ID, subscribeLimit=100)
    wanted = [get_instrument(f"AAPL260417{right}{strike:05}000") for strike in range(100, 600, 5) for right in "CP"]
    leader.interest.want_quotes(ACCOUNT, wanted)
    leader.heard.wait(Refusal, times=100)
    for instrument in wanted[:100]:
        leader.heard.wait(QuoteEvent, lambda event, one=instrument: event.instrument == one)
    simulator.set_entitlements(TIGER_ID)

    assert [refusal.instrument for refusal in leader.heard.list(Refusal)] == wanted[100:]
    assert {refusal.code for refusal in leader.heard.list(Refusal)} == {3002}
    assert leader.hub.list_refusals(ACCOUNT) == tuple(leader.heard.list(Refusal))


def test_what_was_beyond_the_limit_comes_once_there_is_room(simulator, leader):
    simulator.set_entitlements(TIGER_ID, subscribeLimit=1)
    leader.interest.want_quotes(ACCOUNT, [APPLE])
    leader.interest.want_quotes(ACCOUNT, [NVIDIA])
    leader.heard.wait(Refusal, lambda refusal: refusal.instrument == NVIDIA)
    leader.interest.drop_quotes(ACCOUNT, [APPLE])
    leader.heard.wait(QuoteEvent, lambda event: event.instrument == NVIDIA)
    simulator.set_entitlements(TIGER_ID)

    assert leader.hub.list_refusals(ACCOUNT) == ()


@pytest.mark.parametrize("topics", ["together", "apart"])
def test_every_topic_of_an_account_is_heard_however_tiger_groups_them(simulator, lead, topics):
    simulator.read_as(push_account_topics=topics)
    leader = lead()
    leader.interest.want_account(ACCOUNT)
    leader.heard.wait(Gap, lambda gap: gap.accounts == (ACCOUNT,))
    for kind in ("OrderStatus", "OrderTransaction", "Position", "Asset"):
        simulator.publish(kind, {"account": ACCOUNT, "timestamp": NOW_MS}, ACCOUNT)
        leader.heard.wait(AccountEvent, lambda event, one=kind: type(event.data).__name__ == one)

    assert len(leader.heard.list(AccountEvent)) == 4


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
