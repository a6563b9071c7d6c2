"""Clients of the push service: the SDK's own, unmodified, and bare frames on a socket."""

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from google.protobuf.message import Message
from tigeropen.common.util.signature_utils import sign_with_rsa
from tigeropen.push.network.transport import encode_frame
from tigeropen.push.pb.Request_pb2 import Request
from tigeropen.push.pb.Response_pb2 import Response
from tigeropen.push.pb.SocketCommon_pb2 import SocketCommon
from tigeropen.push.pb.util import ProtoMessageUtil
from tigeropen.push.push_client import PushClient

from app.simulator.running import Simulator
from tests.simulator.trader import FIRST_ID, get_config

SECONDS = 10.0
COMMAND = SocketCommon.Command
CALLBACKS = (
    "quote_changed", "quote_bbo_changed", "quote_depth_changed", "tick_changed", "full_tick_changed", "asset_changed",
    "position_changed", "order_changed", "transaction_changed", "stock_top_changed", "option_top_changed",
    "kline_changed", "cc_changed", "cc_bbo_changed", "connect_callback", "disconnect_callback", "subscribe_callback",
    "unsubscribe_callback", "error_callback", "kickout_callback", "heartbeat_callback", "query_subscribed_callback",
)  # fmt: skip


class Heard:
    """Collect what callbacks are called with, and wait for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._calls: list[tuple[str, Any]] = []

    def hear(self, name: str) -> Callable[..., None]:
        def callback(*arguments: Any) -> None:
            with self._changed:
                self._calls.append((name, arguments[0] if arguments else None))
                self._changed.notify_all()

        return callback

    def list(self, name: str) -> list[Any]:
        return [value for called, value in self._calls if called == name]

    def wait(self, name: str, is_it: Callable[[Any], bool] = lambda _: True) -> Any:
        """Return the first that was heard under a name and is the one, now or when it comes."""

        def find() -> list[Any]:
            return [value for value in self.list(name) if is_it(value)]

        with self._changed:
            assert self._changed.wait_for(find, SECONDS), f"no {name} among {self._calls}"
            return find()[0]


class Frames:
    """Hear whole frames, as the SDK lets any listener."""

    def __init__(self, heard: Heard) -> None:
        self.on_message = heard.hear("frame")


class Subscriber:
    """Use the SDK's PushClient; it does not connect again unless asked to, for whoever sets a callback for the end."""

    def __init__(self, simulator: Simulator, tiger_id: str = FIRST_ID, **options: Any) -> None:
        self.config = get_config(simulator.get_credential_folder(tiger_id))
        self.config.use_full_tick = options.pop("use_full_tick", False)
        protocol, host, port = self.config.socket_host_port
        self.client = PushClient(host, port, use_ssl=protocol == "ssl", client_config=self.config, **options)
        self.heard = Heard()
        for name in CALLBACKS:
            setattr(self.client, name, self.heard.hear(name))

    def __enter__(self) -> Self:
        self.client.connect(self.config.tiger_id, self.config.private_key)
        self.client.client._connection.set_listener("frames", Frames(self.heard))
        self.heard.wait("connect_callback", lambda frame: isinstance(frame, Response))
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()

    def wait(self, name: str, is_it: Callable[[Any], bool] = lambda _: True) -> Any:
        return self.heard.wait(name, is_it)

    def subscribe(self, name: str, *arguments: Any) -> None:
        """Subscribe, and wait until that has been confirmed."""
        number = getattr(self.client.client, f"subscribe_{name}")(*arguments)
        self.wait("subscribe_callback", lambda frame: frame.id == number)


