"""The connection of one tiger_id for as long as this worker leads: it comes back after every end, and says so."""

import logging
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.clock import get_elapsed, get_now_ms
from app.errors import GatewayError
from app.leadership import LeadershipLost, Term
from app.push.connection import Connection
from app.push.endings import Ending, get_ending
from app.push.events import AccountEvent, Concern, Condition, Gap, PushState, QuoteEvent, Refusal
from app.push.interests import Item, Wants
from app.push.listeners import Listeners
from app.push.observer import Observer
from app.push.pauses import LONGEST_KICKED_SECONDS, Pauses
from app.push.queues import TellingQueue
from app.push.record import PushRecord, PushStore
from app.push.session import Kicked, Session
from app.push.subscriptions import Subscriptions
from app.tiger.push.address import PushAddress
from app.tiger.push.answers import PushedAccount, PushedQuote
from app.tiger.push.feeds import Feed
from app.tiger.push.requests import Requests, SignIn

LOOK_SECONDS: Final = 0.2
CLOSE_SECONDS: Final = 2.0
LINGER_SECONDS: Final = 10.0
SHOW_SECONDS: Final = 1.0
"""How often it is counted what is subscribed for."""
LEASE_SECONDS: Final = 1.0
"""So much of the lease must be left for a sign-in."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class PushClient:
    """Hold one connection while anybody wants anything.

    All but ``wake`` and ``stop`` happens in the thread of ``run``.
    """

    tiger_id: str
    name: str
    wants: Wants
    sign_in: SignIn
    find_address: Callable[[], PushAddress]
    make_context: Callable[[], ssl.SSLContext]
    store: PushStore
    listeners: Listeners
    observer: Observer
    term: Term
    state: PushState | None = None
    subscriptions: Subscriptions | None = None
    _pauses: Pauses = field(default_factory=Pauses)
    _changed: threading.Event = field(default_factory=threading.Event)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _connection: Connection | None = None
    _doubt_since_ms: int | None = None
    _let_in_at: float | None = None
    _not_before: float = 0.0
    _wanted_at: float = float("-inf")
    _shown_at: float = float("-inf")
    _shown: dict[str, int] = field(default_factory=dict)
    _accounts: TellingQueue = field(init=False)
    _quotes: TellingQueue = field(init=False)

    def wake(self) -> None:
        """Look now at what is wanted."""
        self._changed.set()
        if (connection := self._connection) is not None:
            connection.wake()

    def stop(self) -> None:
        """End the connection, and ``run``."""
        self._stopping.set()
        self.wake()

    def run(self) -> None:
        """Hold the connection until the term ends."""
        self._accounts = TellingQueue(f"push-accounts-{self.tiger_id}", self.listeners.report, self._leads)
        self._quotes = TellingQueue(f"push-quotes-{self.tiger_id}", self.listeners.report, self._leads)
        try:
            if not self._read_record():
                self._show("idle")
            while not (self.term.ended.is_set() or self._stopping.is_set()):
                self._changed.clear()
                may_connect = get_elapsed() >= self._not_before and self._leads()
                if may_connect and not self.wants.is_empty:
                    self._connect()
                    continue
                if may_connect and self.state is not None and self.state.condition != "idle":
                    # What went wrong is nobody's trouble any more.
                    self._show("idle")
                self._changed.wait(LOOK_SECONDS)
        finally:
            self._accounts.close(CLOSE_SECONDS)
            self._quotes.close(CLOSE_SECONDS)

    def _leads(self) -> bool:
        return self.term.seconds_left > 0

    def _may_go_on(self) -> bool:
        """Tell whether the connection may be used: by the leader, for somebody, as long as all has been told."""
        has_withheld = self._accounts.has_withheld or self._quotes.has_withheld
        self._show_subscriptions()
        return self._leads() and self._is_wanted() and not (self._stopping.is_set() or has_withheld)

    def _is_wanted(self) -> bool:
        """Tell whether anybody wants anything, or did a moment ago: a page that is loaded anew comes back at once."""
        now = get_elapsed()
        if not self.wants.is_empty:
            self._wanted_at = now
        return now - self._wanted_at < LINGER_SECONDS

    def _read_record(self) -> bool:
        """Stand back from another program as long as the leader before had to, and tell whether that is so."""
        try:
            record = self.store.fetch(self.tiger_id)
        except GatewayError:
            return False
        now_ms = get_now_ms()
        if record is None or now_ms - record.since_ms > LONGEST_KICKED_SECONDS * 1_000:
            return False
        self._pauses.kicks = record.kicks
        if record.condition == "kicked" and (wait := record.get_wait(now_ms)):
            self._not_before = get_elapsed() + wait
            self._show("kicked", record.reason, wait)
            return True
        return False

    def _connect(self) -> None:
        """Make one connection, and serve it to its end."""
        self._let_in_at = None
        self._accounts.has_withheld = self._quotes.has_withheld = False
        try:
            self.term.confirm(LEASE_SECONDS)
            self._show("connecting")
            self._serve()
        except (LeadershipLost, GatewayError):
            self._changed.wait(LOOK_SECONDS)
        except Exception as error:  # noqa: BLE001 - the edge of a thread: the next connection must come, and after a pause.
            self._note_end()
            # Whoever was frozen has lost its place to the next leader: that is nobody else's program.
            if self._leads() or not isinstance(error, Kicked):
                self._stand_back(get_ending(error, self._pauses))
        else:
            self._note_end()
            self._not_before = get_elapsed()
            if self._leads():
                self._show("idle")

    def _stand_back(self, ending: Ending) -> None:
        """Tell how a connection ended, and make the next one only after the pause."""
        logger.log(ending.level, ending.text, self.tiger_id, ending.pause)
        self.observer.ended(ending.kind)
        self._not_before = get_elapsed() + ending.pause
        if self._leads():
            self._show(ending.condition, ending.reason, ending.pause)

    def _serve(self) -> None:
        address = self.find_address()
        requests = Requests()
        self.subscriptions = Subscriptions(
            self.wants, requests, self.tiger_id, self._report_accounts, self._report_refusal
        )
        connection = Connection(address, self.make_context() if address.is_tls else None)
        self._connection = connection
        try:
            Session(connection, self.subscriptions, requests, self.sign_in, self._may_go_on, self).run()
        finally:
            self._connection = None
            self.subscriptions = None
            connection.close()
            self._show_subscriptions()

    def _show_subscriptions(self) -> None:
        now = get_elapsed()
        if self.subscriptions is not None and now - self._shown_at < SHOW_SECONDS:
            return
        self._shown_at = now
        counts = dict.fromkeys(("accounts", *Feed), 0)
        if self.subscriptions is not None:
            counts["accounts"] = len(self.subscriptions.accounts)
            for feed, _ in self.subscriptions.items:
                counts[feed] += 1
        if counts != self._shown:
            self._shown = counts
            for kind, count in counts.items():
                self.observer.subscribed(self.name, str(kind), count)

    def _note_end(self) -> None:
        if self._let_in_at is None:
            return
        self._pauses.note_connection(get_elapsed() - self._let_in_at)
        self._doubt_since_ms = get_now_ms()

    # What a session passes on.

    def let_in(self) -> None:
        """Take that Tiger has let the connection in."""
        self._let_in_at = get_elapsed()
        self._show("connected")

    def settled(self) -> None:
        """Tell that quotes may have been missed, now that none is any more."""
        if self.wants.list_items():
            self._quotes.put(self._make_gap("quotes", "connected"))

    def take_account(self, pushed: PushedAccount) -> None:
        """Queue data about an account that is wanted."""
        if self.subscriptions is None or pushed.account not in self.subscriptions.accounts:
            return
        now_ms = get_now_ms()
        self.observer.received(type(pushed.data).__name__, get_lag(pushed.data.timestamp, now_ms))
        event = AccountEvent(self.tiger_id, pushed.account, now_ms, pushed.data)
        if not self._accounts.put(event):
            self._accounts.replace(self._make_gap("accounts", "overflow", tuple(self.subscriptions.accounts)))

    def take_quote(self, pushed: PushedQuote) -> None:
        """Queue data about each instrument that is wanted under its name."""
        now_ms = get_now_ms()
        self.observer.received(pushed.data_type, get_lag(getattr(pushed.data, "timestamp", None), now_ms))
        if pushed.data is None:
            self._put_quote(self._make_gap("quotes", f"unreadable {pushed.data_type}"))
            return
        items: tuple[Item, ...] | tuple[tuple[None, None]] = ((None, None),)
        if pushed.feed is not None:
            items = self.subscriptions.find(pushed.feed, pushed.key) if self.subscriptions else ()
        for feed, instrument in items:
            self._put_quote(QuoteEvent(self.tiger_id, feed, instrument, now_ms, pushed.data))

    def _put_quote(self, told: QuoteEvent | Gap) -> None:
        if not self._quotes.put(told):
            self._quotes.replace(self._make_gap("quotes", "overflow"))

    def _report_accounts(self, accounts: tuple[str, ...]) -> None:
        self._accounts.put(self._make_gap("accounts", "connected", accounts))

    def _report_refusal(self, refusal: Refusal) -> None:
        (self._quotes if refusal.account is None else self._accounts).put(refusal)

    def _make_gap(self, concerns: Concern, reason: str, accounts: tuple[str, ...] = ()) -> Gap:
        self.observer.gap(reason.partition(" ")[0])
        since = self._doubt_since_ms if reason == "connected" else get_now_ms()
        return Gap(self.tiger_id, concerns, reason, since, get_now_ms(), accounts)

    def _show(self, condition: Condition, reason: str | None = None, pause: float = 0.0) -> None:
        """Have everybody know how the connection stands, the other workers by a row."""
        now_ms = get_now_ms()
        until_ms = now_ms + round(pause * 1_000) if pause else None
        self.state = PushState(self.tiger_id, condition, now_ms, reason, until_ms)
        self._accounts.put(self.state)
        if condition == "connecting":
            # To others a connection is down until it stands again.
            return
        record = PushRecord(self.tiger_id, condition, now_ms, reason, until_ms, self._pauses.kicks, self.term.number)
        try:
            self.store.write(record)
        except GatewayError as error:
            logger.warning("How the push of tiger_id %s stands cannot be written: %s", self.tiger_id, error.message)


def get_lag(moment_ms: int | None, now_ms: int) -> float | None:
    """Return the seconds since a moment that an event bears, None where it bears none."""
    return None if moment_ms is None else (now_ms - moment_ms) / 1_000
