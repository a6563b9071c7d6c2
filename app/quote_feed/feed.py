"""What a process knows of quotes that are followed anywhere, and which of its own streams are told."""

import json
import logging
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, Protocol

from app.clock import get_now_ms
from app.quote_feed.following import Wake, connect, follow
from app.quote_feed.items import Item
from app.quote_feed.messages import Alive, Dropped, Era, Latest, Message, Missed, Refused, Standing
from app.quote_feed.publisher import QuotePublisher
from app.tiger.instrument import STOCK, Instrument
from app.tiger.pipeline.quote_batches import Noted
from app.tiger.push.feeds import Feed
from app.tiger.vocabulary import FURTHER_QUOTE_FIELDS, QUOTE_FIELDS

AGAIN_SECONDS: Final = 1.0
"""Before a publisher is looked for once more."""
BETWEEN_SECONDS: Final = 0.1
ALONE_SECONDS: Final = 3.0
"""Without any publisher before this process asks by itself; the next one is elected within some seconds."""
ANSWERED: Final = (*QUOTE_FIELDS, *FURTHER_QUOTE_FIELDS, "delayed")
"""The members of a quote of a stock."""


logger = logging.getLogger(__name__)


class Listener(Protocol):
    """Whoever is told what is new of some items. Nothing here may wait."""

    def report(self, message: Latest | Refused | Standing | Missed) -> None:
        """Take what is new."""


Begin = Callable[[Mapping[str, Latest], Sequence[Standing | Refused]], None]
"""Take what is known of items, where they come from and which are refused, before anything that is told of them."""


class Elsewhere(Protocol):
    """A way to a publisher on another machine."""

    def has_publisher(self) -> bool:
        """Tell whether there is one; never raise."""

    def follow(
        self,
        wake: Wake,
        get_wishes: Callable[[], Collection[str]],
        take: Callable[[Message], None],
        is_over: Callable[[], bool],
    ) -> None:
        """Follow it for as long as it is there; never raise."""


