"""Know the latest of whatever is followed, and tell it: from Tiger's push, and by asking where nothing is pushed."""

import json
import logging
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, Protocol

from app.clock import get_now_ms
from app.errors import GatewayError
from app.push import Gap, Interest, PushHub, PushState, QuoteEvent, Refusal
from app.quote_feed.items import Item, read_item
from app.quote_feed.messages import Alive, Dropped, Era, Latest, Message, Missed, Refused, Standing
from app.quote_feed.pushed_members import get_book, get_quote_changes, merge
from app.quote_feed.schedule import Followed, Schedule
from app.tiger.instrument import Instrument
from app.tiger.push.feeds import Feed
from app.tiger.push.quote_data import Depth, Quote

AFTER_FAILURE_SECONDS: Final = 5.0
SIGN_SECONDS: Final = 1.0

NOT_YET: Final = "Tiger's push is not connected yet."
NOBODY: Final = "There is no connection to Tiger's push for this machine."

Fetch = Callable[[str, Feed, Collection[Instrument]], Mapping[str, dict[str, Any]]]
"""Ask Tiger, in the name of a tiger_id, for the members of some instruments by identifier; raise a GatewayError."""

_encode: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

logger = logging.getLogger(__name__)


class Outlet(Protocol):
    """Whoever is told what a publisher says. Nothing here may wait."""

    def report(self, message: Message) -> None:
        """Pass a message on."""


