"""Whether the audit trail is whole after a campaign, and has each event that the journal has, once."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from app.audit.audit import open_audit
from app.audit.events import ORDER, ORDER_REFUSED
from app.audit.examination import verify
from app.settings import Settings
from app.storage import Storage
from app.storage.audit_tables import audit_rows
from app.storage.order_tables import order_commands


@dataclass(frozen=True)
class TrailVerdict:
    """How many rows there are, and what is wrong."""

    rows: int
    culprits: Sequence[str] = ()

    @property
    def is_good(self) -> bool:
        """Tell whether the chain is whole and all is in it."""
        return self.rows > 0 and not self.culprits


def get_trail_verdict(storage: Storage, folder: Path, secret: str) -> TrailVerdict:
    """Link what is left, verify the chain, and compare it with the journal, event by event."""
    audit = open_audit(Settings(instance=folder), storage, [secret.encode()])
    audit.chain.link()
    report = verify(storage, audit.keys, audit.seen)
    with storage.reading() as connection:
        histories = connection.execute(select(order_commands.c.id, order_commands.c.history)).all()
        rows = connection.execute(
            select(audit_rows.c.subject, audit_rows.c.event).where(
                audit_rows.c.event.startswith(f"{ORDER}."), audit_rows.c.event != ORDER_REFUSED
            )
        ).all()
    happened = Counter(
        (history.id, f"{ORDER}.{json.loads(line)['event']}")
        for history in histories
        for line in history.history.splitlines()
    )
    recorded = Counter((row.subject, row.event) for row in rows)
    culprits = [f"the chain: {problem.sentence}" for problem in report.problems]
    culprits += [f"not recorded: {event} of {command}" for command, event in happened - recorded]
    culprits += [f"recorded, and not in the journal: {event} of {command}" for command, event in recorded - happened]
    return TrailVerdict(report.rows, culprits)
