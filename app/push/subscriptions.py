"""Bring what one connection has subscribed for in line with what is wanted: one request at a time, each confirmed."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from app.clock import get_elapsed
from app.push.events import Refusal
from app.push.interests import Item, Wants
from app.tiger.push.answers import TOO_MANY, Kind, PushAnswer, read_list
from app.tiger.push.feeds import LIMITS, Feed, Subject, get_subject
from app.tiger.push.requests import ACCOUNT_TOPICS, Requests

ANSWER_SECONDS: Final = 5.0
MOST_ASKED: Final = 3
"""A request whose answer does not come is made so often; then the connection is given up."""
LARGEST_BATCH: Final = 50
RETRY_SECONDS: Final = 300.0
"""What was refused for another reason than a limit is tried again after so long."""
NOT_PUSHED: Final = "Tiger pushes no {feed} of {sec_type}"
BEYOND: Final = "Tiger pushes {feed} of {limit} symbols at most to this developer id"

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Asked:
    """The request that waits for its answer."""

    make: Callable[[], Any]
    confirmed_by: Kind
    on_confirmed: Callable[[PushAnswer], None]
    on_refused: Callable[[PushAnswer], None]
    times: int = 0
    is_needed: bool = True
    number: int = 0
    until: float = 0.0


@dataclass(slots=True)
class _Room:
    """What is known of a feed's limit: as Tiger lists it, or that it was found full with so many."""

    limit: int | None = None
    batch: int = LARGEST_BATCH


