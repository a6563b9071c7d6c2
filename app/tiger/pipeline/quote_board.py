"""The latest quotes of one market, as one credential may see them, for all who ask at the same time.

An idle board asks Tiger at once. What is asked for while a call is under way becomes one call behind it, and symbols
that were asked for in the last seconds travel along: hot symbols then cost one call a second together, not one each.
Where workers share a shelf, one of them asks for all.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.errors import (
    GatewayError,
    InvalidRequest,
    QuotePermissionElsewhere,
    StorageUnavailable,
    SymbolNotFound,
    TigerPermissionDenied,
    TigerTimeout,
)
from app.tiger.deadline import Deadline
from app.tiger.pipeline.coalescing import ran_out
from app.tiger.pipeline.copies import get_copy
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.shelf import CLAIM_SECONDS, POLL_SECONDS, Shelf, pack, release_quietly, unpack

Quotes = Mapping[str, dict[str, Any]]
Fetch = Callable[[list[str], Deadline], Quotes]
"""Ask Tiger for some symbols; those that it has no quote of are left out."""

KIND: Final = "quote"
MOST_SYMBOLS: Final = 50
MOST_CHINESE_SYMBOLS: Final = 30
"""Symbols of one call [docs: quote_real_time]."""
HOT_SECONDS: Final = 2.0
HOT_ELSEWHERE_SECONDS: Final = 5.0
"""What other workers asked for travels along for longer: they put down what they want only when they ask Tiger."""
MOST_KEPT: Final = 5_000
MOST_FLIGHTS: Final = 4
PATIENCE_SECONDS: Final = 0.5
"""A call that takes longer than this no longer holds up the next one."""
MOST_CALLS: Final = 16
"""Calls that one batch may cost while it looks for the symbols that Tiger refuses."""
MOST_DENIED: Final = 3
"""After so many refusals in a row for want of a permission nothing of the market can be had."""
REFUSED_SECONDS: Final = 30.0
"""A symbol that spoilt a batch is not asked for again so soon."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What is known of a symbol since ``begun_at`` (monotonic seconds): a quote, none at all, or a refusal."""

    begun_at: float
    quote: dict[str, Any] | None
    error: GatewayError | None = None


@dataclass(slots=True, eq=False)
class _Flight:
    symbols: tuple[str, ...]
    begun_at: float
    is_mixed: bool
    error: GatewayError | None = None


