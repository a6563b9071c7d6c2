"""The audit trail of one gateway: its parts, put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.audit.audit_keys import AuditKeys
from app.audit.chain import Chain
from app.audit.known_secrets import list_known_secrets
from app.audit.seen import SeenFile
from app.audit.trail import Trail
from app.audit.withholding import Withholding
from app.leadership import Term
from app.settings import Settings
from app.storage.engine import Storage

LINK_SECONDS: Final = 1.0
"""How often the leader links what was written."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What writes the trail, what links it, and what is needed to verify it."""

    storage: Storage
    keys: AuditKeys
    seen: SeenFile
    trail: Trail
    chain: Chain

    def run(self, _term: Term) -> None:
        """Link what was written, as the leader's job; one that was replaced and goes on links no row twice.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        self.chain.link()


def open_audit(
    settings: Settings,
    storage: Storage,
    secrets: Sequence[bytes],
    *,
    written: Callable[[str], None] = lambda _event: None,
    found: Callable[[str], None] = lambda _fault: None,
) -> Audit:
    """Return the trail of a gateway with these secrets; rows that are written and faults that are found are counted."""
    keys, seen = AuditKeys(*secrets), SeenFile(settings.instance)
    trail = Trail(storage, keys, Withholding(list_known_secrets(settings, secrets)), written=written)
    return Audit(storage, keys, seen, trail, Chain(storage, keys, trail, settings.audit, seen, found=found))
