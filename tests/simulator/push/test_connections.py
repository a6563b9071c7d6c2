"""Bytes, heartbeats and crowds: what a connection of the push service bears."""

import socket
import ssl
from pathlib import Path

import pytest
from tigeropen.push.network.transport import encode_frame
from tigeropen.push.pb.util import ProtoMessageUtil

from app.simulator.__main__ import get_options, read_arguments
from app.simulator.credentials import CONFIG_FILE
from app.simulator.faults import Fault
from app.simulator.push.connection import MOST_UNREAD_BYTES
from app.simulator.running import Simulator
from tests.simulator.push.clients import COMMAND, Bare, Subscriber, drain, name_of, subscribe
from tests.simulator.trader import FIRST, FIRST_ID, SECOND_ID
from tests.support.server import wait_until
from tests.support.tls import write_certificate


def test_heartbeats_come_as_often_as_the_client_asks(bare):
    connection = bare().sign_in(heartbeats=(0, 20))

    assert [connection.receive().command for _ in range(3)] == [COMMAND.HEARTBEAT] * 3


def test_a_client_that_says_nothing_for_three_intervals_is_let_go(bare):
    assert bare().sign_in(heartbeats=(20, 0)).is_closed()


def test_the_sdks_client_and_the_simulator_keep_each_other_alive(simulator, connect):
    subscriber = connect(heartbeats=(50, 50))
    subscriber.wait("heartbeat_callback", lambda _: len(subscriber.heard.list("heartbeat_callback")) > 5)

    assert len(simulator.push_connections()) == 1


def test_a_sign_in_may_come_byte_by_byte(bare):
    connection = bare()
    for byte in encode_frame(connection.get_sign_in().SerializeToString()):
        connection.socket.sendall(bytes([byte]))

    assert connection.receive().command == COMMAND.CONNECTED


def test_requests_sent_together_are_answered_in_turn(signed_in):
    requests = [ProtoMessageUtil.build_subscribe_query_message() for _ in range(3)]
    signed_in.socket.sendall(b"".join(encode_frame(request.SerializeToString()) for request in requests))

    assert [signed_in.receive().id for _ in range(3)] == [request.id for request in requests]


@pytest.mark.parametrize("data", [b"\xff" * 8, b"\x02\x08", b"\x03\x0f\x01\x02"])
def test_bytes_that_are_no_frame_end_the_connection(simulator, signed_in, data):
    signed_in.socket.sendall(data)
    signed_in.socket.shutdown(socket.SHUT_WR)

    assert signed_in.is_closed()
    assert simulator.push_connections() == []


@pytest.mark.parametrize("command", ["UNKNOWN", "CONNECTED", "MESSAGE", "ERROR", "REFRESH_TOKEN"])
def test_commands_that_clients_do_not_send_are_refused(signed_in, command):
    request = ProtoMessageUtil.build_subscribe_query_message()
    request.command = COMMAND.Value(command)
    signed_in.send(request)

    answer = signed_in.receive()
    assert (answer.command, answer.code) == (COMMAND.ERROR, 4 if command == "REFRESH_TOKEN" else 3007)


def test_an_empty_frame_is_refused_and_harms_nothing(signed_in):
    signed_in.socket.sendall(b"\x00")

    assert signed_in.receive().code == 3007
    assert signed_in.subscribe("Asset").code == 112


def test_a_client_that_does_not_read_costs_no_more_than_is_kept_for_it(simulator, bare):
    reader = bare(SECOND_ID).sign_in()
    deaf = bare()
    deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.sign_in().subscribe("Asset", account=FIRST)
    name = "x" * 50_000
    told = 0
    while simulator.push_connections()[-1]["tiger_id"] != SECOND_ID and told < 1000:
        simulator.publish("Position", {"name": name}, FIRST)
        told += 1

    assert told * len(name) < 20 * MOST_UNREAD_BYTES
    assert [row["tiger_id"] for row in simulator.push_connections()] == [SECOND_ID]
    assert reader.subscribe("Quote", "AAPL").code == 112


