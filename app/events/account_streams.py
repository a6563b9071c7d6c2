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
        begin = FIRST
        seen = read_id(after)
        if seen is None:
            snapshot = self._snapshots.fetch(session)
            seen_id = snapshot.head.get_id(get_now_ms())
            begin += get_event("snapshot", {"account": account, "id": str(seen_id), **snapshot.content}, str(seen_id))
            era, number = snapshot.head.era, snapshot.head.last
        else:
            head = self._log.fetch_head(account)
            era, number = head.era, seen.number
            if gap := find_gap(head, seen):
                self._count_gap()
                number = gap.resumes_at
                seen_id = EventId(number, era, gap.until)
                begin += get_event("gap", gap.to_dict(account), str(seen_id))
        # A snapshot may be as large as the account has orders: it is no sign of a client that does not keep up.
        stream = Stream(get_retry(), MOST_WAITING_BYTES + len(begin), is_prompt=True)
        stream.put(begin)
        listener = Subscription(account, era, number, frozenset(topics), lambda events: _pass_on(stream, events))
        self._catch_up(stream, listener)
        return stream

    def poll(
        self, session: Session, topics: Collection[str], after: str | None, wait_seconds: float, waiting: Stream
    ) -> Polled:
        """Return what came after an id, waiting for the first of it; without one, how the account stands.

        Nothing is put into ``waiting``; once it is ended, there is nothing to tell any more.

        Raises:
            InvalidRequest: The id is none of ours.
            TooBusy: Too many threads wait already.
            StorageUnavailable: The database does not answer.
        """
        account = session.account.account
        seen = read_id(after)
        if seen is None:
            snapshot = self._snapshots.fetch(session)
            self._feeder.note_poll(account)
            return Polled((), snapshot.head.get_id(get_now_ms()), snapshot=snapshot.content)
        # Whoever waits for nothing is not seen waiting, and is to be told all the same.
        self._feeder.note_poll(account)
        is_there = threading.Event()
        waiting.serve(lambda _stream: is_there.set())
        listener = Subscription(account, seen.era, seen.number, frozenset(topics), lambda _events: is_there.set())
        # Whoever waits here has a place that whoever waits for Tiger has not.
        with session.link.pipeline.bulkhead.entered(is_urgent=False, waits_for_tiger=False):
            return self._wait(listener, seen, is_there, waiting, time.monotonic() + wait_seconds)

    def _wait(
        self, listener: Subscription, seen: EventId, is_there: threading.Event, waiting: Stream, ends_at: float
    ) -> Polled:
        while True:
            is_there.clear()
            head = self._log.fetch_head(listener.account)
            if gap := find_gap(head, EventId(listener.number, seen.era, seen.at)):
                self._count_gap()
                return Polled((), EventId(gap.resumes_at, head.era, gap.until), gap=gap.to_dict(head.account))
            found = self._read(head, listener, MOST_POLLED)
            if found is None:
                continue
            if not waiting.is_open:
                return Polled((), seen)
            if found or time.monotonic() >= ends_at:
                return Polled(found, found[-1].id if found else head.get_id(get_now_ms()))
            listener.number = number = max(listener.number, head.last)
            if self._feeder.add(listener, head):
                is_there.wait(max(0.0, ends_at - time.monotonic()))
                self._feeder.remove(listener)
                # The feeder has moved it on; what woke it is read like the rest.
                listener.number = number

    def _read(self, head: Head, listener: Subscription, most: int) -> list[AccountEvent] | None:
        """Return what comes next for a listener, or None where some of it was deleted while it was read."""
        found = self._log.fetch_after(head, listener.number, most, listener.topics)
        after = self._log.fetch_head(head.account)
        return found if after.era == listener.era and after.purged <= listener.number else None

    def _catch_up(self, stream: Stream, listener: Subscription) -> None:
        """Send what came meanwhile, then what comes; who has too much of it before it comes again for the rest."""
        sent = 0
        while True:
            head = self._log.fetch_head(listener.account)
            events = self._read(head, listener, BACKLOG_AT_ONCE)
            if events is None:
                # It comes again, and is told what is missing.
                stream.end(SOON)
                return
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