class QuoteBoard:
    """Quotes that are at most so many seconds old."""

    def __init__(self, seconds: float, market: str, shelf: Shelf | None, key: str, watch: Observer) -> None:
        self._seconds = seconds
        self._most_symbols = MOST_CHINESE_SYMBOLS if market == "CN" else MOST_SYMBOLS
        self._shelf = shelf if seconds > 0 else None
        self._key = key
        self._watch = watch
        self._changed = threading.Condition()
        self._noted: OrderedDict[str, Noted] = OrderedDict()
        self._asked: dict[str, float] = {}
        self._asked_elsewhere: dict[str, float] = {}
        self._pending: dict[str, None] = {}
        self._flights: list[_Flight] = []
        self._seen = -1

    def get(self, symbol: str) -> Noted | None:
        """Return what is known of a symbol and young enough, without waiting for anything."""
        noted = self._noted.get(symbol)
        now = time.monotonic()
        if noted is None or noted.error is not None or now - noted.begun_at >= self._seconds:
            return None
        self._asked[symbol] = now
        return noted

    def fetch(self, wanted: Iterable[str], fetch: Fetch, deadline: Deadline, *, fresh: bool) -> dict[str, Noted]:
        """Return what is known of each symbol, asking Tiger for what is too old; ``fresh``, for everything.

        Raises:
            GatewayError: A call failed that would have brought one of them.
        """
        wanted = list(dict.fromkeys(wanted))
        asked_at = time.monotonic()
        joined: list[_Flight] = []
        while True:
            with self._changed:
                now = time.monotonic()
                not_before = asked_at if fresh else min(asked_at, now - self._seconds)
                missing = [symbol for symbol in wanted if not self._is_good(symbol, not_before, now)]
                hot = [symbol for symbol in missing if now - self._asked.get(symbol, float("-inf")) < HOT_SECONDS]
                self._ask(wanted, asked_at)
                if not missing:
                    return {symbol: self._noted[symbol] for symbol in wanted}
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
                flight = _Flight(batch, now, is_mixed=len(batch) > len(alone))
                self._flights.append(flight)
            self._fly(flight, fetch, deadline, is_contended=bool(hot) or flight.is_mixed, fresh=fresh)
            if flight.error is not None:
                raise flight.error

    def _is_good(self, symbol: str, not_before: float, now: float) -> bool:
        noted = self._noted.get(symbol)
        if noted is None:
            return False
        if noted.error is not None:
            return now - noted.begun_at < REFUSED_SECONDS
        return noted.begun_at >= not_before

    def _ask(self, symbols: Iterable[str], now: float) -> None:
        self._asked.update(dict.fromkeys(symbols, now))
        if len(self._asked) > MOST_KEPT:
            self._asked = {symbol: at for symbol, at in self._asked.items() if now - at < HOT_SECONDS}

    def _get_asked(self, symbol: str) -> float:
        """Return when anybody last asked for a symbol, as far as it is known here."""
        never = time.monotonic() - HOT_ELSEWHERE_SECONDS
        return max(self._asked.get(symbol, never), self._asked_elsewhere.get(symbol, never))

    def _may_start(self, now: float) -> bool:
        if len(self._flights) >= MOST_FLIGHTS:
            return False
        return all(now - flight.begun_at >= PATIENCE_SECONDS for flight in self._flights)

    def _make_batch(self, alone: list[str], now: float, *, fresh: bool) -> tuple[str, ...]:
        batch = dict.fromkeys(alone[: self._most_symbols])
        others = list(self._pending)
        if self._seconds > 0 and not fresh:
            # All of them, however young: in two groups, each at its own moment, they would cost two calls.
            just_now = now - self._seconds / 10
            since = now - HOT_ELSEWHERE_SECONDS
            elsewhere = {symbol: at for symbol, at in self._asked_elsewhere.items() if at >= since}
            here = {symbol: at for symbol, at in self._asked.items() if now - at < HOT_SECONDS}
            asked = sorted({**elsewhere, **here}.items(), key=lambda entry: -entry[1])
            others += [symbol for symbol, _ in asked if not self._is_good(symbol, just_now, now)]
        for symbol in others:
            if len(batch) >= self._most_symbols:
                break
            batch[symbol] = None
        for symbol in batch:
            self._pending.pop(symbol, None)
        return tuple(batch)

    def _fly(self, flight: _Flight, fetch: Fetch, deadline: Deadline, *, is_contended: bool, fresh: bool) -> None:
        noted: dict[str, Noted] = {}
        is_claimed = False
        try:
            if self._shelf is not None and not fresh:
                is_claimed = self._look_or_claim(self._shelf, flight, noted, deadline, is_contended=is_contended)
            if not all(symbol in noted for symbol in flight.symbols):
                noted.update(call_in_parts(flight.symbols, fetch, deadline, splits_denied=flight.is_mixed))
        except GatewayError as error:
            flight.error = error
        finally:
            with self._changed:
                self._note(noted)
                self._flights.remove(flight)
                self._changed.notify_all()
        if self._shelf is not None:
            self._share(self._shelf, flight, noted, is_claimed=is_claimed)

    def _note(self, noted: Mapping[str, Noted]) -> None:
        for symbol, one in noted.items():
            former = self._noted.get(symbol)
            if former is None or former.begun_at <= one.begun_at:
                self._noted[symbol] = one
                self._noted.move_to_end(symbol)
        while len(self._noted) > MOST_KEPT:
            self._noted.popitem(last=False)

    def _look_or_claim(
        self, shelf: Shelf, flight: _Flight, noted: dict[str, Noted], deadline: Deadline, *, is_contended: bool
    ) -> bool:
        """Take from the shelf what is young enough, and tell whether this process now is the one who asks.

        A symbol that nobody asked for in the last seconds is not worth a claim.
        """
        gives_up_at = min(deadline.ends_at, time.monotonic() + CLAIM_SECONDS)
        while True:
            noted.update(self._look(shelf))
            if all(symbol in noted for symbol in flight.symbols):
                self._watch.cached(KIND, "shared")
                return False
            if not is_contended or time.monotonic() >= gives_up_at:
                return False
            if shelf.claim(self._key, CLAIM_SECONDS):
                # Between the look and the claim another one may have put its answer down.
                noted.update(self._look(shelf))
                return True
            time.sleep(POLL_SECONDS)

    def _look(self, shelf: Shelf) -> dict[str, Noted]:
        """Return what lies on the shelf since it was last seen, as far as it is young enough."""
        found = shelf.read(self._key, self._seen)
        if found is None:
            return {}
        self._seen = found.version
        put_at = time.monotonic() - found.age_seconds
        content = unpack(found.content)
        with self._changed:
            self._asked_elsewhere = {symbol: put_at - asked for symbol, (_, _, asked) in content.items()}
        noted = {symbol: Noted(put_at - age, quote) for symbol, (age, quote, _) in content.items()}
        oldest = time.monotonic() - self._seconds
        return {symbol: one for symbol, one in noted.items() if one.begun_at >= oldest}

    def _share(self, shelf: Shelf, flight: _Flight, noted: Mapping[str, Noted], *, is_claimed: bool) -> None:
        """Put what this process knows on the shelf, or give the claim back."""
        brought = any(one.begun_at >= flight.begun_at for one in noted.values())
        if not brought:
            if is_claimed:
                release_quietly(shelf, self._key)
            return
        with self._changed:
            now = time.monotonic()
            young = {
                symbol: (round(now - one.begun_at, 3), one.quote, round(now - self._get_asked(symbol), 3))
                for symbol, one in self._noted.items()
                if one.error is None and now - one.begun_at < self._seconds
            }
        try:
            shelf.put(self._key, pack(young), self._seconds)
        except StorageUnavailable:
            return


