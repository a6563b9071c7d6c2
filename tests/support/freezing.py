"""A way to a server that can be made to stand still: it takes what is sent, and says nothing more."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator

from sqlalchemy import URL

CHUNK = 65_536
POSTGRESQL_PORT = 5_432
LOOK_SECONDS = 0.02


class FreezingProxy:
    """Carry bytes both ways between clients and a server on this machine, until it is frozen."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self._flowing = threading.Event()
        self._flowing.set()
        self._thread = threading.Thread(target=self._run, name="freezing-proxy", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Return the port that clients connect to."""
        return int(self._listener.getsockname()[1])

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Carry nothing in this block; connections are taken all the same, as by the kernel of a stopped machine."""
        self._flowing.clear()
        try:
            yield
        finally:
            self._flowing.set()

    def close(self) -> None:
        """End every connection."""
        self._ended.set()
        self._thread.join(5)

    def _run(self) -> None:
        with contextlib.ExitStack() as stack, selectors.DefaultSelector() as ready:
            stack.callback(self._listener.close)
            ready.register(self._listener, selectors.EVENT_READ)
            while not self._ended.is_set():
                if not self._flowing.wait(LOOK_SECONDS):
                    continue
                for key, _ in ready.select(LOOK_SECONDS):
                    if not self._flowing.is_set():
                        break
                    if key.data is None:
                        client, _ = self._listener.accept()
                        server = socket.create_connection(self._server)
                        for ours, other in ((client, server), (server, client)):
                            stack.callback(ours.close)
                            ready.register(ours, selectors.EVENT_READ, other)
                        continue
                    assert isinstance(key.fileobj, socket.socket)
                    self._carry(ready, key.fileobj, key.data)

    @staticmethod
    def _carry(ready: selectors.BaseSelector, source: socket.socket, target: socket.socket) -> None:
        try:
            data = source.recv(CHUNK)
            target.sendall(data)
        except OSError:
            data = b""
        if not data:
            for ended in (source, target):
                with contextlib.suppress(KeyError, ValueError):
                    ready.unregister(ended)
                ended.close()


@contextlib.contextmanager
def freezing_proxy(database: URL) -> Iterator[FreezingProxy]:
    """Run one to the server of a PostgreSQL database for the time of the block."""
    proxy = FreezingProxy(database.host or "127.0.0.1", database.port or POSTGRESQL_PORT)
    try:
        yield proxy
    finally:
        proxy.close()
