"""The socket that the simulator listens on."""

import socket


def bind(host: str, port: int, listen_fd: int | None) -> socket.socket:
    """Return the listening socket: the inherited one, or a new one bound to ``host`` and ``port``."""
    if listen_fd is not None:
        listener = socket.socket(fileno=listen_fd)
    else:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    listener.setblocking(False)
    return listener
