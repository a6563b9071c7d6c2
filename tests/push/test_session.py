"""What a session does with a server that the simulator does not play: access tokens, and odd promises of heartbeats."""

import json
import socket
import threading

import pytest
from tigeropen.push.pb.Request_pb2 import Request
from tigeropen.push.pb.Response_pb2 import Response
from tigeropen.push.pb.SocketCommon_pb2 import SocketCommon

from app.push.connection import Connection, ConnectionEnded
from app.push.interests import Wants
from app.push.session import Session
from app.push.subscriptions import Subscriptions
from app.tiger.push.address import PushAddress
from app.tiger.push.frames import FrameReader, write_frame
from app.tiger.push.requests import Requests, SignIn
from tests.support.server import wait_until

COMMAND = SocketCommon.Command


class Server:
    """Take one connection, and say what a test has it say."""

    def __init__(self, heartbeats="10000,10000"):
        self._heartbeats = heartbeats
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.requests = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def address(self):
        return PushAddress("127.0.0.1", self._listener.getsockname()[1], is_tls=False)

    def say(self, **response):
        self._socket.sendall(write_frame(Response(**response).SerializeToString()))

    def list(self, command):
        return [request for request in self.requests if request.command == COMMAND.Value(command)]

    def close(self):
        self._listener.close()
        self._socket.close()
        self._thread.join(5)

    def _run(self):
        self._socket, _ = self._listener.accept()
        frames = FrameReader()
        while chunk := self._receive():
            for message in frames.feed(chunk):
                request = Request.FromString(message)
                self.requests.append(request)
                if request.command == COMMAND.CONNECT:
                    self.say(command=COMMAND.CONNECTED, msg=json.dumps({"heart-beat": self._heartbeats}))

    def _receive(self):
        try:
            return self._socket.recv(65536)
        except OSError:
            return b""


class Silent:
    """Want to know nothing."""

    def let_in(self): ...

    def settled(self): ...

    def take_account(self, pushed): ...

    def take_quote(self, pushed): ...


@pytest.fixture
def start():
    """Give what runs a session with a server in a thread, until the test ends."""
    going, ended = [True], []

    def run(server, sign_in):
        requests = Requests()
        subscriptions = Subscriptions(Wants(), requests, "1", lambda _: None, lambda _: None)
        connection = Connection(server.address, None)
        session = Session(connection, subscriptions, requests, sign_in, lambda: going[0], Silent())

        def serve():
            try:
                session.run()
            except ConnectionEnded as error:
                ended.append(str(error))
            finally:
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        ended_with.append((thread, server))
        return ended

    ended_with: list[tuple[threading.Thread, Server]] = []
    yield run
    going[0] = False
    for thread, server in ended_with:
        thread.join(10)
        server.close()


def test_an_access_token_takes_the_place_of_tiger_id_and_signature(start):
    server = Server()
    start(server, SignIn("20154747", "signature", lambda: "token-1"))
    wait_until(lambda: server.list("CONNECT"), 10)

    connect = server.list("CONNECT")[0].connect
    assert (connect.tigerId, connect.sign, connect.accessToken) == ("", "", "token-1")


def test_a_new_access_token_is_taken_into_use_on_the_same_connection(start):
    server, tokens = Server(), ["token-1"]
    start(server, SignIn("20154747", "signature", lambda: tokens[-1]))
    wait_until(lambda: server.list("CONNECT"), 10)
    tokens.append("token-2")
    wait_until(lambda: server.list("REFRESH_TOKEN"), 10)
    server.say(command=COMMAND.REFRESH_TOKEN, code=0)
    tokens.append("token-3")
    wait_until(lambda: len(server.list("REFRESH_TOKEN")) == 2, 10)

    assert [request.refreshToken.accessToken for request in server.list("REFRESH_TOKEN")] == ["token-2", "token-3"]
    assert len(server.list("CONNECT")) == 1


def test_a_signature_is_sent_without_any_token(start):
    server = Server()
    start(server, SignIn("20154747", "signature"))
    wait_until(lambda: server.list("CONNECT"), 10)

    connect = server.list("CONNECT")[0].connect
    assert (connect.tigerId, connect.sign, connect.HasField("accessToken")) == ("20154747", "signature", False)
    assert (connect.sendInterval, connect.receiveInterval, connect.acceptVersion) == (10_000, 10_000, "3")


def test_signs_of_life_are_sent_as_agreed(start):
    server = Server("100,10000")
    start(server, SignIn("20154747", "signature"))

    wait_until(lambda: len(server.list("HEARTBEAT")) >= 3, 10)


def test_a_server_that_keeps_no_promise_of_heartbeats_is_left(start):
    ended = start(Server("10000,100"), SignIn("20154747", "signature"))
    wait_until(lambda: ended, 10)

    assert "was silent" in ended[0]


def test_a_server_that_promises_no_heartbeats_is_asked_for_a_sign_of_life(start):
    server = Server("10000,0")
    start(server, SignIn("20154747", "signature"))

    wait_until(lambda: server.list("SEND"), 20)
