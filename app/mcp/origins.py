"""Refuse pages of an origin that nobody named: a page whose name is made to lead to loopback would be our neighbour."""

from collections.abc import Sequence

from app.mcp.protocol import INVALID_REQUEST, ProtocolError

ANY = "*"
FORBIDDEN = 403


def check_origin(origin: str | None, *allowed: Sequence[str]) -> None:
    """Let a request pass that comes from no page, or from one whose origin is named.

    ``*`` names none here: it opens the API to scripts of pages, which is not meant for what drives an agent.

    Raises:
        ProtocolError: The page's origin is not named.
    """
    named = {each.lower() for origins in allowed for each in origins if each != ANY}
    if origin is not None and origin.lower() not in named:
        raise ProtocolError(
            INVALID_REQUEST,
            "Pages of this origin may not call here: the operator names those that may in mcp.allowed_origins.",
            status=FORBIDDEN,
        )
