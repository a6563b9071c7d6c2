"""Live quotes, as the rest of a gateway sees them."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from app.leadership import Term
from app.push import PushHub
from app.quote_feed.asking import fetch_members
from app.quote_feed.feed import Elsewhere, QuoteFeed
from app.quote_feed.local_socket import LocalSocket, get_address
from app.quote_feed.publisher import QuotePublisher
from app.quote_feed.publishing import Open, publish
from app.quote_feed.quote_streams import QuoteStreams
from app.quote_feed.through_redis import RedisFollowing, RedisPublishing
from app.server.stream import Stream
from app.settings import Credential, Settings
from app.tiger.instrument import Instrument
from app.tiger.push.feeds import Feed
from app.tiger.sessions import Session, Sessions


class LiveQuotes:
    """What one process has for them; all processes follow, and the elected one publishes."""

    def __init__(self, settings: Settings, secret: bytes, observe_lag: Callable[[float], None]) -> None:
        """Take the secret that all machines of one gateway share: their name in Redis is made of it.

        Raises:
            ConfigurationError: Redis is set, and the extra that brings its client is not installed.
        """
        self._address = get_address(settings.instance)
        self._poll_seconds = settings.streams.quote_poll_seconds
        self._ways: tuple[Open, ...] = ()
        elsewhere: Elsewhere | None = None
        if url := settings.streams.redis_url:
            prefix = f"tiger-rest:{hashlib.sha256(b'quotes' + secret).hexdigest()[:16]}"
            elsewhere = RedisFollowing(url, prefix)
            self._ways = (partial(RedisPublishing, url, prefix),)
        self._sessions: Sessions | None = None
        self._accounts: dict[str, str] = {}
        self._publisher: QuotePublisher | None = None
        self.feed = QuoteFeed(self._address, self._make_own, observe_lag, elsewhere)
        self.streams = QuoteStreams(self.feed)

    def connect(self, credentials: Sequence[Credential], sessions: Sessions, hub: PushHub) -> None:
        """Take what there is once it is known which credentials are in force; before this nothing begins."""
        self._accounts = {each.tiger_id: each.accounts[0].account for each in reversed(credentials) if each.accounts}
        self._sessions = sessions
        self._publisher = QuotePublisher(hub, self._accounts, self._ask_anew, self._poll_seconds)
        sessions.pipeline.find_pushed = self.feed.find_pushed

    def start(self) -> None:
        """Follow from now on; calling it again costs nothing."""
        self.feed.start()

    def close(self) -> None:
        """Follow nothing any more."""
        self.feed.close()

    def publish(self, term: Term) -> None:
        """Publish until the term ends: the elected worker's job."""
        if self._publisher is not None:
            address = self._address
            local = () if address is None else (lambda publisher: LocalSocket(address, publisher),)
            publish(self._publisher, (*local, *self._ways), term)

    def open(self, session: Session, feeds: Sequence[Feed], named: Sequence[Instrument], after: str | None) -> Stream:
        """Return a stream of these feeds of instruments, which begins with a snapshot.

        Raises:
            GatewayError: What is not known yet cannot be fetched.
        """

        def fetch(instruments: Sequence[Instrument]) -> dict[str, dict[str, Any]]:
            return fetch_members(session, Feed.QUOTES, instruments)

        return self.streams.open(session.credential.tiger_id, feeds, named, after, fetch)

    def _make_own(self) -> QuotePublisher:
        return QuotePublisher(None, self._accounts, self._ask, self._poll_seconds)

    def _ask(self, tiger_id: str, feed: Feed, instruments: Collection[Instrument]) -> dict[str, dict[str, Any]]:
        return self._fetch(tiger_id, feed, instruments, is_fresh=False)

    def _ask_anew(self, tiger_id: str, feed: Feed, instruments: Collection[Instrument]) -> dict[str, dict[str, Any]]:
        """Ask Tiger itself: what is known here is what was published."""
        return self._fetch(tiger_id, feed, instruments, is_fresh=True)

    def _fetch(
        self, tiger_id: str, feed: Feed, instruments: Collection[Instrument], *, is_fresh: bool
    ) -> dict[str, dict[str, Any]]:
        if self._sessions is None:
            return {}
        return fetch_members(self._sessions.session(self._accounts[tiger_id], wants_fresh=is_fresh), feed, instruments)
