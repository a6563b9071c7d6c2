"""Bring new events to those in this process who listen: one thread reads for all of them, however many there are."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.clock import get_now_ms
from app.errors import StorageUnavailable
from app.events.event_log import EventLog, Head
from app.events.events import RESTARTED, AccountEvent
from app.events.word_board import WordBoard, get_number

WORD_SECONDS: Final = 0.02
"""Between two looks at the board where the other processes of the machine leave word; the database is not asked."""
LOOK_SECONDS: Final = 1.0
"""Between two looks at the counters of the accounts that somebody listens to, where no word has come."""
LOOKOUT_SECONDS: Final = 0.1
"""Between those of the one process of each machine that looks for what other machines write."""
FIRST_PAUSE_SECONDS: Final = 0.002
"""After the word of an event whose transaction has not ended yet; the pause doubles."""
LONGEST_PAUSE_SECONDS: Final = 0.05
EXPECTED_SECONDS: Final = 1.0
"""So long an event is expected that there was word of: its transaction may have been undone."""
MOST_AT_ONCE: Final = 1_000
NOTED_SECONDS: Final = 15.0
"""Between two notes that accounts are listened to."""

Take = Callable[[Sequence[AccountEvent]], None]

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Subscription:
    """One listener: what it has had, and what it wants; ``take`` must not wait."""

    account: str
    era: str
    number: int
    topics: frozenset[str]
    take: Take

    def wants(self, event: AccountEvent) -> bool:
        """Return whether an event is new to it and of its topics."""
        return event.id.number > self.number and (event.topic in self.topics or event.topic == RESTARTED)


class Feeder:
    """The subscriptions of one process, and the thread that serves them while there are any."""

    def __init__(
        self, log: EventLog, board: WordBoard, count: Take = lambda _events: None, *, has_other_machines: bool
    ) -> None:
        """Take where the processes of this machine leave word, and whether other machines write events, too."""
        self._log = log
        self._board = board
        self._has_other_machines = has_other_machines
        self._count = count
        self._lock = threading.Lock()
        self._word = threading.Event()
        self._subscriptions: dict[str, list[Subscription]] = {}
        self._read_up_to: dict[str, tuple[str, int]] = {}
        self._expected: dict[str, tuple[int, float]] = {}
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._noted_at = float("-inf")
        self._polled: dict[str, float] = {}
        self._words: dict[str, bytes] = {}
        self._passed_on: dict[str, int] = {}

    def note_poll(self, account: str) -> None:
        """Note that somebody asks for the events of an account now and then, who need not wait for any.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        now = time.monotonic()
        if now - self._polled.get(account, float("-inf")) >= NOTED_SECONDS:
            self._log.note([account], listened_at=get_now_ms())
            self._polled[account] = now

    def hear(self, account: str, number: int) -> None:
        """Take word that an account has an event of this number, or will have it in a moment."""
        # It runs in the transaction that writes the event, while listeners come and go.
        known = self._read_up_to.get(account)
        if known is not None and known[1] < number:
            self._expected[account] = (number, time.monotonic() + EXPECTED_SECONDS)
            self._word.set()

    def add(self, subscription: Subscription, head: Head) -> bool:
        """Bring a listener what is new from now on, or return False where it has not had everything up to now yet."""
        with self._lock:
            account = subscription.account
            era, number = self._read_up_to.get(account, (head.era, head.last))
            if era != subscription.era or number > subscription.number:
                return False
            if account not in self._read_up_to:
                self._read_up_to[account] = (head.era, head.last)
                self._noted_at = float("-inf")
            self._subscriptions.setdefault(account, []).append(subscription)
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._run, name="events", daemon=True)
                self._thread.start()
        self._word.set()
        return True

    def remove(self, subscription: Subscription) -> None:
        """Bring a listener nothing more."""
        with self._lock:
            mine = self._subscriptions.get(subscription.account, [])
            if subscription in mine:
                mine.remove(subscription)
            if not mine:
                self._subscriptions.pop(subscription.account, None)
                self._read_up_to.pop(subscription.account, None)
                self._expected.pop(subscription.account, None)

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            self._is_closed = True
            thread = self._thread
        self._word.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(1.0)

    def _run(self) -> None:
        look_at, pause, is_failing = float("-inf"), FIRST_PAUSE_SECONDS, False
        while not self._is_closed:
            self._word.wait(min(WORD_SECONDS, max(0.0, look_at - time.monotonic())))
            self._read_words()
            has_word = self._word.is_set()
            if not has_word and time.monotonic() < look_at:
                continue
            self._word.clear()
            is_lookout = False
            try:
                is_lookout = self._has_other_machines and self._board.become_lookout()
                is_expecting = self._look(for_others=is_lookout)
                is_failing = False
            except StorageUnavailable as error:
                if not is_failing:
                    logger.warning("New events cannot be read: %s", error.message)
                is_expecting, is_failing = False, True
            except Exception as error:  # noqa: BLE001 - the edge of a thread: the next look must come whatever this one did.
                # The text may quote what was read: only its type and the lines it passed are logged.
                trace = "".join(traceback.format_tb(error.__traceback__))
                logger.error("New events cannot be read: %s\n%s", type(error).__name__, trace)  # noqa: TRY400
                is_expecting = False
            pause = FIRST_PAUSE_SECONDS if has_word else min(pause * 2, LONGEST_PAUSE_SECONDS)
            longest = LOOKOUT_SECONDS if is_lookout else LOOK_SECONDS
            look_at = time.monotonic() + (pause if is_expecting else longest)
            with self._lock:
                if not self._subscriptions:
                    self._thread = None
                    self._board.leave()
                    return

    def _read_words(self) -> None:
        """Hear what other processes of the machine have left word of."""
        for account in list(self._subscriptions):
            word = self._board.read(account)
            if word != self._words.get(account):
                self._words[account] = word
                if number := get_number(word, account):
                    self.hear(account, number)

    def _look(self, *, for_others: bool) -> bool:
        """Bring what is new, and return whether more is expected at any moment."""
        with self._lock:
            accounts = list(self._subscriptions)
        known = dict(self._read_up_to)
        heads = self._log.fetch_heads(None if for_others else accounts)
        if for_others:
            self._pass_on(heads)
        behind: dict[str, tuple[str, int]] = {}
        for account, head in heads.items():
            if account not in known:
                continue
            era, number = known[account]
            if era != head.era or not head.purged <= number <= head.last:
                # Another database in the same place, one that was put back to an earlier state, or all that came was
                # deleted before it was read: whoever listens comes again, and is told what is missing.
                self._drop(account)
            elif head.last > number:
                behind[account] = (era, number)
        while behind:
            found = self._log.fetch_all_after(behind, MOST_AT_ONCE)
            for events in found.values():
                self._bring(events)
            if sum(map(len, found.values())) < MOST_AT_ONCE:
                break
            behind = {account: self._read_up_to[account] for account in behind if account in self._read_up_to}
        self._note(accounts)
        return self._is_expecting()

    def _pass_on(self, heads: Mapping[str, Head]) -> None:
        """Leave word of what another machine has written, for the other processes of this one."""
        for account, head in heads.items():
            if self._passed_on.get(account) != head.last:
                self._passed_on[account] = head.last
                self._board.put(account, head.last)

    def _bring(self, events: Sequence[AccountEvent]) -> None:
        account, first, last = events[0].account, events[0], events[-1].id
        _, number = self._read_up_to.get(account, ("", first.id.number - 1))
        if first.id.number > number + 1 and first.topic != RESTARTED:
            # Some were deleted before they were read: whoever listens comes again, and is told what is missing.
            self._drop(account)
            return
        with self._lock:
            listeners = list(self._subscriptions.get(account, ()))
            if account in self._read_up_to:
                self._read_up_to[account] = (last.era, last.number)
            for listener in listeners:
                if wanted := [event for event in events if listener.wants(event)]:
                    listener.take(wanted)
                listener.number = max(listener.number, last.number)
        self._count(events)

    def _drop(self, account: str) -> None:
        with self._lock:
            listeners = self._subscriptions.pop(account, [])
            self._read_up_to.pop(account, None)
        for listener in listeners:
            listener.take(())

    def _is_expecting(self) -> bool:
        now = time.monotonic()
        for account, (number, until) in list(self._expected.items()):
            _, seen = self._read_up_to.get(account, ("", number))
            if seen >= number or until < now:
                self._expected.pop(account, None)
        return bool(self._expected)

    def _note(self, accounts: Collection[str]) -> None:
        now = time.monotonic()
        if accounts and now - self._noted_at >= NOTED_SECONDS:
            self._noted_at = now
            self._log.note(accounts, listened_at=get_now_ms())