def call_in_parts(
    symbols: Iterable[str], fetch: Fetch, deadline: Deadline, *, splits_denied: bool = False
) -> dict[str, Noted]:
    """Ask for some symbols at once; where Tiger refuses a batch, for halves of it, until the refused ones are found.

    ``splits_denied`` does the same where Tiger lacks a permission: the batch holds what several have asked for.

    Raises:
        GatewayError: A call failed for another reason, or everything was refused.
    """
    symbols = tuple(symbols)
    noted: dict[str, Noted] = {}
    batches, calls = [list(symbols)], 0
    while batches:
        batch = batches.pop()
        begun_at = time.monotonic()
        calls += 1
        try:
            quotes = fetch(batch, deadline)
        except (InvalidRequest, SymbolNotFound, TigerPermissionDenied) as error:
            if len(batch) == 1 and isinstance(error, SymbolNotFound):
                noted[batch[0]] = Noted(begun_at, None)
                continue
            # Which device has the permission is the same for every symbol.
            is_for_all = len(symbols) == 1 or isinstance(error, QuotePermissionElsewhere)
            if is_for_all or calls + len(batches) >= MOST_CALLS:
                raise
            if isinstance(error, TigerPermissionDenied) and not (splits_denied and (noted or calls < MOST_DENIED)):
                raise
            if len(batch) == 1:
                noted[batch[0]] = Noted(begun_at, None, error)
            middle = len(batch) // 2
            batches += [half for half in (batch[:middle], batch[middle:]) if half and len(batch) > 1]
            continue
        noted.update({symbol: Noted(begun_at, quotes.get(symbol)) for symbol in batch})
    return noted


def raise_failed(joined: Iterable[_Flight], missing: list[str], deadline: Deadline) -> None:
    """Raise the error of a call that was to bring what is missing, unless it failed for want of its own time."""
    for flight in joined:
        if flight.error is None or not any(symbol in flight.symbols for symbol in missing):
            continue
        if not ran_out(flight.error, deadline):
            raise get_copy(flight.error) from flight.error
