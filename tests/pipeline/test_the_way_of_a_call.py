"""A call goes one way: what docs/architecture.md says of it is what a real one passes, each stage once."""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from app.tiger.wire.client import Client

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
SECTION = PAGE.partition("## The way of a call")[2].partition("\n## ")[0]
ORDER = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 5}
WAYS = [
    ("An uncached quote", "/api/market/quote", {"symbol": "AAPL"}, "quote_real_time", 12),
    ("An order", "/api/trade/place-order", ORDER, "place_order", 14),
]
SESSION = "app.tiger.session:"
STARTS = (SESSION, "app.orders.")


def get_names(frame) -> list[str]:
    """Return our own functions that lead to a frame, the outermost first."""
    names: list[str] = []
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(ROOT / "app"):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            names.insert(0, f"{module}: {frame.f_code.co_qualname}")
        frame = frame.f_back
    return names


def list_frames(work, method: str) -> list[str]:
    """Return what is under way when a method is handed to the client, from where the orders or the session begin."""
    found: list[list[str]] = []

    def look(frame, event, _argument):
        if event == "call" and frame.f_code is Client.post.__code__ and frame.f_locals["method"] == method:
            found.append(get_names(frame.f_back))

    sys.setprofile(look)
    try:
        work()
    finally:
        sys.setprofile(None)
    start = next(index for index, name in enumerate(found[0]) if name.startswith(STARTS))
    return found[0][start:]


def read_frames(title: str) -> list[str]:
    """Return the frames that the page lists under a title."""
    listed = SECTION.partition(f"### {title}")[2].partition("\n### ")[0]
    return [f"{module}: {name}" for module, name in re.findall(r"^\d+\. `(\S+)` `(\S+)`", listed, re.MULTILINE)]


@pytest.mark.parametrize(("title", "path", "body", "method", "most"), WAYS)
def test_the_page_lists_what_a_call_passes_and_no_stage_is_passed_twice(client, title, path, body, method, most):
    frames = list_frames(lambda: client.data(path, **body), method)

    in_session = next(index for index, name in enumerate(frames) if name.startswith(SESSION))
    assert frames[in_session:] == read_frames(title)
    assert len(frames) <= most
    assert max(Counter(frames).values()) == 1
