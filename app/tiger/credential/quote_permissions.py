"""Ask for and grab the permission for real-time quotes, which Tiger gives to one device of a user at a time."""

from typing import Any, Final

from tigeropen.common.consts.service_types import GET_QUOTE_PERMISSION, GRAB_QUOTE_PERMISSION

from app.tiger.deadline import Deadline, Purpose
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.wire import values
from app.tiger.wire.fields import get_decoder

_decode: Final = get_decoder((values.text, "name"), (values.milliseconds, "expires_at=expireAt"))
PERMISSIONS: Final = Kind("permissions", lambda _seconds: 60.0, is_shared=True)
"""Ten calls a minute [docs: get_quote_permission]."""


def fetch_permissions(session: Session) -> list[dict[str, Any]]:
    """Return what the user may read, each with when it ends (epoch milliseconds, None for never).

    Raises:
        GatewayError: Tiger could not be asked.
    """
    deadline = session.read_deadline()
    found: list[dict[str, Any]] = session.read(
        GET_QUOTE_PERMISSION, None, deadline, decode=get_permissions, kind=PERMISSIONS
    )
    return found


def get_permissions(data: Any) -> list[dict[str, Any]]:
    """Return the permissions of an answer."""
    return [_decode(row) for row in values.rows(data)]


def grab_permission(session: Session, deadline: Deadline) -> None:
    """Take the permission for the device of this gateway, from whichever has it.

    Raises:
        GatewayError: Tiger did not give it, as far as is known.
    """
    # With the orders' share: it is one call that many reads wait for.
    session.read(GRAB_QUOTE_PERMISSION, None, deadline.for_(Purpose.ORDER))
