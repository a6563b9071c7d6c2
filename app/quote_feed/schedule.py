"""What is followed, and when each of it is to be asked for: what Tiger does not push, and now and then what it does."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.quote_feed.items import Item
from app.quote_feed.messages import Latest, Refused, Source
from app.tiger.push.feeds import Feed

READ_AGAIN_SECONDS: Final = 60.0
"""How often what is pushed is asked for as well: a push tells some members only, and may have lost one."""
CALL_SECONDS: Final = 2.0
"""At most one call so often, of each feed of a tiger_id: a quarter of the 120 a minute that Tiger allows for quotes."""
QUOTES_OF_CALL: Final = 50


@dataclass(slots=True)
class Followed:
    """An item that somebody follows, with its latest members."""

    item: Item
    followers: int = 0
    members: dict[str, Any] = field(default_factory=dict)
    latest: Latest | None = None
    refused: Refused | None = None
    is_pushed: bool = False
    """Whether Tiger has confirmed that it pushes it, as it was last looked at."""
    pushed_at: float = float("-inf")
    due_at: float = float("-inf")
    """When it is to be asked for."""
    was_asked: bool = False
    """Whether Tiger has answered once, if only that it does not: a push alone tells some members, not all."""

    @property
    def source(self) -> Source:
        """Return where what is known of it comes from."""
        return "push" if self.is_pushed else "poll"


class Schedule:
    """When the items of each tiger_id are asked for; moments are monotonic seconds."""

    def __init__(self, poll_seconds: float) -> None:
        """Take how often Tiger is asked for what it does not push."""
        self._poll_seconds = poll_seconds
        self._asked_books_at: dict[str, float] = {}

    def take_due(self, tiger_id: str, feed: Feed, group: Collection[Followed], now: float) -> Sequence[Followed]:
        """Return what is to be asked for now; the more there is that Tiger does not push, the less often."""
        due = [each for each in group if now >= each.due_at]
        if due and feed is not Feed.QUOTES:
            # Each costs a call.
            if now - self._asked_books_at.get(tiger_id, float("-inf")) < CALL_SECONDS:
                return []
            self._asked_books_at[tiger_id] = now
            due = [min(due, key=lambda each: each.due_at)]
        polled = sum(1 for each in group if not each.is_pushed)
        pause = max(self._poll_seconds, CALL_SECONDS * math.ceil(polled / QUOTES_OF_CALL))
        again = max(READ_AGAIN_SECONDS, pause) if feed is Feed.QUOTES else float("inf")
        for each in due:
            each.due_at = now + (again if each.is_pushed else pause)
        return due
