"""Ask for and grab the permission for real-time quotes, which Tiger gives to one device of a user at a time."""

from typing import Any, Final

from tigeropen.common.consts.service_types import GET_QUOTE_PERMISSION, GRAB_QUOTE_PERMISSION

from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.wire import values

KEPT_SECONDS: Final = 60.0
"""Ten calls a minute [docs: get_quote_permission]."""


def fetch_permissions(session: Session) -> list[dict[str, Any]]:
    """Return what the user may read, each with when it ends (epoch milliseconds, None for never).

    Raises:
        GatewayError: Tiger could not be asked.
    """
    deadline = session.read_deadline()

    def fetch() -> list[dict[str, Any]]:
        return [
            {"name": values.text(row.get("name")), "expires_at": values.milliseconds(row.get("expireAt"))}
            for row in values.rows(session.call(GET_QUOTE_PERMISSION, None, deadline=deadline))
        ]

    found: list[dict[str, Any]] = session.cached("permissions", KEPT_SECONDS, (), fetch, deadline, is_shared=True)
    return found


def grab_permission(session: Session, deadline: Deadline) -> None:
    """Take the permission for the device of this gateway, from whichever has it.

    Raises:
        GatewayError: Tiger did not give it, as far as is known.
    """
    session.call(GRAB_QUOTE_PERMISSION, None, deadline=deadline)
