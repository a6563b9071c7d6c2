"""Record in the audit trail what becomes of each order command."""

import json
import logging
from typing import Any, Final

from sqlalchemy import PoolProxiedConnection

from app.audit.actors import COMMAND_LINE, GATEWAY, name_client
from app.audit.bound import REFUSALS
from app.audit.events import ORDER, ORDER_REFUSED
from app.audit.trail import Trail
from app.errors import EarlierOutcomeUnknown, GatewayError, OrderStateUnknown, StorageUnavailable
from app.orders.journal import RECEIVED
from app.orders.records import NewCommand
from app.orders.witnesses import Change

NO_REFUSALS: Final = (OrderStateUnknown, EarlierOutcomeUnknown, StorageUnavailable)
"""They leave open what became of the command, or nothing can be written down."""

logger = logging.getLogger(__name__)


class Recording:
    """A witness of the journal that writes what it sees into the trail."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    def note(self, driver: PoolProxiedConnection, change: Change) -> None:
        """Write the event of a command in the name of who gave it, with what was asked for where it is new."""
        record, event = change.record, change.event
        noted = {"command": record.kind.value, "attempts": record.attempts, **change.details}
        if event == RECEIVED:
            noted |= {"body": json.loads(record.body), "idempotency_key": record.idempotency_key}
        if record.order_id is not None:
            noted["order_id"] = record.order_id
        # Another process than the operator's may go on with what an operator began.
        is_later = record.api_key_id == COMMAND_LINE and event != RECEIVED
        actor = GATEWAY if is_later else name_client(record.api_key_id, record.api_key_name)
        self._trail.write(driver, f"{ORDER}.{event}", actor, account=record.account, subject=record.id, details=noted)

    def note_refusal(self, command: NewCommand, error: GatewayError) -> None:
        """Write down that a command was refused of which the journal has no row; nothing of it was sent."""
        if isinstance(error, NO_REFUSALS):
            return
        requester = command.requester
        left_out = REFUSALS.count(requester.key_id)
        if left_out is None:
            return
        noted: dict[str, Any] = {
            "command": command.kind.value,
            "body": json.loads(command.body),
            "error": error.code,
            "reason": error.message,
            "request_id": requester.request_id,
        } | ({"left_out": left_out} if left_out else {})
        if error.data is not None:
            noted["data"] = json.loads(json.dumps(dict(error.data), default=str))
        actor = name_client(requester.key_id, requester.name)
        try:
            self._trail.note(ORDER_REFUSED, actor, account=command.account, details=noted)
        except StorageUnavailable:
            # Nothing was done, and nothing will be.
            logger.warning("A refusal could not be recorded: the database does not answer")
