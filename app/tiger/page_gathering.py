"""Gather a page for a client out of Tiger's pages, with the filters that Tiger does not apply itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from app.tiger.deadline import Deadline
from app.tiger.paging import Paging, get_stale

R = TypeVar("R")

LEAST_SECONDS_FOR_A_PAGE: Final = 1.0
"""With less time left a listing stops and names where to go on, rather than losing what it found."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a listing goes on: in which of Tiger's pages (token, size), and after which row of it."""

    token: str
    size: int
    after: str | None = None


@dataclass(frozen=True, slots=True)
class WirePage(Generic[R]):
    """Hold one of Tiger's pages; ``is_proof`` unless it lacks the list that a page consists of."""

    rows: tuple[R, ...]
    next_token: str | None
    is_proof: bool = True


@dataclass(frozen=True, slots=True)
class Gathering(Generic[R]):
    """What is gathered: how a page is fetched, which rows are wanted, how a row is named, how many pages at most."""

    fetch_page: Callable[[Place], WirePage[R]]
    is_wanted: Callable[[R], bool]
    get_id: Callable[[R], str | None]
    most_pages: int

    def gather(
        self, paging: Paging[Place], page_token: str | None, *, limit: int, size: int, deadline: Deadline
    ) -> tuple[tuple[R, ...], str | None]:
        """Return up to ``limit`` rows and the next page's token, over as many of Tiger's pages as it takes.

        There may be fewer rows, and a next page all the same.

        Raises:
            InvalidRequest: The page token is not one of this list, or no longer.
        """
        place = paging.read(page_token) or Place("", size)
        found: list[R] = []
        for turn in range(self.most_pages):
            if turn and deadline.remaining() < LEAST_SECONDS_FOR_A_PAGE:
                break
            page = self.fetch_page(place)
            fresh = self._get_rows_after(page.rows, place.after)
            wanted = [row for row in fresh or () if self.is_wanted(row)]
            room = limit - len(found)
            found += wanted[:room]
            if len(wanted) > room:
                place = replace(place, after=self.get_id(found[-1]))
                break
            # A token that leads nowhere would list the same page for ever.
            if page.next_token in (None, place.token):
                if fresh is None:
                    raise get_stale()
                return tuple(found), None
            place = Place(str(page.next_token), place.size, place.after if fresh is None else None)
            if len(found) == limit:
                break
        return tuple(found), paging.write(place)

    def _get_rows_after(self, rows: tuple[R, ...], after: str | None) -> tuple[R, ...] | None:
        """Return what follows the row named, or None where it is not in this page.

        Newer rows push it down, out of the first page perhaps; later pages start at a fixed row.
        """
        if after is None:
            return rows
        places = [place for place, row in enumerate(rows) if self.get_id(row) == after]
        return rows[places[0] + 1 :] if places else None
