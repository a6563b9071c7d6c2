"""Publish to other machines, and follow a publisher there, through one stream of Redis.

Each follower renews what it wishes for as long as it lives; where it dies, its wishes expire. While Redis does not
answer, followers ask Tiger themselves. What is in Redis is public there: prices, and which symbols are followed.
"""

import contextlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection
from typing import Any, Final, Self

from app.config.credentials import ConfigurationError
from app.quote_feed.following import SILENT_SECONDS, Wake
from app.quote_feed.messages import Latest, Message, read_message, write_message
from app.quote_feed.publisher import QuotePublisher
from app.server.stream import Stream

MOST_ENTRIES: Final = 2_000
MOST_WAITING_BYTES: Final = 8_388_608
ROUND_SECONDS: Final = 0.02
"""What comes within it goes out together."""
LOOK_SECONDS: Final = 0.5
RENEW_SECONDS: Final = 2.0
EXPIRY_SECONDS: Final = 10
BLOCK_MS: Final = 200
ANSWER_SECONDS: Final = 2.0

logger = logging.getLogger(__name__)


def open_redis(url: str) -> Any:
    """Return a client; nothing is sent yet.

    Raises:
        ConfigurationError: The extra that brings it is not installed.
    """
    try:
        import redis  # noqa: PLC0415 - an extra.
    except ImportError as error:
        raise ConfigurationError(
            "streams.redis_url needs the client of Redis: pip install 'tiger-rest[limits]'"
        ) from error
    return redis.Redis.from_url(url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)


class RedisPublishing:
    """Tell followers on other machines what a publisher says, on a thread of its own until ``close``.

    Each entry says whose it is and which one: a follower that misses one begins anew.
    """

    def __init__(self, url: str, prefix: str, publisher: QuotePublisher) -> None:
        self._redis = open_redis(url)
        self._prefix = prefix
        self._publisher = publisher
        self._name = secrets.token_hex(4)
        self._number = 0
        self._stream = Stream(b"", MOST_WAITING_BYTES)
        self._is_due = threading.Event()
        self._is_closed = threading.Event()
        self._followers: dict[str, set[str]] = {}
        self._is_down = False
        publisher.add_outlet(self)
        self._thread = threading.Thread(target=self._run, name="quotes-redis", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def report(self, message: Message) -> None:
        """Pass a message on."""
        self._stream.put(write_message(message), message.key if isinstance(message, Latest) else None)
        self._is_due.set()

    def close(self) -> None:
        """End, with all that followers on other machines wish for."""
        self._is_closed.set()
        self._is_due.set()
        self._thread.join(2 * ANSWER_SECONDS)
        self._publisher.remove_outlet(self)
        for keys in self._followers.values():
            self._publisher.unfollow(keys)
        self._redis.close()

    def _run(self) -> None:
        looked_at = 0.0
        while not self._is_closed.is_set():
            self._is_due.wait(LOOK_SECONDS)
            self._is_due.clear()
            try:
                self._send()
                if time.monotonic() - looked_at >= LOOK_SECONDS:
                    looked_at = time.monotonic()
                    self._redis.set(f"{self._prefix}:publisher", self._name, ex=round(SILENT_SECONDS))
                    self._look_at_followers()
                self._is_down = False
            except Exception as error:  # noqa: BLE001 - the edge: whatever a client of Redis raises.
                if not self._is_down:
                    logger.warning("Quotes do not reach other machines: Redis: %s", type(error).__name__)
                self._is_down = True
                self._is_closed.wait(1.0)
            self._is_closed.wait(ROUND_SECONDS)

    def _send(self) -> None:
        if not self._stream.is_open:
            # More waited than fits: what is left out is missed by number.
            self._stream = Stream(b"", MOST_WAITING_BYTES)
            self._number += 1
            return
        if lines := self._stream.take():
            self._number += 1
            entry = {"of": self._name, "n": self._number, "m": lines}
            self._redis.xadd(f"{self._prefix}:messages", entry, maxlen=MOST_ENTRIES, approximate=True)

    def _look_at_followers(self) -> None:
        followers = f"{self._prefix}:followers"
        self._redis.zremrangebyscore(followers, "-inf", time.time())
        names = [member.decode() for member in self._redis.zrange(followers, 0, -1)]
        wishes = self._redis.mget([f"{self._prefix}:follower:{name}" for name in names]) if names else []
        wanted = {
            name: {str(key) for key in json.loads(wish)}
            for name, wish in zip(names, wishes, strict=True)
            if wish is not None
        }
        is_new = bool(wanted.keys() - self._followers.keys())
        for name in wanted.keys() | self._followers.keys():
            before, now = self._followers.get(name, set()), wanted.get(name, set())
            self._publisher.follow(now - before)
            self._publisher.unfollow(before - now)
        self._followers = wanted
        if is_new:
            self._publisher.repeat(self)


class RedisFollowing:
    """The way to a publisher on another machine."""

    def __init__(self, url: str, prefix: str) -> None:
        self._redis = open_redis(url)
        self._prefix = prefix

    def has_publisher(self) -> bool:
        """Tell whether there is one; not where Redis does not answer."""
        try:
            return bool(self._redis.exists(f"{self._prefix}:publisher"))
        except Exception as error:  # noqa: BLE001 - as above.
            logger.info("Redis does not answer: %s", type(error).__name__)
            return False

    def follow(
        self,
        wake: Wake,
        get_wishes: Callable[[], Collection[str]],
        take: Callable[[Message], None],
        is_over: Callable[[], bool],
    ) -> None:
        """Follow until the publisher falls silent, another takes its place, Redis fails, or it is over."""
        # Each time a new one, which is told everything.
        name = secrets.token_hex(8)
        try:
            self._follow(name, wake, get_wishes, take, is_over)
        except Exception as error:  # noqa: BLE001 - as above.
            logger.warning("Quotes of another machine come no longer: Redis: %s", type(error).__name__)
        with contextlib.suppress(Exception):
            self._redis.zrem(f"{self._prefix}:followers", name)

    def _follow(
        self,
        name: str,
        wake: Wake,
        get_wishes: Callable[[], Collection[str]],
        take: Callable[[Message], None],
        is_over: Callable[[], bool],
    ) -> None:
        stream = f"{self._prefix}:messages"
        newest = self._redis.xrevrange(stream, count=1)
        last, number = newest[0][0] if newest else "0", None
        publisher = self._redis.get(f"{self._prefix}:publisher")
        said: list[str] | None = None
        said_at = heard_at = time.monotonic()
        while time.monotonic() - heard_at < SILENT_SECONDS and not is_over():
            wake.clear()
            wanted = sorted(get_wishes())
            if wanted != said or time.monotonic() - said_at >= RENEW_SECONDS:
                if self._redis.get(f"{self._prefix}:publisher") not in {publisher, None}:
                    return
                self._redis.set(f"{self._prefix}:follower:{name}", json.dumps(wanted), ex=EXPIRY_SECONDS)
                self._redis.zadd(f"{self._prefix}:followers", {name: time.time() + EXPIRY_SECONDS})
                said, said_at = wanted, time.monotonic()
            for _, entries in self._redis.xread({stream: last}, count=500, block=BLOCK_MS) or ():
                for entry_id, fields in entries:
                    last = entry_id
                    if fields[b"of"] != publisher:
                        continue
                    if number is not None and int(fields[b"n"]) != number + 1:
                        return
                    heard_at, number = time.monotonic(), int(fields[b"n"])
                    for line in fields[b"m"].splitlines():
                        take(read_message(line))
