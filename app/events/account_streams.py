"""Give clients the events of an account: as a stream, or to those who ask for them again and again."""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.clock import get_now_ms
from app.errors import InvalidRequest
from app.events.event_log import EventLog, Head
from app.events.events import AccountEvent, EventId
from app.events.feeder import Feeder, Subscription
from app.events.gaps import find_gap
from app.events.snapshots import Snapshots
from app.server.stream import Stream, get_retry
from app.streams.sse import get_event
from app.tiger.sessions import Session

MOST_WAITING_BYTES: Final = 1_048_576
"""What may wait for a client: a burst of some thousand events. One that takes them more slowly comes again."""
BACKLOG_AT_ONCE: Final = 200
MOST_BACKLOG_BYTES: Final = 524_288
"""Who has missed more gets this much at a time, and comes again for the rest."""
SOON: Final = b"retry: 50\n\n"
FIRST: Final = b"retry: 1000\n\n"
MOST_POLLED: Final = 500


@dataclass(frozen=True, slots=True)
class Polled:
    """What whoever asks is given: events, what is missing before them, and the id to ask with next."""

    events: Sequence[AccountEvent]
    next_id: EventId
    gap: dict[str, Any] | None = None
    snapshot: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what is published."""
        return {
            "events": [event.to_dict() for event in self.events],
            "count": len(self.events),
            "after": str(self.next_id),
            "gap": self.gap,
            "snapshot": self.snapshot,
        }


class AccountStreams:
    """Begin each client where it left off, then pass on what the feeder brings."""

    def __init__(
        self, log: EventLog, feeder: Feeder, snapshots: Snapshots, count_gap: Callable[[], None] = lambda: None
    ) -> None:
        self._log = log
        self._feeder = feeder
        self._snapshots = snapshots
        self._count_gap = count_gap

    def open(self, session: Session, topics: Collection[str], after: str | None) -> Stream:
        """Return the stream of an account's events: a snapshot and what comes, or what came after an id.

        Raises:
            InvalidRequest: The id is none of ours.
            StorageUnavailable: The database does not answer.
        """
        account = session.account.account
        stream = Stream(get_retry(), MOST_WAITING_BYTES)
        stream.put(FIRST)
        seen = read_id(after)
        if seen is None:
            snapshot = self._snapshots.fetch(session)
            seen_id = snapshot.head.get_id(get_now_ms())
            stream.put(
                get_event("snapshot", {"account": account, "id": str(seen_id), **snapshot.content}, str(seen_id))
            )
            era, number = snapshot.head.era, snapshot.head.last
        else:
            head = self._log.fetch_head(account)
            era, number = head.era, seen.number
            if gap := find_gap(head, seen):
                self._count_gap()
                number = gap.resumes_at
                seen_id = EventId(number, era, gap.until)
                stream.put(get_event("gap", gap.to_dict(account), str(seen_id)))
        listener = Subscription(account, era, number, frozenset(topics), lambda events: _pass_on(stream, events))
        self._catch_up(stream, listener)
        return stream

    def poll(self, session: Session, topics: Collection[str], after: str | None, wait_seconds: float) -> Polled:
        """Return what came after an id, waiting for the first of it; without one, how the account stands.

        Raises:
            InvalidRequest: The id is none of ours.
            StorageUnavailable: The database does not answer.
        """
        account = session.account.account
        seen = read_id(after)
        if seen is None:
            snapshot = self._snapshots.fetch(session)
            return Polled((), snapshot.head.get_id(get_now_ms()), snapshot=snapshot.content)
        head = self._log.fetch_head(account)
        if gap := find_gap(head, seen):
            self._count_gap()
            return Polled((), EventId(gap.resumes_at, head.era, gap.until), gap=gap.to_dict(account))
        return self._wait(head, seen, frozenset(topics), time.monotonic() + wait_seconds)

    def _wait(self, head: Head, seen: EventId, topics: frozenset[str], ends_at: float) -> Polled:
        is_there = threading.Event()
        number = seen.number
        while True:
            head = self._log.fetch_head(head.account)
            if head.era != seen.era:
                return Polled((), head.get_id(get_now_ms()))
            found = self._log.fetch_after(head, number, MOST_POLLED, topics)
            if found or time.monotonic() >= ends_at:
                return Polled(found, found[-1].id if found else head.get_id(get_now_ms()))
            number = max(number, head.last)
            listener = Subscription(head.account, head.era, number, topics, lambda _events: is_there.set())
            if self._feeder.add(listener, head):
                is_there.wait(max(0.0, ends_at - time.monotonic()))
                self._feeder.remove(listener)

    def _catch_up(self, stream: Stream, listener: Subscription) -> None:
        """Send what came meanwhile, then what comes; who has too much of it before it comes again for the rest."""
        sent = 0
        while True:
            head = self._log.fetch_head(listener.account)
            events = self._log.fetch_after(head, listener.number, BACKLOG_AT_ONCE, listener.topics)
            piece = b"".join(event.wire for event in events)
            sent += len(piece)
            if piece:
                stream.put(piece)
            had = max(listener.number, events[-1].id.number if events else 0)
            # Where that was all, those of other topics are passed over.
            listener.number = had if len(events) == BACKLOG_AT_ONCE else max(had, head.last)
            if sent > MOST_BACKLOG_BYTES:
                stream.end(SOON)
                return
            if len(events) < BACKLOG_AT_ONCE and self._feeder.add(listener, head):
                stream.when_closed(lambda: self._feeder.remove(listener))
                return


def read_id(written: str | None) -> EventId | None:
    """Return the id that a client has sent, None where it sent none.

    Raises:
        InvalidRequest: It is none of ours.
    """
    if not written:
        return None
    found = EventId.read(written)
    if found is None:
        raise InvalidRequest.of_fields({"after": ["Send the id of an event, exactly as it came."]})
    return found


def _pass_on(stream: Stream, events: Sequence[AccountEvent]) -> None:
    if events:
        stream.put(b"".join(event.wire for event in events))
    else:
        # The events begin anew: it comes again, and is told what is missing.
        stream.end()
