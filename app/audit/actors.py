"""Who did something, as the trail writes it down."""

import getpass
import socket
from typing import Final

GATEWAY: Final = "gateway"


def name_client(key_id: str, name: str) -> str:
    """Return the actor of a request: the lasting id of its key, and what the key is called."""
    return f"key:{key_id}:{name}"


def name_operator() -> str:
    """Return the actor of a command line: the user of the operating system, and the machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        user = "nobody"
    return f"command:{user}@{socket.gethostname()}"
