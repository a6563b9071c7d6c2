"""Who did something, as the trail writes it down."""

import getpass
import socket
from typing import Final

GATEWAY: Final = "gateway"
COMMAND_LINE: Final = "command-line"
"""What operators have in place of the id of a key."""


def name_client(key_id: str, name: str) -> str:
    """Return the actor of a request: the lasting id of its key, and what the key is called; or an operator's name."""
    return name_operator() if key_id == COMMAND_LINE else f"key:{key_id}:{name}"


def name_operator() -> str:
    """Return the actor of a command line: the user of the operating system, and the machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        user = "nobody"
    return f"command:{user}@{socket.gethostname()}"
