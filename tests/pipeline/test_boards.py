"""What is asked for together is of one kind and market, and no more of it than the wire allows."""

import pytest
from tigeropen.quote.request.model import MultipleQuoteParams

from app.tiger.deadline import Deadline
from app.tiger.market.quote_sources import EXTENDED, SOURCES
from app.tiger.pipeline.call import Call
from app.tiger.pipeline.quote_batches import get_board_terms
from app.tiger.wire.fields import fill
from app.tiger.wire.methods import METHODS

OPTION = "AAPL  261218C00225000"


@pytest.mark.parametrize(
    ("sec_type", "symbol", "board", "most"),
    [
        ("STK", "AAPL", "quote_real_time/US", 50),
        ("STK", "600519", "quote_real_time/CN", 30),
        ("OPT", OPTION, "option_brief/US", 30),
        ("FUT", "ES2612", "future_real_time_quote/US", 50),
        ("WAR", "13001", "warrant_real_time_quote/HK", 50),
        ("IOPT", "59068", "warrant_real_time_quote/HK", 50),
        ("CC", "BTC.USD", "quote_real_time-CC/US", 10),
    ],
)
def test_each_type_has_a_board_with_its_own_most(sec_type: str, symbol: str, board: str, most: int) -> None:
    source = SOURCES[sec_type]

    assert get_board_terms(Call(source.method, source.ask([symbol]), Deadline.after(1))) == (board, "quote", most, 0.0)


def test_what_is_told_out_of_hours_has_a_board_of_its_own() -> None:
    call = Call(EXTENDED.method, EXTENDED.ask(["AAPL"]), Deadline.after(1))

    assert get_board_terms(call)[0] == "quote_real_time-extended/US"


def test_delayed_quotes_are_kept_longer_and_order_books_counted_apart() -> None:
    params = fill(MultipleQuoteParams(), symbols=["AAPL"])

    assert get_board_terms(Call("quote_delay", params, Deadline.after(1)))[3] == 15.0
    assert get_board_terms(Call("quote_depth", params, Deadline.after(1)))[1] == "depth"


def test_order_books_of_three_markets_asked_for_all_the_time_keep_to_tigers_limit() -> None:
    boards = [
        get_board_terms(Call("quote_depth", fill(MultipleQuoteParams(), symbols=[symbol]), Deadline.after(1)))
        for symbol in ("AAPL", "00700", "600519")
    ]

    assert len({board[0] for board in boards}) == 3
    assert sum(60 / board[3] for board in boards) <= METHODS["quote_depth"].calls_per_minute