class Bare:
    """Speak frames over a socket, one after the other."""

    def __init__(self, simulator: Simulator, tiger_id: str = FIRST_ID, certificate: Path | None = None) -> None:
        self.config = get_config(simulator.get_credential_folder(tiger_id))
        _, host, port = self.config.socket_host_port
        self.socket = socket.create_connection((host, port), SECONDS)
        if certificate is not None:
            context = ssl.create_default_context(cafile=str(certificate))
            # The SDK replaces wrap_socket for the whole process; this is what it replaces it with, without its pause.
            self.socket = context.sslsocket_class._create(  # type: ignore[attr-defined]
                sock=self.socket, context=context, server_hostname=host
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, request: Message) -> None:
        self.socket.sendall(encode_frame(request.SerializeToString()))

    def receive(self) -> Response:
        return Response.FromString(self._read(self._read_length()))

    def receive_answer(self) -> Response:
        """Return the next frame that is no heartbeat."""
        while (frame := self.receive()).command == COMMAND.HEARTBEAT:
            pass
        return frame

    def is_closed(self) -> bool:
        """Say whether the connection ends here, whatever still comes before."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            return True
        return True

    def _read_length(self) -> int:
        length = shift = 0
        while True:
            byte = self._read(1)[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return length

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            chunk = self.socket.recv(size - len(data))
            if not chunk:
                raise EOFError(f"the connection ended after {data!r}")
            data += chunk
        return data

    def get_sign_in(self, sign: str | None = None, heartbeats: tuple[int, int] = (0, 0), **fields: Any) -> Request:
        tiger_id = fields.pop("tiger_id", self.config.tiger_id)
        signed = sign_with_rsa(self.config.private_key, tiger_id, "utf-8") if sign is None else sign
        return ProtoMessageUtil.build_connect_message(tiger_id, signed, "3", *heartbeats, **fields)

    def sign_in(self, **fields: Any) -> Self:
        self.send(self.get_sign_in(**fields))
        answer = self.receive_answer()
        assert answer.command == COMMAND.CONNECTED, answer
        return self

    def subscribe(self, data_type: str, symbols: str = "", account: str = "", market: str = "") -> Response:
        """Subscribe, and return the answer."""
        return self._ask(COMMAND.SUBSCRIBE, data_type, symbols, account, market)

    def unsubscribe(self, data_type: str, symbols: str = "", account: str = "", market: str = "") -> Response:
        return self._ask(COMMAND.UNSUBSCRIBE, data_type, symbols, account, market)

    def _ask(self, command: int, data_type: str, symbols: str, account: str, market: str) -> Response:
        request = Request(command=command, id=ProtoMessageUtil.increment())
        request.subscribe.dataType = SocketCommon.DataType.Value(data_type)
        for name, value in (("symbols", symbols), ("account", account), ("market", market)):
            if value:
                setattr(request.subscribe, name, value)
        self.send(request)
        return self.receive_answer()


def name_of(frame: Response) -> str:
    """Return the data type of an event."""
    return str(SocketCommon.DataType.Name(frame.body.dataType))


def subscribe(connection: Bare, kind: str, symbols: str = "", market: str = "") -> Any:
    """Subscribe, and return what is told at once."""
    assert connection.subscribe(kind, symbols, market=market).code == 112
    return get_data(connection)


def get_data(connection: Bare) -> Any:
    body = connection.receive_answer().body
    return getattr(body, str(body.WhichOneof("body")))


def drain(simulator: Simulator, connection: Bare) -> list[Any]:
    """Return every event that is under way."""
    simulator.publish("Asset", {"account": "the end"})
    found = []
    while (frame := connection.receive()).body.assetData.account != "the end":
        found.append(frame)
    return found


def ask(connection: Bare) -> list[Any]:
    """Ask what is subscribed, and return what comes until that is answered, the answer last."""
    connection.send(ProtoMessageUtil.build_subscribe_query_message())
    found = [connection.receive()]
    while found[-1].code != 111:
        found.append(connection.receive())
    return found


def get_subscription(kind: str, symbols: str = "", market: str = "") -> Any:
    number = ProtoMessageUtil.build_subscribe_quote_message("").subscribe.DESCRIPTOR.fields_by_name["dataType"]
    data_type = number.enum_type.values_by_name[kind].number
    return ProtoMessageUtil.build_subscribe_quote_message(symbols, data_type, market or None)
