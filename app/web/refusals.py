"""Record in the audit trail who was refused what: a valid key that may not do what it asks for, or asks wrongly.

Who has no valid key is not recorded: anybody could fill the database. For the same reason a key gets a bounded number
of rows a minute; the next one says how many were left out. What the order service refuses it records itself, within the
same bound.
"""

import logging
from http import HTTPStatus
from typing import Any

from app.audit import events
from app.audit.actors import name_client
from app.audit.bound import REFUSALS
from app.errors import GatewayError, StorageUnavailable
from app.request_context import RequestContext, get_request

logger = logging.getLogger(__name__)


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
    left_out = REFUSALS.count(identity.key_id)
    if left_out is None:
        return
    details: dict[str, Any] = {"path": get_request().path, "error": error.code, "reason": error.message}
    details |= {"request_id": context.request_id} | ({"left_out": left_out} if left_out else {})
    actor = name_client(identity.key_id, identity.name)
    try:
        context.gateway.trail.note(events.REQUEST_REFUSED, actor, account=context.account, details=details)
    except StorageUnavailable:
        logger.warning("A refusal could not be recorded: the database does not answer")
