"""Write down what was seen of an account, as far as it is news."""

from collections.abc import Sequence
from typing import Final

from app.clock import get_now_ms
from app.events.event_log import EventLog
from app.events.events import NewEvent, Source
from app.events.sightings import OrderSighting, Sighting, State
from app.events.told_states import ToldStates
from app.events.wakes import Wakes
from app.storage.engine import Storage

MOST_AT_ONCE: Final = 200
"""So many sightings share a transaction: the account's counter is held no longer than they take."""


class Recorder:
    """Decide what is news and write it, so that of two who see the same one tells it."""

    def __init__(self, storage: Storage, log: EventLog, told: ToldStates, wakes: Wakes) -> None:
        self._storage = storage
        self._log = log
        self._told = told
        self._wakes = wakes

    def record(
        self, account: str, sightings: Sequence[Sighting], source: Source, *, quietly_before_ms: int | None = None
    ) -> int:
        """Write what is news, in this order, and return how many events that made.

        What came to be before ``quietly_before_ms`` and was never told of is noted and not told: it was so already when
        the account's events began.

        Raises:
            StorageUnavailable: The database does not answer; nothing of what is left was written.
        """
        count = 0
        for start in range(0, len(sightings), MOST_AT_ONCE):
            some = sightings[start : start + MOST_AT_ONCE]
            # Most of what is seen was told: asking first keeps the counter free.
            told = self._told.fetch(account, [each.subject for each in some])
            if fresh := [each for each in some if _is_news(each, told.get(each.subject))]:
                count += self._write(account, fresh, source, quietly_before_ms)
        return count

    def _write(self, account: str, sightings: Sequence[Sighting], source: Source, quietly_before_ms: int | None) -> int:
        now = get_now_ms()
        events: list[NewEvent] = []
        # A power cut may undo it: then it is found again by comparing, and its numbers are not given a second time.
        with self._storage.writing_directly(relaxed=True) as driver:
            self._log.lock(driver, account)
            for seen in sightings:
                told = self._told.find(driver, account, seen.subject)
                kind = seen.find_type(told)
                if kind is not None and not _is_old(seen, told, quietly_before_ms):
                    events.append(NewEvent(seen.topic, kind, source, {**seen.data, **_get_origin(seen, told)}))
                if kind is not None or told is None:
                    self._told.put(driver, account, seen.subject, seen.get_state(told), now)
            number = self._log.append(driver, account, events, now) if events else 0
        if events:
            self._wakes.wake(account, number)
        return len(events)


def _is_news(seen: Sighting, told: State | None) -> bool:
    return told is None or seen.find_type(told) is not None


def _is_old(seen: Sighting, told: State | None, quietly_before_ms: int | None) -> bool:
    if told is not None or quietly_before_ms is None or seen.moment is None:
        return False
    return seen.moment < quietly_before_ms


def _get_origin(seen: Sighting, told: State | None) -> dict[str, str | None]:
    """Return by whose command an order came to be, as the journal told it or the order's own mark says."""
    if not isinstance(seen, OrderSighting):
        return {}
    known = told or {}
    return {
        "client_order_id": known.get("client_order_id"),
        "command_id": known.get("command_id") or seen.command_id,
    }
