"""What one process counts, for one gateway."""

import bisect
import logging
import os
import threading
import weakref
from pathlib import Path

from app.operations.metrics.families import (
    AUDIT_FAULTS,
    AUDIT_ROWS,
    BOUNDS,
    CALL_SECONDS,
    CALLS,
    CIRCUITS,
    COALESCED,
    EVENT_GAPS,
    EVENT_SECONDS,
    EVENTS,
    GUARDED,
    LIMIT_REFUSALS,
    LOOKUPS,
    PUSH_ENDS,
    PUSH_GAPS,
    PUSH_LAG_SECONDS,
    PUSH_SUBSCRIPTIONS,
    PUSHED,
    QUOTE_LAG_SECONDS,
    REFUSALS,
    REQUEST_SECONDS,
    REQUEST_UPSTREAM_SECONDS,
    REQUESTS,
    SENT,
    STREAM_ENDS,
    STREAMS,
    TOOL_CALLS,
    WAITED_SECONDS,
    Family,
)
from app.operations.metrics.folder import MetricsFolder
from app.operations.metrics.value_file import get_histogram_keys, get_key

KNOWN_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})

logger = logging.getLogger(__name__)


class Metrics:
    """Count; nothing is counted before ``open``, nor where the metrics are switched off or have no room on the disk.

    Every method may be called from any thread, and none raises.
    """

    def __init__(self, path: Path | None) -> None:
        """Take the folder of the gateway's processes, or None where nothing is to be counted."""
        self._path = path
        self._lock = threading.Lock()
        self._files: _Files | None = None

    @property
    def is_on(self) -> bool:
        """Tell whether metrics are kept at all."""
        return self._path is not None

    @property
    def folder(self) -> MetricsFolder | None:
        """Return the folder, or None where nothing is counted."""
        return self._files.folder if self._files is not None else None

    def open(self) -> None:
        """Count from now on; calling it again costs nothing."""
        if self._files is None and self._path is not None:
            with self._lock:
                self._open(self._path)

    def close(self) -> None:
        """Count no longer; what was counted stays for those who still serve."""
        with self._lock:
            if self._files is not None:
                self._files = None
                self._closing()

    def _open(self, path: Path) -> None:
        if self._files is not None:
            return
        try:
            files = _Files(path)
        except OSError as error:
            logger.warning("Nothing is counted for /metrics: %s", error.strerror)
            self._path = None
            return
        # Whoever drops a gateway without closing it leaves no open file behind either.
        self._closing = weakref.finalize(self, files.close)
        self._files = files

    def count_request(self, method: str, route: str, status: int, seconds: float, upstream_seconds: float) -> None:
        """Count an answered request: its route's template, and how much of its time went by waiting for Tiger."""
        self._add(REQUESTS, 1, method if method in KNOWN_METHODS else "other", route, str(status))
        self._observe(REQUEST_SECONDS, seconds, route)
        if upstream_seconds:
            self._add(REQUEST_UPSTREAM_SECONDS, upstream_seconds, route)

    def count_call(self, method: str, outcome: str, seconds: float) -> None:
        """Count a call to Tiger: wire method, "ok" or the code of our error."""
        self._add(CALLS, 1, method, outcome)
        self._observe(CALL_SECONDS, seconds, method)

    def count_sent(self, method: str) -> None:
        """Count a request that goes out to Tiger."""
        self._add(SENT, 1, method)

    def count_lookup(self, kind: str, result: str) -> None:
        """Count a read that a cache was asked for: what it is about, and hit, miss or shared."""
        self._add(LOOKUPS, 1, kind, result)

    def count_coalesced(self, kind: str) -> None:
        """Count a read that shared a call of another one."""
        self._add(COALESCED, 1, kind)

    def count_limit_refusal(self, limit: str, of: str) -> None:
        """Count an order that a limit of an account or a key did not let pass."""
        self._add(LIMIT_REFUSALS, 1, limit, of)

    def count_wait(self, method: str, seconds: float) -> None:
        """Count the time that a call waited for its turn within Tiger's rate limits."""
        self._add(WAITED_SECONDS, seconds, method)

    def count_refusal(self, method: str, reason: str) -> None:
        """Count a call that was refused here: because of the budget, the breaker or the bulkhead."""
        self._add(REFUSALS, 1, method, reason)

    def count_guarded(self, code: str) -> None:
        """Count an order command that a halt, or the want of a confirmation, kept from being sent: our error's code."""
        self._add(GUARDED, 1, code)

    def count_audit_row(self, event: str) -> None:
        """Count a row of the audit trail."""
        self._add(AUDIT_ROWS, 1, event)

    def count_audit_fault(self, kind: str) -> None:
        """Count what was found wrong with the audit trail."""
        self._add(AUDIT_FAULTS, 1, kind)

    def count_tool_call(self, tool: str, outcome: str) -> None:
        """Count a call of a tool by an agent: ok, unknown, or the code of our error."""
        self._add(TOOL_CALLS, 1, tool, outcome)

    def set_circuit(self, credential: str, method: str, is_open: bool) -> None:
        """Take whether this process has stopped calling a method of Tiger for a credential."""
        with self._lock:
            if self._files is not None:
                self._files.gauges.set(get_key(CIRCUITS, credential, method), float(is_open))

    def set_streams(self, kind: str, number: int) -> None:
        """Take how many streams of a kind this process has open."""
        with self._lock:
            if self._files is not None:
                self._files.levels.set(get_key(STREAMS, kind), float(number))

    def count_pushed(self, kind: str, lag_seconds: float | None) -> None:
        """Count an event that Tiger pushed, and how long it was on its way where it says when it happened."""
        self._add(PUSHED, 1, kind)
        if lag_seconds is not None:
            self._observe(PUSH_LAG_SECONDS, max(0.0, lag_seconds), kind)

    def count_push_end(self, reason: str) -> None:
        """Count a connection to the push service that ended, or did not come about: lost, refused or kicked."""
        self._add(PUSH_ENDS, 1, reason)

    def count_push_gap(self, reason: str) -> None:
        """Count that something pushed may have been missed."""
        self._add(PUSH_GAPS, 1, reason)

    def set_push_subscriptions(self, credential: str, kind: str, count: int) -> None:
        """Take how much of a kind is subscribed for, none where this process does not lead."""
        with self._lock:
            if self._files is not None:
                self._files.gauges.set(get_key(PUSH_SUBSCRIPTIONS, credential, kind), float(count))

    def count_event(self, topic: str, source: str, seconds: float) -> None:
        """Count an event that was brought to the streams of this process, so long after it was written."""
        self._add(EVENTS, 1, topic, source)
        self._observe(EVENT_SECONDS, seconds, topic)

    def count_event_gap(self) -> None:
        """Count a client that was told of a gap."""
        self._add(EVENT_GAPS, 1)

    def count_stream_end(self, kind: str, reason: str) -> None:
        """Count a stream that is over: closed, or lagging."""
        self._add(STREAM_ENDS, 1, kind, reason)

    def observe_quote_lag(self, seconds: float) -> None:
        """Count how long it took from Tiger's word about a price until streams were told."""
        self._observe(QUOTE_LAG_SECONDS, seconds)

    def _add(self, family: Family, amount: float, *values: str) -> None:
        with self._lock:
            if self._files is not None:
                self._files.counters.add(get_key(family, *values), amount)

    def _observe(self, family: Family, seconds: float, *values: str) -> None:
        total, buckets = get_histogram_keys(family, *values)
        with self._lock:
            if self._files is not None:
                durations = self._files.histograms
                # A bucket that is still empty must be there all the same.
                for bucket in () if total in durations else buckets:
                    durations.set(bucket, 0)
                durations.add(total, seconds)
                durations.add(buckets[bisect.bisect_left(BOUNDS, seconds)], 1)


class _Files:
    """The open files of this process."""

    def __init__(self, path: Path) -> None:
        self.folder = MetricsFolder(path)
        try:
            self.counters = self.folder.create("counter", os.getpid())
            self.histograms = self.folder.create("histogram", os.getpid())
            self.gauges = self.folder.create("gauge", os.getpid())
            self.levels = self.folder.create("level", os.getpid())
        except OSError:
            self.folder.leave()
            raise

    def close(self) -> None:
        for file in (self.counters, self.histograms, self.gauges, self.levels):
            file.close()
        self.folder.leave()