class QuoteFeed:
    """One for each process. It follows a publisher from ``start`` on, and one of its own where there is no other."""

    def __init__(
        self,
        address: str | None,
        make_own: Callable[[], QuotePublisher],
        observe_lag: Callable[[float], None],
        elsewhere: Elsewhere | None = None,
    ) -> None:
        """Take where the publisher of this machine listens, what makes one that only asks, and a way to others."""
        self._address = address
        self._make_own = make_own
        self._observe_lag = observe_lag
        self._elsewhere = elsewhere
        self._lock = threading.RLock()
        self._wake: Wake | None = None
        self._is_closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._listeners: defaultdict[str, dict[Listener, None]] = defaultdict(dict)
        self._known: dict[str, Latest] = {}
        self._before: dict[str, Latest] = {}
        """What was known when a publisher began to tell everything anew."""
        self._refused: dict[str, Refused] = {}
        self._refused_before: dict[str, Refused] = {}
        self._standings: dict[str, Standing] = {}
        self._standings_before: dict[str, Standing] = {}
        self._is_told = False
        """Whether the publisher that is followed has begun to tell: until then what is known is another one's."""
        self._seen_at = 0.0
        self.era = ""

    def start(self) -> None:
        """Follow from now on; calling it again costs nothing."""
        if self._thread is None and not self._is_closed.is_set():
            with self._lock:
                if self._thread is None:
                    self._wake = Wake()
                    self._thread = threading.Thread(
                        target=self._run, args=(self._wake,), name="quote-feed", daemon=True
                    )
                    self._thread.start()

    def close(self) -> None:
        """Follow nothing any more."""
        self._is_closed.set()
        self._rouse()
        if self._thread is not None:
            self._thread.join(5)

    # Listening.

    def listen(self, keys: Collection[str], listener: Listener, begin: Begin) -> None:
        """Tell this listener of these items from now on, if it is not told of them yet; ``begin`` comes before that."""
        with self._lock:
            known = {key: self._known[key] for key in keys if key in self._known}
            tiger_ids = {key.partition("/")[0] for key in keys}
            standings = [self._standings[tiger_id] for tiger_id in tiger_ids if tiger_id in self._standings]
            begin(known, [*standings, *(self._refused[key] for key in keys if key in self._refused)])
            # What a publisher is about to repeat is news to this one, though it is none to others.
            for key in keys:
                self._before.pop(key, None)
                self._refused_before.pop(key, None)
            for tiger_id in tiger_ids:
                self._standings_before.pop(tiger_id, None)
            for key in keys:
                self._listeners[key][listener] = None
        self._rouse()

    def unlisten(self, keys: Collection[str], listener: Listener) -> None:
        """Tell it no more."""
        with self._lock:
            for key in keys:
                self._listeners[key].pop(listener, None)
                if not self._listeners[key]:
                    del self._listeners[key]
        self._rouse()

    # Looking.

    def knows(self, key: str) -> bool:
        """Tell whether the latest of an item is known here."""
        return key in self._known

    def find_pushed(self, tiger_id: str, symbol: str) -> Noted | None:
        """Return the quote of a stock that Tiger pushes now, as requests for quotes are answered; else None."""
        if not (self._is_told and self._known):
            return None
        latest = self._known.get(Item(tiger_id, Feed.QUOTES, Instrument(symbol, STOCK)).key)
        standing = self._standings.get(tiger_id)
        if latest is None or latest.source != "push" or standing is None or standing.source != "push":
            return None
        members: dict[str, Any] = json.loads(latest.content)
        if members.get("delayed") is not False:
            # A push tells some members only. The others come from an answer before it: not there yet, or a late one.
            return None
        age_seconds = max(0.0, (get_now_ms() - latest.received_ms) / 1_000)
        return Noted(time.monotonic() - age_seconds, {name: members.get(name) for name in ANSWERED})

    # What comes; on the thread of the feed.

    def take(self, message: Message) -> None:
        """Take what a publisher says, and tell those who listen."""
        with self._lock:
            match message:
                case Latest():
                    self._take_latest(message)
                case Dropped():
                    self._known.pop(message.key, None)
                    self._refused.pop(message.key, None)
                case Refused():
                    self._refused[message.key] = message
                    if self._refused_before.pop(message.key, None) != message:
                        self._report(self._listeners.get(message.key, ()), message)
                case Standing():
                    self._standings[message.tiger_id] = message
                    if self._standings_before.pop(message.tiger_id, None) != message:
                        self._report(self._list_of(message.tiger_id), message)
                case Missed():
                    self._report(self._list_of(message.tiger_id), message)
                    self._refused = {
                        key: refused
                        for key, refused in self._refused.items()
                        if not key.startswith(f"{message.tiger_id}/")
                    }
                case Era():
                    is_same = message.era == self.era
                    self._before = self._known if is_same else {}
                    self._refused_before = self._refused if is_same else {}
                    self._standings_before = self._standings
                    self.era, self._known, self._refused, self._standings = message.era, {}, {}, {}
                    self._is_told = True
                case Alive():
                    pass

    def _take_latest(self, message: Latest) -> None:
        self._known[message.key] = message
        is_pushed = message.source == "push"
        if is_pushed:
            self._refused.pop(message.key, None)
        if self._before.pop(message.key, None) == message:
            return
        self._report(self._listeners.get(message.key, ()), message)
        if is_pushed:
            self._observe_lag(max(0.0, (get_now_ms() - message.received_ms) / 1_000))

    def report(self, message: Message) -> None:
        """Take what a publisher of this process says."""
        self.take(message)

    def _list_of(self, tiger_id: str) -> Collection[Listener]:
        own = (listeners for key, listeners in self._listeners.items() if key.startswith(f"{tiger_id}/"))
        return list(dict.fromkeys(listener for listeners in own for listener in listeners))

    @staticmethod
    def _report(listeners: Collection[Listener], message: Latest | Refused | Standing | Missed) -> None:
        for listener in listeners:
            listener.report(message)

    def _get_wishes(self) -> Collection[str]:
        with self._lock:
            return list(self._listeners)

    def _rouse(self) -> None:
        if self._wake is not None:
            self._wake.rouse()

    def _run(self, wake: Wake) -> None:
        self._seen_at = time.monotonic()
        while not self._is_closed.is_set():
            try:
                self._turn(wake)
            except Exception as error:  # noqa: BLE001 - the edge of a thread: quotes go on after whatever it was.
                trace = "".join(traceback.format_tb(error.__traceback__))
                logger.error("The feed of quotes failed: %s\n%s", type(error).__name__, trace)  # noqa: TRY400
                self._is_closed.wait(AGAIN_SECONDS)
        wake.close()

    def _turn(self, wake: Wake) -> None:
        if self._follow_other(wake):
            self._seen_at = time.monotonic()
            self._is_closed.wait(BETWEEN_SECONDS)
        elif self._listeners and time.monotonic() - self._seen_at >= ALONE_SECONDS:
            self._ask_alone()
        else:
            self._is_closed.wait(AGAIN_SECONDS)

    def _follow_other(self, wake: Wake) -> bool:
        """Follow whatever publisher is found, for as long as it is there; tell whether there was one."""
        connected = connect(self._address)
        if connected is None and (self._elsewhere is None or not self._elsewhere.has_publisher()):
            return False
        if connected is not None:
            follow(connected, wake, self._get_wishes, self.take, self._is_closed.is_set)
        elif self._elsewhere is not None:
            self._elsewhere.follow(wake, self._get_wishes, self.take, self._is_over_elsewhere)
        self._is_told = False
        return True

    def _is_over_elsewhere(self) -> bool:
        return self._is_closed.is_set() or self._is_here()

    def _is_here(self) -> bool:
        """Tell whether a publisher listens on this machine."""
        connected = connect(self._address)
        if connected is not None:
            connected.close()
        return connected is not None

    def _ask_alone(self) -> None:
        """Ask Tiger from here, until there is a publisher, or nobody listens."""
        own, followed = self._make_own(), set[str]()
        own.add_outlet(self)
        looked_at = time.monotonic()
        while not self._is_closed.wait(0.25):
            wanted = set(self._get_wishes())
            own.follow(wanted - followed)
            own.unfollow(followed - wanted)
            followed = wanted
            own.ask_due()
            if time.monotonic() - looked_at >= AGAIN_SECONDS:
                looked_at = time.monotonic()
                is_elsewhere = self._elsewhere is not None and self._elsewhere.has_publisher()
                if not wanted or is_elsewhere or self._is_here():
                    return
