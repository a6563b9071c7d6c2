"""Try the documentation page in headless Chromium: ``python -m tests.openapi.run_browser docs/docs-page.png``.

It needs Debian's package ``chromium``. The page must render, "Try it out" on the quote must answer 200, and no request
may leave the machine: Chromium is given a resolver that knows no host but this one, and every request it makes is seen.
"""

import base64
import contextlib
import functools
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import websocket

from tests.support.server import Server, running_server, wait_until

DEADLINE_SECONDS = 30.0
SIZE = "1280,1000"
OPERATION = "operations-market_data-market_data_quote"

# What a person does on the page, as a script each; each returns true once it has done it.
STEPS = {
    "the page renders": f"document.getElementById('{OPERATION}') !== null",
    "authorize opens": "document.querySelector('.btn.authorize').click(), true",
    "the key is typed": """(() => {
        const input = document.querySelector('.auth-container input');
        if (!input) return false;
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, 'client_key_001');
        input.dispatchEvent(new Event('input', {bubbles: true}));
        return true;
    })()""",
    "the key is taken": """(() => {
        const button = document.querySelector('.auth-btn-wrapper .authorize');
        if (!button) return false;
        button.click();
        return true;
    })()""",
    "the dialog closes": """(() => {
        const button = document.querySelector('.auth-btn-wrapper .btn-done');
        if (!button) return false;
        button.click();
        return true;
    })()""",
    "the quote opens": f"document.querySelector('#{OPERATION} .opblock-summary-control').click(), true",
    "try it out": f"""(() => {{
        const button = document.querySelector('#{OPERATION} .try-out__btn');
        if (!button) return false;
        button.click();
        return true;
    }})()""",
    "execute": f"""(() => {{
        const button = document.querySelector('#{OPERATION} .execute');
        if (!button) return false;
        button.click();
        return true;
    }})()""",
}
STATUS = (
    f"document.querySelector('#{OPERATION} .live-responses-table tbody .response-col_status')?.innerText.trim() ?? ''"
)
BODY = f"document.querySelector('#{OPERATION} .live-responses-table .microlight')?.innerText ?? ''"


class Browser:
    """A page of Chromium, steered through its debugging protocol."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=DEADLINE_SECONDS, suppress_origin=True)
        self._numbers = itertools.count(1)
        self.requested: list[str] = []
        self.complaints: list[str] = []

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come before it are kept."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result
            self._take_event(message)

    def evaluate(self, script: str) -> Any:
        """Return what a script comes to on the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def close(self) -> None:
        """Let go of the page."""
        self._socket.close()

    def _take_event(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Network.requestWillBeSent":
            self.requested.append(message["params"]["request"]["url"])
        if message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
            self.complaints.append(message["params"]["entry"]["text"])
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(message["params"]["exceptionDetails"]))


@contextlib.contextmanager
def running_browser(folder: Path) -> Iterator[Browser]:
    """Run Chromium with a page of its own until the block ends."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("chromium is not installed: apt-get install chromium")
    command = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    command += ["--remote-debugging-port=0", f"--user-data-dir={folder}", f"--window-size={SIZE}"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-background-networking"]
    process = subprocess.Popen([*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        announced = folder / "DevToolsActivePort"
        wait_until(lambda: announced.exists() and "\n" in announced.read_text(), DEADLINE_SECONDS)
        port = announced.read_text().split("\n")[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=DEADLINE_SECONDS) as answer:
            pages = [target for target in json.load(answer) if target["type"] == "page"]
        browser = Browser(pages[0]["webSocketDebuggerUrl"])
        yield browser
        browser.close()
    finally:
        process.terminate()
        process.wait(DEADLINE_SECONDS)


def visit(browser: Browser, server: Server, picture: Path | None) -> list[str]:
    """Do what a person would do on the page, and return what is wrong."""
    for domain in ("Network", "Runtime", "Log", "Page"):
        browser.call(f"{domain}.enable")
    browser.call("Page.navigate", url=f"{server.url}/docs")
    for name, script in STEPS.items():
        repeat(functools.partial(browser.evaluate, script), name)
    repeat(lambda: browser.evaluate(STATUS) != "", "an answer comes")
    status, body = browser.evaluate(STATUS), browser.evaluate(BODY)
    if picture is not None:
        browser.evaluate(f"document.querySelector('#{OPERATION} .try-out__btn').click(), true")
        browser.evaluate(f"document.querySelector('#{OPERATION} .opblock-summary-control').click(), true")
        repeat(lambda: browser.evaluate(f"document.querySelector('#{OPERATION} .opblock-body') === null"), "it closes")
        browser.evaluate("document.getElementById('operations-tag-company_info').scrollIntoView(), true")
        shot = browser.call("Page.captureScreenshot", format="png")
        picture.write_bytes(base64.b64decode(shot["data"]))
    strangers = [url for url in browser.requested if not is_local(url, server)]
    sys.stdout.write(f"status {status}, {len(browser.requested)} requests, {len(strangers)} of them to other hosts\n")
    wrong = [f"asked {url}" for url in strangers] + browser.complaints
    wrong += [] if status == "200" else [f"the quote answered {status}"]
    return wrong + ([] if '"latest_price"' in body else ["the answer shows no price"])


def repeat(attempt: Callable[[], Any], name: str) -> None:
    """Try until it succeeds; give up, naming the step, when the time is over."""
    ends = time.monotonic() + DEADLINE_SECONDS
    while attempt() is not True:
        if time.monotonic() > ends:
            sys.exit(f"this step did not succeed: {name}")
        time.sleep(0.1)


def is_local(url: str, server: Server) -> bool:
    """Tell whether a request stays with the gateway, or in the page itself."""
    return urlsplit(url).scheme in {"data", "blob"} or url.startswith(f"{server.url}/")


def main() -> int:
    """Return 0 where nothing is wrong."""
    picture = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    with (
        tempfile.TemporaryDirectory() as gateway_folder,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as browser_folder,
        running_server(Path(gateway_folder)) as server,
        running_browser(Path(browser_folder)) as browser,
    ):
        wrong = visit(browser, server, picture)
    for line in wrong:
        sys.stdout.write(f"{line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