@dataclass(slots=True)
class Subscriptions:
    """What one connection has subscribed for, and what it was refused; used by one thread."""

    wants: Wants
    requests: Requests
    tiger_id: str
    on_accounts: Callable[[tuple[str, ...]], None]
    """Called once all topics of these accounts are confirmed."""
    on_refusal: Callable[[Refusal], None]
    accounts: set[str] = field(default_factory=set)
    items: dict[Item, Subject] = field(default_factory=dict)
    by_key: dict[tuple[Feed, str], tuple[Item, ...]] = field(default_factory=dict)
    refused: dict[Item | str, Refusal] = field(default_factory=dict)
    _told: dict[Item | str, Refusal] = field(default_factory=dict)
    _retry_at: dict[Item | str, float] = field(default_factory=dict)
    _topics: dict[str, set[int]] = field(default_factory=dict)
    _rooms: dict[Feed, _Room] = field(default_factory=lambda: {feed: _Room() for feed in Feed})
    _asked: Asked | None = None
    _is_listed: bool = False

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is asked that still waits for an answer."""
        return self._asked is None

    def next_request(self) -> Any | None:
        """Return what to send now, or None.

        Raises:
            TimeoutError: Nothing was answered, however often it was asked.
        """
        if self._asked is not None:
            if get_elapsed() < self._asked.until:
                return None
            if self._asked.times >= MOST_ASKED:
                if self._asked.is_needed:
                    raise TimeoutError("subscriptions are not answered")
                self._asked = None
                self._is_listed = True
        if self._asked is None:
            self._asked = self._choose()
        asked = self._asked
        if asked is None:
            return None
        request = asked.make()
        asked.times, asked.number, asked.until = asked.times + 1, request.id, get_elapsed() + ANSWER_SECONDS
        return request

    def take(self, answer: PushAnswer) -> bool:
        """Take an answer, and tell whether it was one to the request that waits; some answers name no request."""
        asked = self._asked
        if asked is None or answer.id not in {0, asked.number}:
            return False
        if answer.kind is asked.confirmed_by:
            self._asked = None
            asked.on_confirmed(answer)
        elif answer.kind is Kind.REFUSED:
            self._asked = None
            asked.on_refused(answer)
        else:
            return False
        return True

    def find(self, feed: Feed, key: str) -> tuple[Item, ...]:
        """Return what is wanted of that name; a warrant and a stock may share one."""
        return self.by_key.get((feed, key), ())

    # What is to be done next: accounts first, then what frees room, then what needs it.

    def _choose(self) -> Asked | None:
        self._forget_old_refusals()
        return self._choose_account() or self._choose_list() or self._choose_end() or self._choose_items()

    def _choose_account(self) -> Asked | None:
        wanted = self.wants.list_accounts()
        # What is wanted no longer stays subscribed for: to end one may end all [Tiger's page on the push of accounts].
        self.accounts.intersection_update(wanted)
        for account in wanted:
            if account in self.accounts or account in self.refused:
                continue
            held = self._topics.setdefault(account, set())
            if missing := [topic for topic in ACCOUNT_TOPICS if topic not in held]:
                return self._ask_topic(account, missing[0])
            self.accounts.add(account)
            self.on_accounts((account,))
        return None

    def _ask_topic(self, account: str, topic: int) -> Asked:
        return Asked(
            lambda: self.requests.subscribe(topic, account=account),
            Kind.SUBSCRIBED,
            lambda _: self._topics[account].add(topic),
            lambda answer: self._refuse(account, answer.code, answer.text),
        )

    def _choose_list(self) -> Asked | None:
        """Ask for the limits before the first subscription that they concern."""
        if self._is_listed or not self.wants.list_items():
            return None
        ask, without = self.requests.list_subscriptions, self._do_without_limits
        return Asked(ask, Kind.LISTED, self._read_limits, without, is_needed=False)

    def _read_limits(self, answer: PushAnswer) -> None:
        self._is_listed = True
        told = read_list(answer)
        for feed, name in LIMITS.items():
            limit = told.get(name)
            if isinstance(limit, int) and limit > 0:
                self._rooms[feed].limit = limit

    def _do_without_limits(self, _: PushAnswer) -> None:
        self._is_listed = True

    def _choose_end(self) -> Asked | None:
        wanted = set(self.wants.list_items())
        for item in [item for item in (*self.refused,) if not isinstance(item, str) and item not in wanted]:
            del self.refused[item]
        kept = {(item[0], subject) for item, subject in self.items.items() if item in wanted}
        gone: dict[int, list[Item]] = {}
        for item, subject in list(self.items.items()):
            if item in wanted:
                continue
            if (item[0], subject) in kept:
                # Another instrument of the same name is still wanted.
                self._release([item])
            else:
                gone.setdefault(subject.data_type, []).append(item)
        if not gone:
            return None
        data_type, items = next(iter(gone.items()))
        batch = items[:LARGEST_BATCH]
        texts = list(dict.fromkeys(self.items[item].text for item in batch))
        # Whoever wants one of them again meanwhile has to wait until it is subscribed for anew.
        self._release(batch)
        return Asked(
            lambda: self.requests.subscribe(data_type, texts, is_end=True),
            Kind.UNSUBSCRIBED,
            lambda _: None,
            lambda _: None,
        )

    def _release(self, items: Iterable[Item]) -> None:
        for item in items:
            subject = self.items.pop(item)
            key = item[0], subject.text
            left = tuple(each for each in self.by_key.get(key, ()) if each != item)
            if left:
                self.by_key[key] = left
            else:
                self.by_key.pop(key, None)
        # There is room now for what was beyond a limit.
        for refused in [each for each, refusal in self.refused.items() if refusal.code == TOO_MANY]:
            del self.refused[refused]

    def _choose_items(self) -> Asked | None:
        pending: dict[tuple[Feed, int], list[tuple[Item, Subject]]] = {}
        for item in self.wants.list_items():
            if item in self.items or item in self.refused:
                continue
            feed, instrument = item
            subject = get_subject(feed, instrument)
            if subject is None:
                self._refuse(item, 0, NOT_PUSHED.format(feed=feed, sec_type=instrument.sec_type))
            else:
                pending.setdefault((feed, subject.data_type), []).append((item, subject))
        for (feed, data_type), waiting in pending.items():
            if batch := self._fit(feed, waiting):
                return self._ask_items(feed, data_type, batch)
        return None

    def _ask_items(self, feed: Feed, data_type: int, batch: list[tuple[Item, Subject]]) -> Asked:
        return Asked(
            lambda: self.requests.subscribe(data_type, dict.fromkeys(subject.text for _, subject in batch)),
            Kind.SUBSCRIBED,
            lambda _: self._hold(feed, batch),
            lambda answer: self._split(feed, [item for item, _ in batch], answer),
        )

    def _fit(self, feed: Feed, waiting: list[tuple[Item, Subject]]) -> list[tuple[Item, Subject]]:
        """Return the next batch that a limit has room for; what is beyond it is refused by name."""
        room = self._rooms[feed]
        if room.limit is None:
            return waiting[: room.batch]
        left = max(0, room.limit - len({subject.text for item, subject in self.items.items() if item[0] is feed}))
        for item, _ in waiting[left:]:
            self._refuse(item, TOO_MANY, BEYOND.format(feed=feed, limit=room.limit))
        return waiting[: min(left, room.batch)]

    def _hold(self, feed: Feed, batch: list[tuple[Item, Subject]]) -> None:
        for item, subject in batch:
            self.items[item] = subject
            self._told.pop(item, None)
            key = feed, subject.text
            self.by_key[key] = (*self.by_key.get(key, ()), item)
        room = self._rooms[feed]
        room.batch = min(LARGEST_BATCH, room.batch * 2)

    def _split(self, feed: Feed, batch: list[Item], answer: PushAnswer) -> None:
        """Find out what a refusal means: whether Tiger takes a part of what is refused as a whole nobody says."""
        room = self._rooms[feed]
        if len(batch) > 1:
            room.batch = len(batch) // 2
            return
        self._refuse(batch[0], answer.code, answer.text)
        if answer.code == TOO_MANY:
            # Everything else would be one too many as well, until something is given up.
            room.limit = sum(1 for item in self.items if item[0] is feed)

    def _refuse(self, what: Item | str, code: int, reason: str) -> None:
        feed, instrument = (None, None) if isinstance(what, str) else what
        account = what if isinstance(what, str) else None
        refusal = Refusal(self.tiger_id, code, reason, feed, instrument, account)
        self.refused[what] = refusal
        is_known = self._told.get(what) == refusal
        self._told[what] = refusal
        self._retry_at[what] = get_elapsed() + RETRY_SECONDS
        if is_known:
            return
        logger.warning("Tiger pushes tiger_id %s no %s: %s (%d)", self.tiger_id, describe(refusal), reason, code)
        self.on_refusal(refusal)

    def _forget_old_refusals(self) -> None:
        now = get_elapsed()
        for what in [each for each, at in self._retry_at.items() if now >= at]:
            del self._retry_at[what]
            refusal = self.refused.get(what)
            if refusal is not None and refusal.code not in {0, TOO_MANY}:
                del self.refused[what]


def describe(refusal: Refusal) -> str:
    """Return what was refused, for people."""
    if refusal.instrument is None:
        return f"data of account {refusal.account}"
    return f"{refusal.feed} of {refusal.instrument.identifier}"
