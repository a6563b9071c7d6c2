"""An HTTP/1.1 server on asyncio and h11, just large enough for the wire: POST in, JSON out, keep-alive."""

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Callable
from typing import cast

import h11

from app.simulator.answers import Answer, encode
from app.simulator.control import CONTROL_PREFIX, Control
from app.simulator.push.recognition import TELLING_BYTES, Forget, Recognized, is_push
from app.simulator.service import Receipt, Service

MAX_BODY_BYTES = 1024 * 1024
MAX_BUFFERED_BYTES = 2 * MAX_BODY_BYTES
BACKLOG = 512
RETRY_SECONDS = 0.02
ANSWER_FIRST_SECONDS = 0.02

logger = logging.getLogger(__name__)


class Server:
    """Own the listening socket and every connection; those that speak no HTTP are handed to the push service."""

    def __init__(
        self, service: Service, control: Control, make_push: Callable[[Forget], Recognized], listener: socket.socket
    ) -> None:
        self.service = service
        self.control = control
        self._make_push = make_push
        self.connections_opened = 0
        self._connections: set[Connection | Recognized] = set()
        self._listener = listener
        self._address = listener.getsockname()[:2]
        self._acceptor: asyncio.Server | None = None
        self._resume: asyncio.TimerHandle | None = None

    @property
    def connections_open(self) -> int:
        """Return how many connections are open now."""
        return len(self._connections)

    @property
    def port(self) -> int:
        """Return the port that the listener is bound to."""
        return int(self._address[1])

    async def start(self) -> None:
        """Start to accept connections."""
        self._listener.listen(BACKLOG)
        loop = asyncio.get_running_loop()
        # asyncio closes the socket that it serves, so it gets a copy: refusing has to be undone.
        self._acceptor = await loop.create_server(lambda: Connection(self), sock=self._listener.dup(), backlog=BACKLOG)

    def stop(self) -> None:
        """Stop to accept, and close every connection."""
        if self._resume is not None:
            self._resume.cancel()
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None
        self._listener.close()
        self._close_connections()

    def refuse_soon(self, seconds: float) -> None:
        """Refuse connections once the answer that is being written has left."""
        asyncio.get_running_loop().call_later(ANSWER_FIRST_SECONDS, self.refuse, seconds)

    def refuse(self, seconds: float) -> None:
        """Refuse connections for ``seconds`` of real time, as a server that is down does.

        Shutting a listening socket down stops the listening for every process that holds it, so this works
        for an inherited socket too; binding and listening again undoes it (Linux).
        """
        if self._acceptor is None:
            return
        self._acceptor.close()
        self._acceptor = None
        self._listener.shutdown(socket.SHUT_RDWR)
        # Bound and not listened to, the port is refused to clients and given to nobody else meanwhile.
        with contextlib.suppress(OSError):
            self._bind_again()
        self._close_connections()
        self._resume = asyncio.get_running_loop().call_later(seconds, self._accept_again)

    def _accept_again(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._bind_again()
            self._listener.listen(BACKLOG)
        except OSError as error:
            # Some client's outgoing connection may have been given the port for its own end meanwhile.
            if error.errno != errno.EADDRINUSE:
                raise
            self._resume = loop.call_later(RETRY_SECONDS, self._accept_again)
            return
        self._starting = loop.create_task(self.start())

    def _bind_again(self) -> None:
        """Take the port again: the kernel gives up one that it chose itself when the listening ends."""
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind(self._address)
        except OSError as error:
            # EINVAL says that the socket has kept its port.
            if error.errno != errno.EINVAL:
                raise

    def _close_connections(self) -> None:
        for connection in list(self._connections):
            connection.close()

    def add(self, connection: "Connection") -> None:
        """Count a new connection."""
        self.connections_opened += 1
        self._connections.add(connection)

    def remove(self, connection: "Connection | Recognized") -> None:
        """Forget a connection that is gone."""
        self._connections.discard(connection)

    def hand_over(self, connection: "Connection", transport: asyncio.Transport, data: bytes) -> None:
        """Let the push service go on with a connection that has begun as its clients begin."""
        pushed = self._make_push(self.remove)
        self._connections.discard(connection)
        self._connections.add(pushed)
        transport.set_protocol(pushed)
        pushed.connection_made(transport)
        pushed.data_received(data)


class Connection(asyncio.Protocol):
    """Speak HTTP with one client, one request at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._http = h11.Connection(h11.SERVER)
        self._transport: asyncio.Transport | None = None
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._waiting: asyncio.TimerHandle | None = None
        self._is_busy = False
        # The first bytes tell whether it is HTTP at all; None once they have.
        self._first: bytes | None = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport over; asyncio has set TCP_NODELAY on it."""
        self._transport = cast("asyncio.Transport", transport)
        self._server.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature.
        """Drop what was still to be answered."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._transport = None
        self._server.remove(self)

    def close(self) -> None:
        """Close the connection, with what has been written still sent."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Feed bytes to the parser and answer what they complete, unless they are for the push service."""
        if self._first is not None:
            self._first += data
            if len(self._first) < TELLING_BYTES:
                return
            data, self._first = self._first, None
            if self._transport is not None and is_push(data):
                transport, self._transport = self._transport, None
                self._server.hand_over(self, transport, data)
                return
        self._http.receive_data(data)
        if not self._is_busy:
            self._advance()
        elif len(self._http.trailing_data[0]) > MAX_BUFFERED_BYTES:
            # A client that pipelines megabytes behind a slow answer is none that the wire knows.
            self.close()

    def eof_received(self) -> bool | None:
        """Tell the parser that the client has finished sending."""
        if self._first:
            self._http.receive_data(self._first)
        self._first = None
        self._http.receive_data(b"")
        if not self._is_busy:
            self._advance()
        return self._is_busy

    def _advance(self) -> None:
        try:
            while not self._is_busy and self._transport is not None and not self._transport.is_closing():
                if not self._take(self._http.next_event()):
                    return
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint, str(error))

    def _take(self, event: object) -> bool:
        """Handle one parser event and say whether to ask for another."""
        if isinstance(event, h11.Request):
            self._request = event
            self._body.clear()
        elif isinstance(event, h11.Data):
            self._body += event.data
            if len(self._body) > MAX_BODY_BYTES:
                self._refuse(413, "request body too large")
                return False
        elif isinstance(event, h11.EndOfMessage):
            self._dispatch()
        elif isinstance(event, h11.ConnectionClosed):
            self.close()
            return False
        elif event is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue and self._transport is not None:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                self._transport.write(self._http.send(go_on) or b"")
                return True
            return False
        elif event is h11.PAUSED:
            return False
        return True

    def _dispatch(self) -> None:
        request = self._request
        if request is None:
            return
        method, path = request.method, request.target.decode("ascii", "replace")
        headers = {bytes(name): bytes(value) for name, value in request.headers}
        if path.startswith(CONTROL_PREFIX):
            peer = self._transport.get_extra_info("peername") if self._transport else None
            host = str(peer[0]) if peer else ""
            self._write(self._server.control.answer(method.decode(), path, headers, bytes(self._body), host))
        elif method != b"POST":
            self._write(encode({"code": 1000, "message": "common param error(only POST is served)"}, 405))
        else:
            authorization = headers.get(b"authorization")
            token = None if authorization is None else authorization.decode("latin-1")
            receipt = self._server.service.receive(bytes(self._body), token)
            if receipt.wait_seconds > 0:
                self._wait(receipt.wait_seconds, lambda: self._finish(receipt))
            else:
                self._finish(receipt)

    def _finish(self, receipt: Receipt) -> None:
        self._send(self._server.service.finish(receipt))

    def _send(self, answer: Answer) -> None:
        if answer.is_cut:
            self._is_busy = True
            self.close()
        elif answer.is_hung:
            self._is_busy = True
        elif answer.delay_seconds > 0:
            self._wait(answer.delay_seconds, lambda: self._resume(answer))
        else:
            self._write(answer)

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self._is_busy = True

        def go_on() -> None:
            self._waiting = None
            self._is_busy = False
            then()
            self._advance()

        self._waiting = asyncio.get_running_loop().call_later(seconds, go_on)

    def _resume(self, answer: Answer) -> None:
        self._write(answer)

    def _refuse(self, status: int, reason: str) -> None:
        if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self._write(encode({"code": 1000, "message": f"common param error({reason})"}, status))
        self.close()

    def _write(self, answer: Answer) -> None:
        if self._transport is None:
            return
        head = h11.Response(
            status_code=answer.status,
            headers=[
                (b"Content-Type", b"application/json;charset=UTF-8"),
                (b"Content-Length", str(len(answer.body)).encode()),
            ],
        )
        out = [self._http.send(head), self._http.send(h11.Data(data=answer.body)), self._http.send(h11.EndOfMessage())]
        self._transport.write(b"".join(part for part in out if part))
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        elif self._http.our_state is h11.MUST_CLOSE or self._http.our_state is h11.CLOSED:
            self.close()
