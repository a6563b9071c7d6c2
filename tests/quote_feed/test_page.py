"""The page of docs/live-quotes.md shows quotes and order events in a browser, from a file, with a key that is typed."""

import shutil

import pytest

from tests.openapi.run_browser import repeat, running_browser
from tests.quote_feed.conftest import FIRST
from tests.support.processes import ROOT

pytest.importorskip("websocket")
needs_chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
ORDER = {"account": FIRST, "symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1}
TYPE = """(() => {
    const form = document.getElementById('asked');
    form.elements.base.value = '%s';
    form.elements.key.value = 'client_key_001';
    form.elements.symbols.value = 'AAPL,MSFT';
    form.requestSubmit();
    return true;
})()"""
PRICE = "document.getElementById('quotes-AAPL')?.cells[1].textContent"


@needs_chromium
def test_the_page_shows_quotes_and_order_events_as_they_come(server, tiger, tmp_path):
    with running_browser(tmp_path / "browser") as browser:
        browser.call("Page.navigate", url=(ROOT / "docs" / "live-quotes.html").as_uri())
        repeat(lambda: browser.evaluate("document.readyState") == "complete", "the page is there")
        browser.evaluate(TYPE % server.url)
        repeat(lambda: browser.evaluate(PRICE) is not None, "the snapshot is shown")
        tiger.wait_subscribed("AAPL", "MSFT")
        tiger.push("AAPL", 701.5)
        repeat(lambda: browser.evaluate(PRICE) == "701.5", "the change is shown")
        placed = server.call("/api/trade/place-order", ORDER)[1]["data"]
        row = f"document.getElementById('orders-{placed['order_id']}')?.cells"
        repeat(lambda: browser.evaluate(f"{row}?.length") == 5, "the order is shown")

        assert browser.evaluate(f"{row}[1].textContent") in {"accepted", "submitted"}
    tiger.wait_subscribed()
