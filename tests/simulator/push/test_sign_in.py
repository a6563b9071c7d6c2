"""Who is let in, and how many of one developer."""

import pytest
from tigeropen.push.pb.util import ProtoMessageUtil

from tests.simulator.push.clients import COMMAND, name_of
from tests.simulator.trader import FIRST_ID, SECOND_ID


def test_whoever_signs_as_the_developer_is_let_in_and_told_the_intervals(bare):
    connection = bare()
    request = connection.get_sign_in(heartbeats=(9000, 8000))
    connection.send(request)

    answer = connection.receive()
    assert (answer.command, answer.id) == (COMMAND.CONNECTED, request.id)
    assert ProtoMessageUtil.extract_heart_beat(answer) == (9000, 8000)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"sign": "bm8="}, 40013),
        ({"sign": "no base64"}, 40013),
        ({"sign": ""}, 40013),
        ({"tiger_id": SECOND_ID}, 40013),
        ({"tiger_id": "1"}, 3004),
        ({"tiger_id": "", "sign": ""}, 3004),
        ({"tiger_id": "", "sign": "", "access_token": "token"}, 4),
    ],
)
def test_whoever_does_not_is_refused_and_hears_nothing(simulator, bare, wrong, code):
    connection = bare()
    connection.send(connection.get_sign_in(**wrong))

    answer = connection.receive()
    assert (answer.command, answer.code) == (COMMAND.ERROR, code)
    assert connection.subscribe("Asset").code == 4
    assert simulator.push_connections() == []


def test_a_connection_whose_sign_in_was_refused_is_closed(bare):
    connection = bare()
    connection.send(connection.get_sign_in(sign=""))

    assert connection.is_closed()


def test_nothing_is_answered_before_the_sign_in(bare):
    answer = bare().subscribe("Quote", "AAPL")

    assert (answer.command, answer.code) == (COMMAND.ERROR, 4)


def test_a_newer_connection_of_a_developer_kicks_the_older_one(simulator, signed_in, bare):
    newer = bare().sign_in()

    kicked = signed_in.receive()
    assert (kicked.command, kicked.code, kicked.msg) == (COMMAND.ERROR, 4001, "kick out by a new connection")
    assert signed_in.is_closed()
    assert name_of(newer.subscribe("Quote", "AAPL")) == "Quote"
    assert len(simulator.push_connections()) == 1


def test_the_sdks_client_hears_that_it_was_kicked(simulator, connect):
    subscriber = connect()
    simulator.kick(FIRST_ID)

    assert subscriber.wait("kickout_callback").code == 4001
    subscriber.wait("disconnect_callback")


def test_connections_of_two_developers_live_side_by_side(simulator, signed_in, bare):
    bare(SECOND_ID).sign_in()

    assert {row["tiger_id"] for row in simulator.push_connections()} == {FIRST_ID, SECOND_ID}
    assert signed_in.subscribe("Quote", "AAPL").code == 112


def test_whoever_says_that_it_leaves_is_let_go(signed_in):
    signed_in.send(ProtoMessageUtil.build_disconnect_message())

    assert signed_in.is_closed()


def test_the_sdks_client_comes_and_goes(simulator, connect):
    subscriber = connect()
    subscriber.client.disconnect()
    subscriber.wait("disconnect_callback")

    assert simulator.push_connections() == []
