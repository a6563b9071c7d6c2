"""Read lists that Tiger gives by numbered pages: ``{page, totalPage, totalCount, items}``, the first page is 0."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Self

from tigeropen.common.consts import SortDirection

from app.errors import TigerError
from app.tiger.paging import AtPage
from app.tiger.wire import values
from app.tiger.wire.fields import get_decoder

DIRECTIONS: Final = {"asc": SortDirection.ASC.value, "desc": SortDirection.DESC.value}
_decode: Final = get_decoder((values.whole, "page pages=totalPage total=totalCount"), (values.text, "cursor=cursorId"))
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NumberedPage:
    """A page of a list: its rows, how many there are in the whole list, and whether another page follows."""

    rows: list[Row]
    total: int | None
    is_last: bool
    cursor: str | None

    @classmethod
    def read(cls, told: Mapping[str, Any], place: AtPage, *, is_checked: bool = True) -> Self:
        """Return the page that was asked for.

        Raises:
            TigerError: It is another page.
        """
        if is_checked and told["page"] not in {None, place.page}:
            raise TigerError("Tiger answered another page of the list than it was asked for.")
        beyond = (place.page + 1) * place.size
        pages, total = told["pages"], told["total"]
        has_more = place.page + 1 < pages if pages is not None else beyond < total if total is not None else True
        return cls(told["rows"], total, not (has_more and told["sent"]), told["cursor"])

    def describe(self, name: str, next_page_token: str | None) -> Row:
        """Return what every such answer holds."""
        return {"count": len(self.rows), "total": self.total, name: self.rows, "next_page_token": next_page_token}


def get_page_decoder(decode: Callable[[Mapping[str, Any]], Row | None]) -> Callable[[Any], Row]:
    """Return what reads such an answer; rows of which ``decode`` makes nothing are left out, but count as sent."""
    return partial(_get_page, decode)


def _get_page(decode: Callable[[Mapping[str, Any]], Row | None], data: Any) -> Row:
    sent = values.rows(values.mapping(data).get("items"))
    rows = [row for row in map(decode, sent) if row is not None]
    return {**_decode(values.mapping(data)), "sent": len(sent), "rows": rows}
