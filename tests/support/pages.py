"""Read a list that comes in pages to its end."""

from typing import Any

from tests.support.client import Client

MOST_PAGES = 100


def read_all(client: Client, path: str, name: str, **asked: Any) -> list[Any]:
    """Return the rows of all pages; the whole list is as long as each page says."""
    rows: list[Any] = []
    token: str | None = None
    for _ in range(MOST_PAGES):
        page = client.data(path, **asked, page_token=token)
        assert page["count"] == len(page[name])
        rows += page[name]
        token = page["next_page_token"]
        if token is None:
            assert page["total"] == len(rows)
            return rows
    raise AssertionError("the list has no end")
