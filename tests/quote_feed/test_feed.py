"""What a process answers requests from while publishers come and go, the publisher played by the test."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clock import get_now_ms
from app.quote_feed.feed import QuoteFeed
from app.quote_feed.items import Item
from app.quote_feed.messages import Era, Latest, Message, Standing, write_message
from app.quote_feed.publisher import QuotePublisher
from app.tiger.instrument import STOCK, Instrument
from app.tiger.push.feeds import Feed
from tests.quote_feed.conftest import FIRST_ID
from tests.support.server import wait_until

KEY = Item(FIRST_ID, Feed.QUOTES, Instrument("AAPL", STOCK)).key


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    """Give where a process looks for the publisher of its machine."""
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(tmp_path / "quotes.sock"))
        opened.listen()
        opened.settimeout(10)
        yield opened


@pytest.fixture
def feed(listener: socket.socket) -> Iterator[QuoteFeed]:
    """Give the feed of such a process."""
    feed = QuoteFeed(listener.getsockname(), lambda: QuotePublisher(None, {}, lambda *_: {}, 1.0), lambda _: None)
    feed.start()
    yield feed
    feed.close()


def tell(follower: socket.socket, *messages: Message) -> None:
    follower.sendall(b"".join(map(write_message, messages)))


def test_what_a_publisher_that_is_gone_has_told_answers_no_requests(listener: socket.socket, feed: QuoteFeed) -> None:
    content = json.dumps({"latest_price": 201.5, "delayed": False})
    pushed = Standing(FIRST_ID, "push", None), Latest(KEY, 1, get_now_ms(), "push", content)
    with listener.accept()[0] as first:
        tell(first, Era("one"), *pushed)
        wait_until(lambda: feed.find_pushed(FIRST_ID, "AAPL"), 10)
    with listener.accept()[0] as second:
        second.recv(100)  # It is followed from here on, and has said nothing yet.
        found = feed.find_pushed(FIRST_ID, "AAPL")
        tell(second, Era("two"), *pushed)
        wait_until(lambda: feed.find_pushed(FIRST_ID, "AAPL"), 10)

    assert found is None


class Heard:
    """Whoever listens, and what it was told."""

    def __init__(self) -> None:
        self.told: list[Message] = []

    def report(self, message: Message) -> None:
        self.told.append(message)


def test_who_comes_while_everything_is_repeated_hears_all_of_it(listener: socket.socket, feed: QuoteFeed) -> None:
    standing, latest = Standing(FIRST_ID, "push", None), Latest(KEY, 1, get_now_ms(), "push", "{}")
    late = Heard()
    with listener.accept()[0] as publisher:
        tell(publisher, Era("one"), standing, latest)
        wait_until(lambda: feed.knows(KEY), 10)
        tell(publisher, Era("one"))
        wait_until(lambda: not feed.knows(KEY), 10)
        feed.listen([KEY], late, lambda known, standings: late.told.extend([*known.values(), *standings]))
        tell(publisher, standing, latest)
        wait_until(lambda: len(late.told) == 2, 10)

    assert late.told == [standing, latest]
