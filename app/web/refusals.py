"""Record in the audit trail who was refused what: a valid key that may not do what it asks for, or asks wrongly.

Who has no valid key is not recorded: anybody could fill the database. For the same reason a key gets a bounded number
of rows a minute; the next one says how many were left out. What the order service refuses it records itself.
"""

import logging
import threading
from http import HTTPStatus
from typing import Any, Final

from app.audit import events
from app.audit.actors import name_client
from app.clock import get_elapsed
from app.errors import GatewayError, StorageUnavailable
from app.request_context import RequestContext, get_request

MOST_A_MINUTE: Final = 60
MOST_KEYS: Final = 4_096

logger = logging.getLogger(__name__)


class _Bound:
    """Count the refusals of each key in the running minute of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, int]] = {}

    def count(self, key_id: str) -> int | None:
        """Count one; return how many before it were left out, or None where this one is to be."""
        minute = int(get_elapsed() // 60)
        with self._lock:
            if len(self._counts) >= MOST_KEYS:
                self._counts.clear()
            counted_in, count = self._counts.get(key_id, (minute, 0))
            if counted_in != minute:
                left_out, count = max(0, count - MOST_A_MINUTE), 0
            else:
                left_out = 0
            self._counts[key_id] = (minute, count + 1)
        return left_out if count < MOST_A_MINUTE else None


_bound = _Bound()


def is_refusal(error: GatewayError) -> bool:
    """Return whether an error says that the caller may not, or asks for what cannot be done.

    Too many requests are no refusal of what they ask for.
    """
    return HTTPStatus.BAD_REQUEST <= error.status < HTTPStatus.TOO_MANY_REQUESTS


def record_refusal(context: RequestContext, error: GatewayError) -> None:
    """Write down a refusal; that it cannot be written changes nothing, since nothing is done."""
    identity = context.identity
    if identity is None or error.is_recorded or not is_refusal(error):
        return
    left_out = _bound.count(identity.key_id)
    if left_out is None:
        return
    details: dict[str, Any] = {"path": get_request().path, "error": error.code, "reason": error.message}
    details |= {"request_id": context.request_id} | ({"left_out": left_out} if left_out else {})
    actor = name_client(identity.key_id, identity.name)
    try:
        context.gateway.trail.note(events.REQUEST_REFUSED, actor, account=context.account, details=details)
    except StorageUnavailable:
        logger.warning("A refusal could not be recorded: the database does not answer")
