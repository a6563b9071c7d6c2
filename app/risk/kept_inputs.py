"""Keep what was read of the market and of accounts, as long as an order may go by it; refresh it off its path."""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Final, TypeVar

from app.errors import GatewayError, TigerUnavailable

MOST_KEPT: Final = 4_096

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ages:
    """For how many seconds something is as good as new, and for how many it may be gone by at all."""

    fresh: float
    most: float


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Any
    since: float


class KeptInputs:
    """What is kept of one process; ``since`` is when the oldest call for one began (monotonic seconds).

    One that is no longer fresh is given out, and fetched again by a thread that nobody waits for.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Kept] = {}
        self._refreshing: set[Hashable] = set()
        self._lock = threading.Lock()
        self._requests: SimpleQueue[tuple[Hashable, Callable[[], tuple[Any, float]]]] | None = None

    def get(
        self,
        key: Hashable,
        ages: Ages,
        fetch: Callable[[], tuple[T, float]],
        refetch: Callable[[], tuple[T, float]],
    ) -> T:
        """Return one that is young enough; ``fetch`` and ``refetch`` return it with ``since``.

        Raises:
            TigerUnavailable: What was fetched came from a cache, and is too old there.
            GatewayError: There is none, and ``fetch`` raised it.
        """
        kept = self._kept.get(key)
        age = float("inf") if kept is None else time.monotonic() - kept.since
        if kept is None or age >= ages.most:
            fetched, since = fetch()
            if time.monotonic() - since >= ages.most:
                raise TigerUnavailable("All that is known of it is too old.", retry_after=1)
            return self._keep(key, fetched, since)
        if age >= ages.fresh:
            self._request(key, refetch)
        value: T = kept.value
        return value

    def _keep(self, key: Hashable, value: T, since: float) -> T:
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            former = self._kept.get(key)
            if former is None or former.since <= since:
                self._kept[key] = _Kept(value, since)
        return value

    def _request(self, key: Hashable, refetch: Callable[[], tuple[Any, float]]) -> None:
        with self._lock:
            if key in self._refreshing:
                return
            self._refreshing.add(key)
            if self._requests is None:
                # One thread that stays: starting one would cost the order that asks.
                self._requests = SimpleQueue()
                threading.Thread(
                    target=self._refresh_forever, args=(self._requests,), name="risk-inputs", daemon=True
                ).start()
            self._requests.put((key, refetch))

    def _refresh_forever(self, requests: "SimpleQueue[tuple[Hashable, Callable[[], tuple[Any, float]]]]") -> None:
        while True:
            key, refetch = requests.get()
            try:
                self._keep(key, *refetch())
            except GatewayError as error:
                logger.info("What limits go by could not be refreshed: %s", error.code)
            except Exception as error:  # noqa: BLE001 - a bug of ours must not end the only thread that refreshes.
                # Its type alone: what it says may hold what was sent.
                logger.error("Refreshing what limits go by failed: %s", type(error).__name__)  # noqa: TRY400
            finally:
                with self._lock:
                    self._refreshing.discard(key)
