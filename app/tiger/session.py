"""The session of one request: the only way from the gateway to Tiger."""

import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar

from tigeropen.common.model import BaseParams

from app.errors import TooBusy
from app.settings import CacheSettings
from app.tiger.call import address, send_call
from app.tiger.deadline import Deadline, Purpose
from app.tiger.links import Link
from app.tiger.pipeline.quote_board import KIND as QUOTE_KIND
from app.tiger.pipeline.quote_board import Fetch, Noted, call_in_parts
from app.tiger.pipeline.remembered import Remembered
from app.tiger.pipeline.shelf import fetch_shared
from app.tiger.symbols import get_market
from app.tiger.wire.asked import get_key
from app.tiger.wire.methods import METHODS

T = TypeVar("T")

WAITED_SECONDS: Final = 1.0
"""When to come again for whoever waited too long for a thread."""


class Session:
    """Call Tiger in the name of one account, signed with the key of its credential, for one request.

    ``age_seconds`` tells afterwards how old the oldest answer was that came from a cache, None where none did.
    """

    __slots__ = (
        "_asked_at",
        "_has_begun",
        "_link",
        "_opened_at",
        "account",
        "age_seconds",
        "credential",
        "wants_fresh",
    )

    def __init__(self, link: Link, *, wants_fresh: bool = False, asked_at: float | None = None) -> None:
        self._link = link
        self._asked_at = asked_at
        self._opened_at = time.monotonic()
        self._has_begun = False
        self.account = link.account
        self.credential = link.connection.credential
        self.wants_fresh = wants_fresh
        self.age_seconds: float | None = None

    @property
    def link(self) -> Link:
        """Return what all sessions of the account share."""
        return self._link

    def read_deadline(self) -> Deadline:
        """Return the deadline of a read: from when it was asked for, where that is known, else from now."""
        return Deadline.after(self._link.settings.read_deadline_seconds, since=self._asked_at)

    def order_deadline(self) -> Deadline:
        """Return the deadline of an order command, from when it was asked for or from now."""
        return Deadline.after(self._link.settings.order_deadline_seconds, since=self._asked_at, purpose=Purpose.ORDER)

    def lookup_deadline(self) -> Deadline:
        """Return the deadline of a lookup of an order in doubt, with the share that is held back for those."""
        return self.read_deadline().for_lookup()

    @property
    def tiger_now(self) -> int | None:
        """Return Tiger's own time, epoch milliseconds; None before its first answer to this process."""
        return self._link.connection.clock.now_ms()

    def find_server(self) -> str:
        """Return the address that this account's requests about accounts and orders go to."""
        return self._link.connection.domains.servers(self.read_deadline(), is_paper=self._link.is_paper).trade

    def remembered(self, subject: Hashable, fetch: Callable[[Deadline], T], deadline: Deadline) -> T:
        """Return a large answer that changes slowly, which the accounts of this credential keep together.

        Raises:
            TooBusy: It is not there yet, and too many threads wait for Tiger already.
            GatewayError: As ``fetch`` does, where it is not there yet.
        """
        place: Remembered[T] = self._link.connection.remembered(subject, self.kept_seconds.names_seconds / 2)
        if place.is_known:
            return place.value(fetch, deadline)
        # Who waits for another thread's fetch waits for Tiger, too.
        with self._enter(deadline, is_urgent=deadline.is_urgent):
            return place.value(fetch, deadline)

    @property
    def kept_seconds(self) -> CacheSettings:
        """Return how long answers are kept."""
        return self._link.traffic.settings

    def cached(
        self,
        kind: str,
        seconds: float,
        key: tuple[Hashable, ...],
        fetch: Callable[[], Any],
        deadline: Deadline,
        *,
        is_shared: bool = False,
    ) -> Any:
        """Return a JSON value that is kept for so long, for every account of the credential.

        ``is_shared`` is for what Tiger gives a few times a minute: all workers then use what one of them fetched.

        Raises:
            GatewayError: As ``fetch`` does, or the one of an identical call that was shared.
        """
        traffic = self._link.traffic
        full_key = (kind, self.credential.tiger_id, *key)
        kept = None if self.wants_fresh else traffic.answers.get(full_key, seconds)
        if kept is not None:
            traffic.watch.cached(kind, "hit")
            self.note_age(kept.begun_at)
            return kept.value
        shelf = traffic.shelf if is_shared and seconds > 0 else None

        def ask() -> tuple[Any, float]:
            begun_at = time.monotonic()
            most_seconds = 0.0 if self.wants_fresh else seconds
            value, age = fetch_shared(shelf, "/".join(map(str, full_key)), most_seconds, fetch, deadline)
            traffic.watch.cached(kind, "shared" if age else "miss")
            if seconds > 0:
                traffic.answers.keep(full_key, value, begun_at - age)
            return value, begun_at - age

        with self._enter(deadline, is_urgent=deadline.is_urgent):
            value, begun_at = traffic.share(full_key, kind, ask, deadline, behind=self.wants_fresh)
        self.note_age(begun_at)
        return value

    def fetch_shared(self, key: tuple[str, ...], fetch: Callable[[], Any], deadline: Deadline) -> Any:
        """Return a large JSON value that changes slowly, fetched by one of all workers.

        It is half as old as it may be at most, so that one who keeps it for as long again stays within that.

        Raises:
            GatewayError: As ``fetch`` does.
        """
        name = "/".join((self.credential.tiger_id, *key))
        seconds = self.kept_seconds.names_seconds / 2
        return fetch_shared(self._link.traffic.shelf, name, seconds, fetch, deadline)[0]

    def quotes(
        self, symbols: Sequence[str], fetch: Fetch, deadline: Deadline | None = None, *, are_delayed: bool = False
    ) -> dict[str, Noted]:
        """Return what is known of some symbols, from the boards of their markets; delayed quotes have their own.

        Raises:
            GatewayError: What is not known could not be fetched.
        """
        traffic = self._link.traffic
        known: dict[str, Noted] = {}
        if not self.wants_fresh:
            for symbol in symbols:
                noted = traffic.get_board(self.credential.tiger_id, get_market(symbol), are_delayed).get(symbol)
                if noted is not None:
                    known[symbol] = noted
        if len(known) < len(symbols):
            missing = [symbol for symbol in symbols if symbol not in known]
            known.update(self._fetch_quotes(missing, fetch, deadline, are_delayed=are_delayed))
        else:
            traffic.watch.cached(QUOTE_KIND, "hit")
        for noted in known.values():
            self.note_age(noted.begun_at)
        return known

    def note_age(self, begun_at: float) -> None:
        """Take that a part of the answer is from a call that began then (monotonic seconds)."""
        if begun_at < self._opened_at:
            self.age_seconds = max(self.age_seconds or 0.0, time.monotonic() - begun_at)

    def _enter(self, deadline: Deadline, *, is_urgent: bool) -> AbstractContextManager[None]:
        """Return the place of a call among all those that wait for Tiger.

        Raises:
            TooBusy: The time was over before the first of the request's calls, which thus waited for a thread too long.
        """
        if not self._has_begun and deadline.has_passed:
            raise TooBusy("The request waited too long for its turn; nothing was sent.", retry_after=WAITED_SECONDS)
        self._has_begun = True
        return self._link.traffic.bulkhead.entered(is_urgent=is_urgent)

    def _fetch_quotes(
        self, symbols: list[str], fetch: Fetch, deadline: Deadline | None, *, are_delayed: bool
    ) -> dict[str, Noted]:
        traffic = self._link.traffic
        deadline = deadline or self.read_deadline()
        known: dict[str, Noted] = {}
        traffic.watch.cached(QUOTE_KIND, "miss")
        with self._enter(deadline, is_urgent=deadline.is_urgent):
            if not traffic.settings.coalesce:
                return call_in_parts(symbols, fetch, deadline)
            for market in dict.fromkeys(map(get_market, symbols)):
                wanted = [symbol for symbol in symbols if get_market(symbol) == market]
                board = traffic.get_board(self.credential.tiger_id, market, are_delayed)
                known.update(board.fetch(wanted, fetch, deadline, fresh=self.wants_fresh))
        return known

    def call(self, method: str, params: BaseParams | None, *, deadline: Deadline, command: bool = False) -> Any:
        """Send one request and return the decoded ``data``: NaN and Infinity are None, nested JSON text is decoded.

        ``command`` marks what changes orders: whatever leaves its outcome open is raised with ``in_doubt`` set, and it
        is sent again only where Tiger refused its token, thus did nothing. A read is never in doubt; identical reads
        share a call, those about orders, positions and balances only one that began after they were asked.

        Raises:
            GatewayError: Anything but a success.
        """
        traffic = self._link.traffic
        described = METHODS[method]
        is_command = command or described.changes
        is_urgent = is_command or deadline.is_urgent
        address(self._link, method, params)

        def read() -> Any:
            return send_call(self._link, method, params, deadline=deadline, command=command, is_urgent=is_urgent)

        with self._enter(deadline, is_urgent=is_urgent):
            if is_urgent:
                return read()
            key = (self.credential.tiger_id, method, get_key(params))
            return traffic.share(key, method, read, deadline, behind=described.follows_orders or self.wants_fresh)
