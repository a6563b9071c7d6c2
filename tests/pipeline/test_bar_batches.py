"""What comes of several symbols in one answer is taken only where it cannot lack bars."""

from typing import Any

import pytest
from tigeropen.quote.request.model import MultipleQuoteParams

from app.tiger.deadline import Deadline
from app.tiger.market.bar_sources import SOURCES
from app.tiger.market.bars import get_pages
from app.tiger.pipeline.bar_batches import IN_DOUBT, get_bars_seconds, mark_doubtful
from app.tiger.pipeline.bar_board import BarBoard, BarBoards
from app.tiger.pipeline.call import Call, CallResult
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.quote_batches import get_board_terms, get_symbols
from app.tiger.wire.fields import fill

ASKED = {"period": "day", "right": "br", "begin_time": -1}
LIMIT = 10


def get_call(*symbols: str, limit: int = LIMIT, end_time: int = -1) -> Call:
    params = fill(MultipleQuoteParams(), symbols=[*symbols], limit=limit, end_time=end_time, **ASKED)
    return Call("kline", params, Deadline.after(1))


def get_row(symbol: str | None, bars: int, token: str | None = None) -> dict[str, Any]:
    """Return the row of an answer about a symbol, as recorded, with bars of as many days."""
    items = [{"time": 1754366400000 + day * 86_400_000, "close": 202.92} for day in range(bars)]
    return {"symbol": symbol, "period": "day", "items": items} | ({"nextPageToken": token} if token else {})


def get_doubtful(rows: list[dict[str, Any]], *symbols: str, end_time: int = -1) -> set[str]:
    """Return of which symbols an answer leaves doubt."""
    pages = mark_doubtful(get_pages(rows, SOURCES["STK"]), get_call(*symbols, end_time=end_time), [*symbols])
    return {symbol for symbol, page in pages.items() if IN_DOUBT in page}


@pytest.mark.parametrize(
    ("bars", "doubtful"),
    [
        ((10, 10, 10), set()),
        ((10, 4, 10), set()),
        ((3, 3, 1), set()),
        # As many as the limit is, for all of them: it may have been for them all.
        ((3, 4, 3), {"A", "B", "C"}),
        ((3, 3, 3), {"A", "B", "C"}),
        ((10, 0, 0), {"B", "C"}),
    ],
)
def test_a_limit_may_be_for_all_symbols_together(bars: tuple[int, ...], doubtful: set[str]) -> None:
    rows = [get_row(symbol, count) for symbol, count in zip("ABC", bars, strict=True)]

    assert get_doubtful(rows, *"ABC") == doubtful


def test_what_is_left_out_of_a_used_up_limit_is_doubtful() -> None:
    assert get_doubtful([get_row("A", 10)], "A", "B") == {"B"}
    assert get_doubtful([get_row("A", 10), get_row("B", 10)], "A", "B", "C") == set()


def test_a_short_page_of_a_range_with_an_end_is_doubtful_unless_it_came_alone() -> None:
    rows = [get_row("A", 4), get_row("B", 10)]

    assert get_doubtful(rows, "A", "B", end_time=1755000000000) == {"A"}
    assert get_doubtful(rows[:1], "A", end_time=1755000000000) == set()


def test_a_token_counts_for_a_symbol_alone() -> None:
    rows = [get_row("A", 4, "more"), get_row("B", 10, "more")]
    pages = get_pages(rows, SOURCES["STK"])
    several = mark_doubtful(pages, get_call("A", "B"), ["A", "B"])
    alone = mark_doubtful({"A": pages["A"]}, get_call("A"), ["A"])

    assert (IN_DOUBT in several["A"], several["B"]["token"], alone["A"]["token"]) == (True, None, "more")


@pytest.mark.parametrize("stranger", ["C", None])
def test_a_stranger_may_be_what_is_left_out(stranger: str | None) -> None:
    assert get_doubtful([get_row("A", 10), get_row(stranger, 2)], "A", "B") == {"B"}


def test_rows_are_matched_by_symbol_and_not_by_place() -> None:
    pages = get_pages([get_row("700", 2), get_row("AAPL", 1)], SOURCES["STK"])

    assert {symbol: len(page["bars"]) for symbol, page in pages.items()} == {"00700": 2, "AAPL": 1}


@pytest.mark.parametrize(
    ("symbol", "limit", "most"), [("AAPL", 101, 50), ("600519", 101, 30), ("AAPL", 301, 19), ("AAPL", 1200, 5)]
)
def test_a_call_asks_for_so_many_bars_at_most(symbol: str, limit: int, most: int) -> None:
    assert get_board_terms(get_call(symbol, limit=limit))[1:3] == ("bars", most)


@pytest.mark.parametrize(
    ("second", "seconds"), [(0.0, 0.0), (0.2, 0.2), (3.0, 3.0), (30.0, 5.0), (59.4, 5.0), (59.6, 0.0)]
)
def test_bars_serve_until_the_minute_ends(second: float, seconds: float) -> None:
    assert get_bars_seconds(5.0, 1_755_066_240_000 + int(second * 1_000)) == seconds


def test_bars_serve_nobody_while_the_time_is_unknown() -> None:
    assert get_bars_seconds(5.0, None) == 0.0


def make_board() -> BarBoard:
    """Return a board that keeps nothing for longer than it takes to ask again."""
    return BarBoard(1e-9, 50, None, "kline", Observer(), lambda: 1_755_066_250_000)


def test_only_what_is_asked_for_again_travels_along_with_others() -> None:
    calls, board = [], make_board()

    def go(call: Call) -> CallResult:
        calls.append(sorted(get_symbols(call)))
        rows = [get_row(symbol, LIMIT) for symbol in get_symbols(call)]
        return CallResult(get_pages(rows, SOURCES["STK"]), 0.0)

    for symbol in "ABAC":
        board.fetch(get_call(symbol), go)

    assert calls == [["A"], ["B"], ["A"], ["A", "C"]]


def test_boards_are_forgotten_where_all_of_them_keep_too_much() -> None:
    boards = BarBoards(0)
    first = boards.get(("20154747", "one"), make_board)
    rows = [get_row("A", LIMIT)]
    first.fetch(get_call("A"), lambda _call: CallResult(get_pages(rows, SOURCES["STK"]), 0.0))

    assert boards.get(("20154747", "one"), make_board) is first
    assert boards.get(("20154747", "two"), make_board) is not first
    assert boards.get(("20154747", "one"), make_board) is not first
