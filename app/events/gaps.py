"""What is missing between what a client has had and what is still there, and how to read it again."""

from dataclasses import dataclass
from typing import Any

from app.clock import get_now_ms
from app.events.event_log import Head
from app.events.events import EventId


@dataclass(frozen=True, slots=True)
class Gap:
    """Events that cannot be told any more, by their numbers; None where nobody knows them. Times in epoch ms."""

    from_number: int | None
    to_number: int | None
    since: int
    until: int
    resumes_at: int

    def to_dict(self, account: str) -> dict[str, Any]:
        """Return what a client is told."""
        span = {"account": account, "start_date": self.since, "end_date": self.until}
        return {
            "account": account,
            "from_number": self.from_number,
            "to_number": self.to_number,
            "since": self.since,
            "until": self.until,
            "read": [
                {"path": "/api/trade/orders", "body": span},
                {"path": "/api/trade/transactions", "body": span},
                {"path": "/api/trade/positions", "body": {"account": account, "sec_type": "ALL"}},
                {"path": "/api/trade/account-info", "body": {"account": account}},
            ],
        }


def find_gap(head: Head, seen: EventId) -> Gap | None:
    """Return what of an account's events is missing for whoever has had all up to this one."""
    if seen.era == head.era and head.purged <= seen.number <= head.last:
        return None
    if seen.era == head.era and seen.number < head.purged:
        return Gap(seen.number + 1, head.purged, seen.at, head.purged_at, head.purged)
    # The events that it has had were another database's, or this one was put back to an earlier state.
    is_another = seen.era != head.era
    until = max(seen.at, head.watched_since) if is_another else get_now_ms()
    return Gap(None, None, seen.at, until, head.purged if is_another else head.last)
