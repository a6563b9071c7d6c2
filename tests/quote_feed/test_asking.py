"""What is not pushed is asked for, whatever else is followed, and whatever asking for it once raised."""

import threading
import tomllib
from collections.abc import Collection, Iterator
from typing import Any

import pytest

from app.clock import get_elapsed
from app.config.credentials import load_credentials
from app.leadership import Term
from app.quote_feed.asking import fetch_members
from app.quote_feed.items import Item
from app.quote_feed.messages import Latest, Message
from app.quote_feed.publisher import QuotePublisher
from app.quote_feed.publishing import publish
from app.settings import BudgetSettings, Settings
from app.simulator.running import Simulator
from app.tiger.identification import get_instrument
from app.tiger.instrument import Instrument
from app.tiger.push.feeds import Feed
from app.tiger.sessions import Sessions
from tests.quote_feed.conftest import FIRST, FIRST_ID
from tests.support.server import wait_until

WARRANT = "13577"


class Heard:
    """An outlet, and the items of which it was told."""

    def __init__(self) -> None:
        self.keys: set[str] = set()

    def report(self, message: Message) -> None:
        if isinstance(message, Latest):
            self.keys.add(message.key)


@pytest.fixture
def sessions(simulator: Simulator) -> Iterator[Sessions]:
    """Give the sessions of a process that asks the module's simulator."""
    file = simulator.folder / "credentials.toml"
    tables = tomllib.loads(file.read_text())["credentials"]
    settings = Settings(instance=simulator.folder, budget=BudgetSettings(limit_scale=0))
    opened = Sessions(settings, load_credentials(tables, file, simulator.folder))
    yield opened
    opened.close()


def get_key(symbol: str, sec_type: str | None = None) -> str:
    return Item(FIRST_ID, Feed.QUOTES, get_instrument(symbol, sec_type)).key


def test_two_types_of_one_name_keep_no_other_quote_from_being_asked_for(sessions: Sessions) -> None:
    def fetch(_: str, feed: Feed, instruments: Collection[Instrument]) -> dict[str, dict[str, Any]]:
        return fetch_members(sessions.session(FIRST, wants_fresh=True), feed, instruments)

    publisher, heard = QuotePublisher(None, {FIRST_ID: FIRST}, fetch, 1.0), Heard()
    publisher.add_outlet(heard)
    publisher.follow([get_key("AAPL"), get_key(WARRANT), get_key(WARRANT, "WAR")])
    publisher.ask_due()

    assert get_key("AAPL") in heard.keys


def test_one_failure_that_nobody_foresaw_is_not_the_end_of_asking(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([RuntimeError("a sentence that no log may hold")])

    def fetch(_: str, feed: Feed, instruments: Collection[Instrument]) -> dict[str, dict[str, Any]]:
        for failure in failures:
            raise failure
        return fetch_members(sessions.session(FIRST), feed, instruments)

    publisher, heard = QuotePublisher(None, {FIRST_ID: FIRST}, fetch, 0.1), Heard()
    publisher.add_outlet(heard)
    publisher.follow([get_key("AAPL")])
    term = Term(1, 600, get_elapsed(), lambda: True)
    publishing = threading.Thread(target=publish, args=(publisher, (), term))
    publishing.start()
    try:
        wait_until(lambda: heard.keys, 15)
    finally:
        term.ended.set()
        publishing.join()

    assert "Asking for quotes failed: RuntimeError" in caplog.text
    assert "no log may hold" not in caplog.text
