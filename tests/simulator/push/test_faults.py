"""What can be made to go wrong with what is pushed."""

from pathlib import Path

import pytest
from tigeropen.push.pb.util import ProtoMessageUtil

from app.simulator.faults import PUSH_KINDS, Fault
from tests.simulator.controls import Controls
from tests.simulator.push.clients import COMMAND, Bare, drain, name_of
from tests.simulator.trader import FIRST, FIRST_ID, SECOND_ID


@pytest.fixture
def account(signed_in: Bare) -> Bare:
    """Give a connection that has subscribed for the first account."""
    signed_in.subscribe("Asset", account=FIRST)
    return signed_in


def publish(simulator, *numbers, kind="Position"):
    """Push positions that tell their number."""
    for number in numbers:
        simulator.publish(kind, {"symbol": str(number)} if kind == "Position" else {"account": str(number)}, FIRST)


def list_numbers(simulator, connection):
    return [frame.body.positionData.symbol for frame in drain(simulator, connection)]


@pytest.mark.parametrize("kind", sorted(PUSH_KINDS))
def test_every_kind_is_on_the_page_and_tried_here(kind):
    page = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")

    assert f"`{kind}`" in page
    assert f'Fault("{kind}"' in Path(__file__).read_text(encoding="utf-8")


def test_a_sign_in_is_refused_on_demand(simulator, bare):
    simulator.inject(Fault("push_refused", method="CONNECT", times=1, code=4, message="not today"))
    connection = bare()
    connection.send(connection.get_sign_in())

    answer = connection.receive()
    assert (answer.command, answer.code, answer.msg) == (COMMAND.ERROR, 4, "not today")
    assert connection.is_closed()
    bare().sign_in()


def test_the_sdks_client_hears_of_a_refused_sign_in_in_its_error_callback(simulator, connect):
    subscriber = connect()
    simulator.inject(Fault("push_refused", method="CONNECT", code=4, message="not today"))
    subscriber.client.connect(subscriber.config.tiger_id, subscriber.config.private_key)

    assert subscriber.wait("error_callback").msg == "not today"


@pytest.mark.parametrize("command", ["SUBSCRIBE", "UNSUBSCRIBE"])
def test_a_subscription_or_its_end_is_refused_on_demand(simulator, account, command):
    before = simulator.push_connections()
    simulator.inject(Fault("push_refused", method=command, times=1, code=3005, message="not this"))
    answer = account.subscribe("Quote", "AAPL") if command == "SUBSCRIBE" else account.unsubscribe("Asset")

    assert (answer.command, answer.code, answer.msg) == (COMMAND.ERROR, 3005, "not this")
    assert simulator.push_connections() == before


def test_an_answer_may_be_lost_of_a_subscription_that_was_taken(simulator, signed_in):
    simulator.inject(Fault("push_dropped", method="SUBSCRIBE", times=1))
    answer = signed_in.subscribe("Quote", "AAPL")

    assert (answer.code, answer.body.quoteData.symbol) == (0, "AAPL")
    assert simulator.push_connections()[0]["subscribedSymbols"] == ["AAPL"]


def test_the_nth_event_is_lost(simulator, account):
    simulator.inject(Fault("push_dropped", method="Position", after=2, times=1))
    publish(simulator, 1, 2, 3, 4)

    assert list_numbers(simulator, account) == ["1", "2", "4"]


def test_a_fault_spares_other_kinds_of_events_accounts_and_developers(simulator, account):
    simulator.inject(
        Fault("push_dropped", method="Position", where={"symbol": "1"}),
        Fault("push_dropped", method="Position", account="another"),
        Fault("push_dropped", method="Position", tiger_id=SECOND_ID),
        Fault("push_dropped", method="Asset"),
    )
    publish(simulator, 1, 2)
    publish(simulator, 3, kind="Asset")
    publish(simulator, 4)
    simulator.clear_faults()

    assert list_numbers(simulator, account) == ["2", "4"]


def test_without_a_method_every_event_is_meant_and_nothing_else(simulator, account):
    simulator.inject(Fault("push_dropped"))
    publish(simulator, 1)
    answer = account.subscribe("Asset", account=FIRST)
    simulator.clear_faults()

    assert answer.code == 112
    assert list_numbers(simulator, account) == []


