"""What every request for a list has that comes in pages."""

from dataclasses import dataclass
from typing import Final

from schemas.fields import Text, Whole
from schemas.requests import optional

LONGEST_TOKEN: Final = 2_000


def page_limit(most: int, default: int = 100) -> int:
    """Declare how many rows a page may hold at most."""
    return optional(Whole(1, most), default, "At most so many in one page.")


@dataclass(frozen=True, kw_only=True)
class PagedRequest:
    """Ask for a page; with another maximum than 100, declare ``limit: int = page_limit(300)`` anew.

    It has no slots, so that it can stand beside another base that has some.
    """

    limit: int = page_limit(100)
    page_token: str | None = optional(
        Text(longest=LONGEST_TOKEN),
        None,
        "next_page_token of the page before; all else but the limit as it was for that one.",
        pattern="^[A-Za-z0-9_-]+$",
    )
