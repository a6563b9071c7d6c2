"""A page of a numbered list is the one asked for, and tells whether another one follows."""

import pytest

from app.errors import TigerError
from app.tiger.market.numbered_pages import NumberedPage, get_page_decoder
from app.tiger.paging import AtPage

FIRST = AtPage(0, 2)


def read(told: dict[str, object], place: AtPage = FIRST) -> NumberedPage:
    return NumberedPage.read(get_page_decoder(dict)(told), place)


@pytest.mark.parametrize(
    ("told", "is_last"),
    [
        ({"page": 0, "totalPage": 2, "totalCount": 3, "items": [{}, {}]}, False),
        ({"page": 0, "totalPage": 1, "totalCount": 2, "items": [{}, {}]}, True),
        ({"totalCount": 3, "items": [{}, {}]}, False),
        ({"totalCount": 2, "items": [{}, {}]}, True),
        ({"items": [{}, {}]}, False),
        ({"totalPage": 9, "items": []}, True),
        ({}, True),
    ],
)
def test_a_page_follows_where_tiger_says_so_and_this_one_holds_something(
    told: dict[str, object], is_last: bool
) -> None:
    assert read(told).is_last is is_last


def test_another_page_than_the_one_asked_for_is_an_error() -> None:
    with pytest.raises(TigerError):
        read({"page": 0, "totalPage": 3, "items": [{}]}, AtPage(1, 2))
