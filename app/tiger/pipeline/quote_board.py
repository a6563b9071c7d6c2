"""The latest quotes or order books of one kind and market, as a credential may see them, for all who ask together.

An idle board asks Tiger at once. What is asked for while a call is under way becomes one call behind it, and symbols
that were asked for in the last seconds travel along: hot symbols then cost one call a second together, not one each.
Where workers share answers, one of them asks for all.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.errors import (
    GatewayError,
    TigerTimeout,
)
from app.tiger.deadline import Deadline
from app.tiger.pipeline.cache import Cache
from app.tiger.pipeline.call import Call, CallResult, Go
from app.tiger.pipeline.copies import get_copy
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.quote_batches import Noted, call_in_parts, get_symbols
from app.tiger.pipeline.shared_cache import (
    CLAIM_SECONDS,
    POLL_SECONDS,
    SharedCache,
    pack,
    put_quietly,
    release_quietly,
    unpack,
)
from app.tiger.pipeline.single_flight import ran_out

MOST_KEPT: Final = 5_000
"""Quotes of a market that are kept."""
MOST_FLIGHTS: Final = 4
PATIENCE_SECONDS: Final = 0.5
"""A call that takes longer than this no longer holds up the next one."""
REFUSED_SECONDS: Final = 30.0
"""A symbol that spoilt a batch is not asked for again so soon."""


@dataclass(slots=True, eq=False)
class _CallUnderWay:
    symbols: tuple[str, ...]
    begun_at: float
    is_mixed: bool
    error: GatewayError | None = None


class QuoteBoard:
    """Quotes that are at most so many seconds old, or order books."""

    hot_seconds = 3.0
    hot_elsewhere_seconds = 5.0
    """What other workers asked for travels along for longer: they put down what they want only when they ask Tiger."""
    young_share = 0.1
    """What is younger than this part of its time does not travel along with others."""
    shares_rare = True
    """Whether workers share what was asked for once."""

    def __init__(
        self,
        seconds: float,
        most_symbols: int,
        shared: SharedCache | None,
        key: str,
        observer: Observer,
        *,
        kind: str,
    ) -> None:
        """Take for how many symbols one call may ask, and as what kind of answer they are counted."""
        self.kind = kind
        self._seconds = seconds
        self.most_symbols = most_symbols
        self._shared = shared if seconds > 0 else None
        self._key = key
        self._observer = observer
        self._changed = threading.Condition()
        self._noted = Cache(MOST_KEPT, weigh=lambda _noted: 1)
        self._most_shared = MOST_KEPT
        self._asked: dict[str, float] = {}
        self._asked_elsewhere: dict[str, float] = {}
        self._pending: dict[str, None] = {}
        self._flights: list[_CallUnderWay] = []
        self._seen = -1

    def get_known(self, symbols: Iterable[str]) -> dict[str, Noted]:
        """Return what is known of some symbols and young enough, without waiting for anything."""
        known: dict[str, Noted] = {}
        most_age = self._get_most_age()
        for symbol in symbols:
            kept = self._noted.get(symbol, most_age)
            if kept is not None and kept.value.error is None:
                known[symbol] = kept.value
        self._asked.update(dict.fromkeys(known, time.monotonic()))
        return known

    def fetch(self, call: Call, go: Go) -> dict[str, Noted]:
        """Return what is known of each symbol of a call, asking for what is too old; for everything where it is fresh.

        Raises:
            GatewayError: A call failed that would have brought one of them.
        """
        wanted, fresh, deadline = get_symbols(call), call.is_fresh, call.deadline
        asked_at = time.monotonic()
        joined: list[_CallUnderWay] = []
        while True:
            with self._changed:
                now = time.monotonic()
                not_before = asked_at if fresh else min(asked_at, now - self._get_most_age())
                missing = [symbol for symbol in wanted if not self._is_good(symbol, not_before, now)]
                hot = [symbol for symbol in missing if now - self._asked.get(symbol, float("-inf")) < self.hot_seconds]
                self._ask(wanted, asked_at)
                found = {symbol: self._find(symbol) for symbol in wanted}
                if not missing:
                    return {symbol: noted for symbol, noted in found.items() if noted is not None}
                raise_failed(joined, missing, deadline)
                joined = [flight for flight in self._flights if flight.begun_at >= not_before]
                covered = {symbol for flight in joined for symbol in flight.symbols}
                alone = [symbol for symbol in missing if symbol not in covered]
                self._pending.update(dict.fromkeys(alone))
                if not alone or not self._may_start(now):
                    if not deadline.remaining():
                        raise TigerTimeout("Tiger did not answer in time.")
                    self._changed.wait(min(deadline.remaining(), PATIENCE_SECONDS))
                    continue
                batch = self._make_batch(alone, now, fresh=fresh)
                flight = _CallUnderWay(batch, now, is_mixed=len(batch) > len(alone))
                self._flights.append(flight)
            self._fly(flight, call, go, is_contended=bool(hot) or flight.is_mixed)
            if flight.error is not None:
                raise flight.error

    def _get_most_age(self) -> float:
        return self._seconds

    def _find(self, symbol: str) -> Noted | None:
        kept = self._noted.get(symbol, float("inf"))
        noted: Noted | None = kept.value if kept else None
        return noted

    def _is_good(self, symbol: str, not_before: float, now: float) -> bool:
        noted = self._find(symbol)
        if noted is None:
            return False
        if noted.error is not None:
            return now - noted.begun_at < REFUSED_SECONDS
        return noted.begun_at >= not_before

    def _ask(self, symbols: Iterable[str], now: float) -> None:
        self._asked.update(dict.fromkeys(symbols, now))
        if len(self._asked) > MOST_KEPT:
            self._asked = {symbol: at for symbol, at in self._asked.items() if now - at < self.hot_seconds}

    def _get_asked(self, symbol: str) -> float:
        """Return when anybody last asked for a symbol, as far as it is known here."""
        never = time.monotonic() - self.hot_elsewhere_seconds
        return max(self._asked.get(symbol, never), self._asked_elsewhere.get(symbol, never))

    def _may_start(self, now: float) -> bool:
        if len(self._flights) >= MOST_FLIGHTS:
            return False
        return all(now - flight.begun_at >= PATIENCE_SECONDS for flight in self._flights)

    def _make_batch(self, alone: list[str], now: float, *, fresh: bool) -> tuple[str, ...]:
        batch = dict.fromkeys(alone[: self.most_symbols])
        others = list(self._pending)
        if self._seconds > 0 and not fresh:
            # All of them, however young: in two groups, each at its own moment, they would cost two calls.
            just_now = now - min(self._seconds * self.young_share, self._get_most_age())
            since = now - self.hot_elsewhere_seconds
            elsewhere = {symbol: at for symbol, at in self._asked_elsewhere.items() if at >= since}
            here = {symbol: at for symbol, at in self._asked.items() if now - at < self.hot_seconds}
            asked = sorted({**elsewhere, **here}.items(), key=lambda entry: -entry[1])
            others += [symbol for symbol, _ in asked if not self._is_good(symbol, just_now, now)]
        for symbol in others:
            if len(batch) >= self.most_symbols:
                break
            batch[symbol] = None
        for symbol in batch:
            self._pending.pop(symbol, None)
        return tuple(batch)

    def _fly(self, flight: _CallUnderWay, call: Call, go: Go, *, is_contended: bool) -> None:
        noted: dict[str, Noted] = {}
        is_claimed = False
        try:
            if self._shared is not None and not call.is_fresh:
                is_claimed = self._look_or_claim(self._shared, flight, noted, call.deadline, is_contended=is_contended)
            if not all(symbol in noted for symbol in flight.symbols):
                noted.update(call_in_parts(flight.symbols, call, go, splits_denied=flight.is_mixed))
        except GatewayError as error:
            flight.error = error
        finally:
            with self._changed:
                for symbol, one in noted.items():
                    self._noted.keep(symbol, CallResult(one, one.begun_at))
                self._flights.remove(flight)
                self._changed.notify_all()
        if self._shared is not None and (is_contended or self.shares_rare):
            self._share(self._shared, flight, noted, is_claimed=is_claimed)

    def _look_or_claim(
        self,
        shared: SharedCache,
        flight: _CallUnderWay,
        noted: dict[str, Noted],
        deadline: Deadline,
        *,
        is_contended: bool,
    ) -> bool:
        """Take what is shared and young enough, and tell whether this process now is the one who asks.

        A symbol that nobody asked for in the last seconds is not worth a claim.
        """
        gives_up_at = min(deadline.ends_at, time.monotonic() + CLAIM_SECONDS)
        while True:
            noted.update(self._look(shared))
            if all(symbol in noted for symbol in flight.symbols):
                self._observer.cached(self.kind, "shared")
                return False
            if not is_contended or time.monotonic() >= gives_up_at:
                return False
            if shared.claim(self._key, CLAIM_SECONDS):
                # Between the look and the claim another one may have put its answer down.
                noted.update(self._look(shared))
                return True
            time.sleep(POLL_SECONDS)

    def _look(self, shared: SharedCache) -> dict[str, Noted]:
        """Return what another worker put down since it was last seen, as far as it is young enough."""
        found = shared.read(self._key, self._seen)
        if found is None:
            return {}
        self._seen = found.version
        put_at = time.monotonic() - found.age_seconds
        content = unpack(found.content)
        with self._changed:
            self._asked_elsewhere = {symbol: put_at - asked for symbol, (_, _, asked) in content.items()}
        noted = {symbol: Noted(put_at - age, quote) for symbol, (age, quote, _) in content.items()}
        oldest = time.monotonic() - self._get_most_age()
        return {symbol: one for symbol, one in noted.items() if one.begun_at >= oldest}

    def _share(
        self, shared: SharedCache, flight: _CallUnderWay, noted: Mapping[str, Noted], *, is_claimed: bool
    ) -> None:
        """Put down what this process knows, or give the claim back."""
        brought = any(one.begun_at >= flight.begun_at for one in noted.values())
        if not brought:
            if is_claimed:
                release_quietly(shared, self._key)
            return
        with self._changed:
            now = time.monotonic()
            last_kept = list(self._noted.list_kept())[-self._most_shared :]
            young = {
                symbol: (round(now - one.begun_at, 3), one.quote, round(now - self._get_asked(symbol), 3))
                for symbol, one in ((str(key), kept.value) for key, kept in last_kept)
                if one.error is None and now - one.begun_at < self._seconds
            }
        put_quietly(shared, self._key, pack(young), self._seconds)


def raise_failed(joined: Iterable[_CallUnderWay], missing: list[str], deadline: Deadline) -> None:
    """Raise the error of a call that was to bring what is missing, unless it failed for want of its own time."""
    for flight in joined:
        if flight.error is None or not any(symbol in flight.symbols for symbol in missing):
            continue
        if not ran_out(flight.error, deadline):
            raise get_copy(flight.error) from flight.error
