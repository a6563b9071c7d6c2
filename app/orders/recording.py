"""Record in the audit trail what becomes of each order command."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import PoolProxiedConnection

from app.audit.actors import name_client
from app.audit.events import ORDER
from app.audit.trail import Trail
from app.orders.journal import RECEIVED
from app.orders.records import CommandRecord


class Recording:
    """A witness of the journal that writes what it sees into the trail."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    def note(
        self, driver: PoolProxiedConnection, record: CommandRecord, event: str, details: Mapping[str, Any]
    ) -> None:
        """Write the event of a command in the name of who gave it, with what was asked for where it is new."""
        noted = {"command": record.kind.value, "attempts": record.attempts, **details}
        if event == RECEIVED:
            noted |= {"body": json.loads(record.body), "idempotency_key": record.idempotency_key}
        if record.order_id is not None:
            noted["order_id"] = record.order_id
        actor = name_client(record.api_key_id, record.api_key_name)
        self._trail.write(driver, f"{ORDER}.{event}", actor, account=record.account, subject=record.id, details=noted)