def test_an_event_comes_twice(simulator, account):
    simulator.inject(Fault("push_duplicated", method="Position", times=1))
    publish(simulator, 1, 2)

    assert list_numbers(simulator, account) == ["1", "1", "2"]


def test_an_event_comes_after_the_one_that_follows_it(simulator, account):
    simulator.inject(Fault("push_out_of_order", method="Position", times=1))
    publish(simulator, 1, 2, 3)

    assert list_numbers(simulator, account) == ["2", "1", "3"]


def test_an_event_that_comes_late_holds_up_those_behind_it(simulator, account):
    simulator.inject(Fault("push_delayed", method="Position", times=1, seconds=0.05))
    publish(simulator, 1, 2, 3)

    assert [account.receive().body.positionData.symbol for _ in range(3)] == ["1", "2", "3"]


def test_a_connection_is_cut_inside_an_event(simulator, account):
    simulator.inject(Fault("push_cut", method="Position", times=1))
    publish(simulator, "a long name that is cut somewhere in the middle")

    with pytest.raises(EOFError, match=r"ended after b'.+'"):
        account.receive()


def test_a_connection_is_closed_in_place_of_an_event(simulator, account):
    simulator.inject(Fault("push_closed", method="Position", times=1))
    publish(simulator, 1)

    with pytest.raises(EOFError, match="ended after b''"):
        account.receive()


def test_a_client_is_kicked_in_place_of_an_event(simulator, account):
    simulator.inject(Fault("push_kicked", method="Position", times=1))
    publish(simulator, 1)

    assert account.receive().code == 4001
    assert account.is_closed()


def test_a_connection_falls_silent_and_stays_open(simulator, account):
    simulator.inject(Fault("push_silent", method="Position", times=1))
    publish(simulator, 1, 2)
    account.send(ProtoMessageUtil.build_subscribe_query_message())
    account.socket.settimeout(0.05)

    with pytest.raises(TimeoutError):
        account.receive()
    assert len(simulator.push_connections()) == 1


def test_a_sign_in_may_be_heard_by_nobody(simulator, bare):
    simulator.inject(Fault("push_silent", method="CONNECT", times=1))
    connection = bare()
    connection.send(connection.get_sign_in(heartbeats=(20, 20)))
    connection.socket.settimeout(0.05)

    with pytest.raises(TimeoutError):
        connection.receive()


def test_heartbeats_stay_away_while_all_else_goes_on(simulator, bare):
    simulator.inject(Fault("push_dropped", method="HEARTBEAT"))
    connection = bare().sign_in(heartbeats=(0, 10))
    connection.subscribe("Asset", account=FIRST)
    connection.socket.settimeout(0.05)

    with pytest.raises(TimeoutError):
        connection.receive()
    publish(simulator, 1)
    assert name_of(connection.receive()) == "Position"


def test_the_sdks_client_gives_up_a_connection_without_heartbeats_and_signs_in_anew(simulator, connect):
    simulator.inject(Fault("push_dropped", method="HEARTBEAT"))
    subscriber = connect(heartbeats=(100, 50))

    subscriber.wait("disconnect_callback")


def test_the_controls_order_faults_of_the_push_service_too(simulator, account):
    control = Controls(simulator)
    control("POST", "faults", faults=[{"kind": "push_dropped", "method": "Position", "times": 1, "after": 1}])
    publish(simulator, 1, 2, 3)
    numbers = list_numbers(simulator, account)
    kicked = control("POST", "push/kick", tiger_id=FIRST_ID)

    assert numbers == ["1", "3"]
    assert kicked == (200, {"kicked": True})
    assert control("GET", "push")[0] == 200


def test_after_cannot_be_less_than_nothing():
    with pytest.raises(ValueError, match="after must be"):
        Fault("push_dropped", after=-1)


def test_faults_of_calls_and_of_events_do_not_strike_each_other(simulator, trader, account):
    simulator.inject(Fault("code", code=4), Fault("push_dropped"))
    publish(simulator, 1)
    left = len(simulator._assembly.service.faults.faults)
    simulator.clear_faults()

    assert left == 2
    assert trader.client.get_managed_accounts()