def test_a_client_that_does_not_read_is_let_go_when_it_is_kicked(simulator, bare):
    deaf = bare()
    deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.sign_in().subscribe("Asset", account=FIRST)
    for _ in range(8):
        simulator.publish("Position", {"name": "x" * 50_000}, FIRST)
    simulator.kick(FIRST_ID)

    wait_until(lambda: simulator.push_connections() == [], 10)


def test_quotes_are_left_out_for_a_client_that_lags_and_told_once_it_reads_again(simulator, bare):
    lagging = bare()
    lagging.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
    lagging.sign_in()
    subscribe(lagging, "Quote", "MSFT")
    lagging.subscribe("Asset", account=FIRST)
    for _ in range(8):
        simulator.publish("Position", {"name": "x" * 50_000}, FIRST)
    for price in (11, 12, 13):
        simulator.set_price("MSFT", price)
    found = drain(simulator, lagging)
    simulator.advance(0)
    quotes = [frame.body.quoteData for frame in (*found, *drain(simulator, lagging)) if name_of(frame) == "Quote"]
    simulator.set_price("MSFT", None)

    assert [quote.latestPrice for quote in quotes] == [13]


def test_what_begins_as_http_is_answered_as_http(simulator):
    _, host, port = simulator.push_address.split(",")
    with socket.create_connection((host, int(port)), 5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

        assert connection.recv(64).startswith(b"HTTP/1.1 405")


def test_nothing_is_made_before_somebody_connects(simulate):
    simulator = simulate()
    assembly = simulator._assembly

    assert assembly._push is None
    assert assembly.service.after_tick == []
    assert assembly.engine._store.watcher is None
    assert not (simulator.folder / "push.pem").exists()


def test_connections_are_closed_while_all_are_refused(simulate, bare):

    simulator = simulate()
    with Bare(simulator) as connection:
        connection.sign_in()
        simulator.inject(Fault("refused", seconds=30))

        assert connection.is_closed()


@pytest.mark.parametrize(("chosen", "protocol"), [([], "tcp"), (["--push", "tls"], "ssl")])
def test_the_command_line_says_how_clients_are_told_to_come(tmp_path, chosen, protocol):
    with Simulator.running(get_options(read_arguments(["--instance", str(tmp_path), *chosen]))) as simulator:
        folder = simulator.get_credential_folder(FIRST_ID)

        assert f"socket_host_port={protocol},127.0.0.1," in (folder / CONFIG_FILE).read_text()


@pytest.fixture
def secure(simulate):
    """Give a simulator whose credentials tell clients to use TLS."""
    return simulate(push="tls")


def test_the_sdks_client_signs_in_over_tls_where_its_credential_says_so(secure):

    with Subscriber(secure) as subscriber:
        subscriber.subscribe("quote", ["AAPL"])

        assert subscriber.wait("quote_changed").symbol == "AAPL"
        assert subscriber.config.socket_host_port[0] == "ssl"


def test_whoever_verifies_the_certificate_finds_it_in_the_folder(secure):

    with Bare(secure, certificate=secure.folder / "push.pem") as connection:
        connection.sign_in()

        assert connection.subscribe("Quote", "AAPL").code == 112
        assert (secure.folder / "push-key.pem").stat().st_mode & 0o077 == 0


def test_a_client_that_trusts_nobody_is_not_deceived(secure, tmp_path: Path):

    stranger = tmp_path / "stranger.pem"

    write_certificate(stranger)
    with pytest.raises(ssl.SSLCertVerificationError):
        Bare(secure, certificate=stranger)


def test_the_certificate_outlives_a_restart(simulate, tmp_path: Path):
    first = simulate(push="tls")
    certificate = (first.folder / "push.pem").read_text()
    first.stop()
    second = simulate(push="tls")

    assert (second.folder / "push.pem").read_text() == certificate
