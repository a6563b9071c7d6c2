"""A browser's EventSource is let in by a ticket, and hears events as they come."""

import functools
import shutil

import pytest

from tests.events.hearing import ORDER
from tests.openapi.run_browser import repeat, running_browser
from tests.support.client import FIRST
from tests.support.server import running_server

pytest.importorskip("websocket")
needs_chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
LISTEN = """(() => {
    window.heard = [];
    const source = new EventSource('%s');
    for (const name of ['snapshot', 'orders'])
        source.addEventListener(name, (event) => window.heard.push([name, event.lastEventId, JSON.parse(event.data)]));
    source.onerror = () => window.heard.push(['error']);
    return true;
})()"""


@needs_chromium
def test_an_event_source_with_a_ticket_hears_the_orders_of_its_account(tmp_path):
    with running_server(tmp_path) as server, running_browser(tmp_path / "browser") as browser:
        _, given = server.call("/api/stream/ticket", {"account": FIRST, "topics": ["orders"]})
        browser.call("Page.navigate", url=f"{server.url}/docs")
        listening = functools.partial(browser.evaluate, LISTEN % given["data"]["url"])
        repeat(lambda: browser.evaluate("document.readyState") == "complete", "the page is there")
        listening()
        repeat(lambda: browser.evaluate("window.heard.length >= 1"), "the snapshot comes")
        _, placed = server.call("/api/trade/place-order", ORDER)
        repeat(lambda: browser.evaluate("window.heard.length >= 2"), "the event comes")
        (first, _, _), (second, its_id, event) = browser.evaluate("window.heard")[:2]

        assert (first, second, event["type"]) == ("snapshot", "orders", "accepted")
        assert (its_id, event["data"]["order_id"]) == (event["id"], placed["data"]["order_id"])