class QuotePublisher:
    """Tell what changes, to all outlets; without a hub all of it is asked for.

    What Tiger refuses to push, for want of room or of a permission, is told by name and asked for like everything
    while its push is down.
    """

    def __init__(self, hub: PushHub | None, accounts: Mapping[str, str], fetch: Fetch, poll_seconds: float) -> None:
        """Take an account of each tiger_id, and how often Tiger is asked for what it does not push."""
        self._hub = hub
        self._accounts = accounts
        self._fetch = fetch
        self._schedule = Schedule(poll_seconds)
        self._era = Era(secrets.token_hex(4))
        self._number = 0
        self._lock = threading.RLock()
        self._followed: dict[str, Followed] = {}
        self._outlets: tuple[Outlet, ...] = ()
        self._standings: dict[str, Standing] = {}
        self._interest: Interest | None = None
        self._told_at = 0.0
        for tiger_id in accounts:
            reason = NOBODY if hub is None or not hub.is_on else NOT_YET
            self._standings[tiger_id] = Standing(tiger_id, "poll", reason)
        if hub is not None:
            self._interest = hub.open_interest()
            hub.subscribe_quotes(self._take)
            hub.on_gap(self._read_again)
            hub.on_state(self._take_state)
            hub.on_refusal(self._take_refusal)

    # Who is told.

    def add_outlet(self, outlet: Outlet) -> None:
        """Tell one more, beginning with all that is known."""
        with self._lock:
            self.repeat(outlet)
            self._outlets = (*self._outlets, outlet)

    def remove_outlet(self, outlet: Outlet) -> None:
        """Tell it nothing any more."""
        with self._lock:
            self._outlets = tuple(each for each in self._outlets if each is not outlet)

    def repeat(self, outlet: Outlet) -> None:
        """Tell one of them everything again."""
        with self._lock:
            outlet.report(self._era)
            for standing in self._standings.values():
                outlet.report(standing)
            for each in self._followed.values():
                for message in (each.refused, each.latest):
                    if message is not None:
                        outlet.report(message)

    # What is followed.

    def follow(self, keys: Collection[str]) -> None:
        """Count one more follower of each item; what is no item is left out."""
        added: list[Item] = []
        with self._lock:
            for key in keys:
                followed = self._followed.get(key)
                if followed is None:
                    try:
                        item = read_item(key)
                    except ValueError:
                        continue
                    if item.tiger_id not in self._accounts:
                        continue
                    followed = self._followed[key] = Followed(item)
                    added.append(item)
                followed.followers += 1
            if self._interest is not None:
                for item in added:
                    self._interest.want_quotes(self._accounts[item.tiger_id], [item.instrument], item.feed)

    def unfollow(self, keys: Collection[str]) -> None:
        """Count one follower less; what nobody follows is forgotten."""
        with self._lock:
            for key in keys:
                followed = self._followed.get(key)
                if followed is None:
                    continue
                followed.followers -= 1
                if followed.followers <= 0:
                    del self._followed[key]
                    self._report(Dropped(key))
                    item = followed.item
                    if self._interest is not None:
                        self._interest.drop_quotes(self._accounts[item.tiger_id], [item.instrument], item.feed)

    # What is pushed; on threads of the hub.

    def _take(self, event: QuoteEvent) -> None:
        if event.feed is None or event.instrument is None:
            return
        data = event.data
        changes: dict[str, Any]
        if isinstance(data, Quote):
            changes = get_quote_changes(data)
        elif isinstance(data, Depth):
            changes = get_book(data)
        else:
            return
        with self._lock:
            followed = self._followed.get(Item(event.tiger_id, event.feed, event.instrument).key)
            if followed is not None:
                self._look(followed)
                followed.pushed_at, followed.refused = time.monotonic(), None
                followed.members.update(changes)
                if isinstance(data, Depth):
                    # It is pushed as a whole: one that came is asked for no more.
                    followed.due_at, followed.was_asked = float("inf"), True
                if followed.was_asked:
                    self._report_latest(followed, event.received_ms)

    def _take_state(self, state: PushState) -> None:
        if state.condition == "connected":
            standing = Standing(state.tiger_id, "push", None)
        elif state.condition in {"idle", "connecting"}:
            standing = Standing(state.tiger_id, "poll", NOT_YET)
        else:
            standing = Standing(state.tiger_id, "poll", state.reason or f"Tiger's push is {state.condition}.")
        with self._lock:
            if self._standings.get(state.tiger_id) != standing:
                self._standings[state.tiger_id] = standing
                self._report(standing)
            if standing.source == "poll":
                for followed in self._list_of(state.tiger_id):
                    # The next connection is told anew what it is refused.
                    followed.refused = None
                    self._look(followed)

    def _take_refusal(self, refusal: Refusal) -> None:
        if refusal.feed is None or refusal.instrument is None:
            return
        with self._lock:
            key = Item(refusal.tiger_id, refusal.feed, refusal.instrument).key
            followed = self._followed.get(key)
            if followed is not None:
                followed.refused = Refused(key, refusal.code, refusal.reason)
                followed.due_at = float("-inf")
                self._report(followed.refused)

    def _read_again(self, gap: Gap) -> None:
        if gap.concerns != "quotes":
            return
        with self._lock:
            if gap.since_ms is not None:
                # Otherwise nothing was ever pushed before.
                self._report(Missed(gap.tiger_id, gap.reason, gap.since_ms))
            for followed in self._list_of(gap.tiger_id):
                # What Tiger refused on the new connection it has said before this; that stands.
                self._note(followed, is_pushed=False)
                followed.due_at = followed.pushed_at = float("-inf")

    # What is asked for.

    def report_alive(self) -> None:
        """Say that this publisher is there, unless something was said a moment ago."""
        with self._lock:
            if time.monotonic() - self._told_at >= SIGN_SECONDS:
                self._report(Alive())

    def ask_due(self) -> None:
        """Ask for what is due, which may take as long as Tiger's answers do; call this all the time."""
        now = time.monotonic()
        groups: defaultdict[tuple[str, Feed], list[Followed]] = defaultdict(list)
        with self._lock:
            for followed in self._followed.values():
                self._look(followed)
                groups[followed.item.tiger_id, followed.item.feed].append(followed)
            due = {key: self._schedule.take_due(*key, group, now) for key, group in groups.items()}
        for (tiger_id, feed), group in due.items():
            # Two types may have the same name, and what Tiger refuses of one concerns no other.
            for sec_type in dict.fromkeys(each.item.instrument.sec_type for each in group):
                self._ask(tiger_id, feed, [each for each in group if each.item.instrument.sec_type == sec_type])

    def _ask(self, tiger_id: str, feed: Feed, group: Sequence[Followed]) -> None:
        begun_at, begun_ms = time.monotonic(), get_now_ms()
        try:
            found = self._fetch(tiger_id, feed, [each.item.instrument for each in group])
        except GatewayError as error:
            logger.info("Quotes cannot be asked for: %s", error.code)
            with self._lock:
                for each in group:
                    each.due_at = begun_at + AFTER_FAILURE_SECONDS
                    each.was_asked = True
            return
        with self._lock:
            for each in group:
                each.was_asked = True
                answered = found.get(each.item.instrument.identifier) or each.members
                if not answered or each.item.key not in self._followed:
                    continue
                if feed is not Feed.QUOTES and each.pushed_at >= begun_at:
                    # A book that came meanwhile is whole, and newer.
                    continue
                members = merge(each.members, answered, was_pushed=each.pushed_at >= begun_at)
                if each.latest is None or members != each.members or each.latest.source != each.source:
                    each.members = members
                    self._report_latest(each, begun_ms)

    def _look(self, followed: Followed) -> None:
        """Take note of whether Tiger pushes an item now."""
        item = followed.item
        is_pushed = self._hub is not None and self._hub.is_pushed(item.tiger_id, item.feed, item.instrument)
        self._note(followed, is_pushed=is_pushed)

    def _note(self, followed: Followed, *, is_pushed: bool) -> None:
        """Have an item read anew once it begins or ceases to be pushed; until it is, what is known was polled."""
        if is_pushed == followed.is_pushed:
            return
        followed.is_pushed, followed.due_at = is_pushed, float("-inf")
        if not is_pushed and followed.latest is not None:
            self._report_latest(followed, followed.latest.received_ms)

    def _list_of(self, tiger_id: str) -> list[Followed]:
        return [each for each in self._followed.values() if each.item.tiger_id == tiger_id]

    def _report_latest(self, followed: Followed, received_ms: int) -> None:
        self._number += 1
        content = _encode(followed.members)
        followed.latest = Latest(followed.item.key, self._number, received_ms, followed.source, content)
        self._report(followed.latest)

    def _report(self, message: Message) -> None:
        self._told_at = time.monotonic()
        for outlet in self._outlets:
            outlet.report(message)
