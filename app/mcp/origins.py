"""Refuse pages of an origin that nobody named: a page whose name is made to lead to loopback would be our neighbour."""

from collections.abc import Sequence

from app.mcp.protocol import INVALID_REQUEST, ProtocolError

FORBIDDEN = 403


def check_origin(origin: str | None, allowed: Sequence[str]) -> None:
    """Let a request pass that comes from no page, or from one whose origin is named.

    Raises:
        ProtocolError: The page's origin is not named.
    """
    if origin is not None and origin.lower() not in allowed:
        raise ProtocolError(
            INVALID_REQUEST,
            "Pages of this origin may not call here: the operator names those that may in mcp.allowed_origins.",
            status=FORBIDDEN,
        )
