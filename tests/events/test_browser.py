"""A browser's EventSource is let in by a ticket, and hears events as they come: by the page's script in the manual."""

import functools
import re
import shutil
import textwrap

import pytest

from tests.events.hearing import ORDER
from tests.openapi.run_browser import repeat, running_browser
from tests.support.client import FIRST
from tests.support.server import ROOT, running_server

pytest.importorskip("websocket")
needs_chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
AROUND = """
window.heard = [];
const show = (name, told) => window.heard.push([name, lastId, told]);
const fetchTicketUrl = async () => '%s';
listen();
"""


def read_script() -> str:
    """Return the script of the manual."""
    manual = (ROOT / "docs" / "streams.md").read_text(encoding="utf-8")
    found = re.search(r"^    let lastId.*?^    }$", manual, re.MULTILINE | re.DOTALL)
    assert found is not None
    return textwrap.dedent(found[0])


@needs_chromium
def test_an_event_source_with_a_ticket_hears_the_orders_of_its_account(tmp_path):
    with running_server(tmp_path) as server, running_browser(tmp_path / "browser") as browser:
        _, given = server.call("/api/stream/ticket", {"account": FIRST, "topics": ["orders"]})
        browser.call("Page.navigate", url=f"{server.url}/docs")
        repeat(lambda: browser.evaluate("document.readyState") == "complete", "the page is there")
        browser.evaluate(read_script() + AROUND % given["data"]["url"])
        repeat(functools.partial(browser.evaluate, "window.heard.length >= 1"), "the snapshot comes")
        _, placed = server.call("/api/trade/place-order", ORDER)
        repeat(functools.partial(browser.evaluate, "window.heard.length >= 2"), "the event comes")
        (first, _, _), (second, its_id, event) = browser.evaluate("window.heard")[:2]

        assert (first, second, event["type"]) == ("snapshot", "orders", "accepted")
        assert (its_id, event["data"]["order_id"]) == (event["id"], placed["data"]["order_id"])
