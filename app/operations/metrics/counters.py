"""What one process counts, for one gateway."""

import bisect
import logging
import os
import threading
import weakref
from pathlib import Path

from app.operations.metrics.families import (
    BOUNDS,
    CALL_SECONDS,
    CALLS,
    CIRCUITS,
    COALESCED,
    LOOKUPS,
    REFUSALS,
    REQUEST_SECONDS,
    REQUEST_UPSTREAM_SECONDS,
    REQUESTS,
    SENT,
    WAITED_SECONDS,
    Family,
)
from app.operations.metrics.folder import MetricsFolder
from app.operations.metrics.value_file import ValueFile, get_histogram_keys, get_key

KNOWN_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})

Histogram = tuple[str, tuple[str, ...]]
"""The keys of one: of its sum, and of its buckets in their order."""

logger = logging.getLogger(__name__)


class Metrics:
    """Count; nothing is counted before ``open``, nor where the metrics are switched off or have no room on the disk.

    Every method may be called from any thread, and none raises.
    """

    def __init__(self, path: Path | None) -> None:
        """Take the folder of the gateway's processes, or None where nothing is to be counted."""
        self._path = path
        self._lock = threading.Lock()
        self._sheet: _Sheet | None = None

    @property
    def is_on(self) -> bool:
        """Tell whether metrics are kept at all."""
        return self._path is not None

    @property
    def folder(self) -> MetricsFolder | None:
        """Return the folder, or None where nothing is counted."""
        return self._sheet.folder if self._sheet is not None else None

    def open(self) -> None:
        """Count from now on; calling it again costs nothing."""
        if self._sheet is None and self._path is not None:
            with self._lock:
                self._open(self._path)

    def close(self) -> None:
        """Count no longer; what was counted stays for those who still serve."""
        with self._lock:
            if self._sheet is not None:
                self._sheet = None
                self._closing()

    def _open(self, path: Path) -> None:
        if self._sheet is not None:
            return
        try:
            sheet = _Sheet(path)
        except OSError as error:
            logger.warning("Nothing is counted for /metrics: %s", error.strerror)
            self._path = None
            return
        # Whoever drops a gateway without closing it leaves no open file behind either.
        self._closing = weakref.finalize(self, sheet.close)
        self._sheet = sheet

    def count_request(self, method: str, route: str, status: int, seconds: float, upstream_seconds: float) -> None:
        """Count an answered request: its route's template, and how much of its time went by waiting for Tiger."""
        with self._lock:
            if sheet := self._sheet:
                sheet.count_request(method if method in KNOWN_METHODS else "other", route, status, seconds)
                if upstream_seconds:
                    sheet.add(REQUEST_UPSTREAM_SECONDS, upstream_seconds, route)

    def count_call(self, method: str, outcome: str, seconds: float) -> None:
        """Count a call to Tiger: wire method, "ok" or the code of our error."""
        with self._lock:
            if sheet := self._sheet:
                sheet.add(CALLS, 1, method, outcome)
                sheet.observe(CALL_SECONDS, seconds, method)

    def count_sent(self, method: str) -> None:
        """Count a request that goes out to Tiger."""
        self._add(SENT, 1, method)

    def count_lookup(self, kind: str, result: str) -> None:
        """Count a read that a cache was asked for: what it is about, and hit, miss or shared."""
        self._add(LOOKUPS, 1, kind, result)

    def count_coalesced(self, kind: str) -> None:
        """Count a read that shared a call of another one."""
        self._add(COALESCED, 1, kind)

    def count_wait(self, method: str, seconds: float) -> None:
        """Count the time that a call waited for its turn within Tiger's rate limits."""
        self._add(WAITED_SECONDS, seconds, method)

    def count_refusal(self, method: str, reason: str) -> None:
        """Count a call that was refused here: because of the budget, the breaker or the bulkhead."""
        self._add(REFUSALS, 1, method, reason)

    def set_circuit(self, credential: str, method: str, is_open: bool) -> None:
        """Tell whether this process has stopped calling a method of Tiger for a credential."""
        with self._lock:
            if sheet := self._sheet:
                sheet.set(CIRCUITS, float(is_open), credential, method)

    def _add(self, family: Family, amount: float, *values: str) -> None:
        with self._lock:
            if sheet := self._sheet:
                sheet.add(family, amount, *values)


class _Sheet:
    """The open files of this process."""

    def __init__(self, path: Path) -> None:
        self.folder = MetricsFolder(path)
        self._files: dict[str, ValueFile] = {}
        self._keys: dict[tuple[Family, tuple[str, ...]], str] = {}
        self._histograms: dict[tuple[Family, tuple[str, ...]], Histogram] = {}
        self._requests: dict[tuple[str, str, int], tuple[str, Histogram]] = {}
        try:
            for kind in ("counter", "histogram", "gauge"):
                self._files[kind] = self.folder.create(kind, os.getpid())
        except OSError:
            self.close()
            raise
        self._counters = self._files["counter"]
        self._durations = self._files["histogram"]

    def add(self, family: Family, amount: float, *values: str) -> None:
        self._counters.add(self._get_key(family, values), amount)

    def set(self, family: Family, value: float, *values: str) -> None:
        self._files["gauge"].set(self._get_key(family, values), value)

    def observe(self, family: Family, seconds: float, *values: str) -> None:
        self._observe(self._get_histogram(family, values), seconds)

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        # This is on the path of every request, so what it needs is found by one look.
        found = self._requests.get((method, route, status))
        if found is None:
            key = self._get_key(REQUESTS, (method, route, str(status)))
            found = self._requests[method, route, status] = key, self._get_histogram(REQUEST_SECONDS, (route,))
        self._counters.add(found[0], 1)
        self._observe(found[1], seconds)

    def _observe(self, histogram: Histogram, seconds: float) -> None:
        total, buckets = histogram
        self._durations.add(total, seconds)
        self._durations.add(buckets[bisect.bisect_left(BOUNDS, seconds)], 1)

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self.folder.leave()

    def _get_histogram(self, family: Family, values: tuple[str, ...]) -> Histogram:
        histogram = self._histograms.get((family, values))
        if histogram is None:
            histogram = self._histograms[family, values] = get_histogram_keys(family, *values)
            # A bucket that is still empty must be there all the same.
            for bucket in histogram[1]:
                self._durations.add(bucket, 0)
        return histogram

    def _get_key(self, family: Family, values: tuple[str, ...]) -> str:
        key = self._keys.get((family, values))
        if key is None:
            key = self._keys[family, values] = get_key(family, *values)
        return key
