"""The open connections of a worker: who is let in, who makes room, and what the loop hears of each."""

import selectors
from collections import Counter
from collections.abc import Callable, Iterator

from app.server.connection import Connection, State

LOOPBACK = ("127.", "::1", "::ffff:127.")


class Connections:
    """All of them; only the thread of the loop may use this."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._open: set[Connection] = set()
        self._hosts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._open))

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._open

    def let_in(self, connection: Connection, most_of_address: int) -> bool:
        """Take a connection; close it where its address has as many as it may, and none of them can make room."""
        host = connection.host
        if most_of_address and not host.startswith(LOOPBACK) and self._hosts[host] >= most_of_address:
            self.make_room(host)
            if self._hosts[host] >= most_of_address:
                connection.socket.close()
                return False
        self._hosts[host] += 1
        self._open.add(connection)
        return True

    def make_room(self, host: str | None = None) -> None:
        """Close some, of one address or of all, that have waited longest; first those that never got an answer."""
        waiting = [each for each in self._open if each.state is not State.BUSY and host in {None, each.host}]
        waiting.sort(key=lambda connection: (connection.is_used, connection.ends_at))
        for connection in waiting[: 1 + len(waiting) // 64]:
            self.close(connection)

    def watch(self, connection: Connection, event: int, act: Callable[[Connection], None]) -> None:
        """Hear of this event of a connection, and of no other."""
        change = self._selector.modify if connection.is_watched else self._selector.register
        change(connection.socket, event, (act, connection))
        connection.is_watched = True

    def close(self, connection: Connection) -> None:
        """Close a connection, unless something else of the same turn has done so."""
        if connection not in self._open:
            return
        self._open.remove(connection)
        self._hosts[connection.host] -= 1
        if not self._hosts[connection.host]:
            del self._hosts[connection.host]
        if connection.is_watched:
            self._selector.unregister(connection.socket)
        connection.socket.close()
