"""Ports for the servers that tests start, and for those that are not there."""

import socket


def reserve_port() -> int:
    """Return a local port that the system gives to nobody who asks for any, until this process ends.

    It is bound, but nobody listens on it: connections are refused until a server does that may reuse an address, as
    all of ours may.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port: int = holder.getsockname()[1]
    # Open for good, and no object that its destruction could complain of.
    holder.detach()
    return port
