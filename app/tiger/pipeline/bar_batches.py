"""Say whose bars are asked for in one call, for how long they serve, and of whom an answer about several leaves doubt.

What of bars is past may not be kept for longer: a split changes all of it, and exchanges correct trades.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.tiger.pipeline.call import Call
from app.tiger.vocabulary import MAXIMUM_BARS

BARS: Final = "bars"
"""As what kind of answer they are counted."""
MOST_BARS_AT_ONCE: Final = 5 * MAXIMUM_BARS
"""Bars of one call, of all its symbols: more would keep those who want few of them waiting."""
OPEN: Final = -1
"""How a request says that its bars have no beginning or no end [SDK: get_bars]."""
MINUTE_MS: Final = 60_000
LAG_MS: Final = 500
"""How far what is known of Tiger's time may lie behind it: the way of an answer."""
IN_DOUBT: Final = "is_in_doubt"
"""The member of a page that has to be asked for alone."""


def get_bars_subject(call: Call, market: str) -> str:
    """Return what has to be the same for all whose bars come in one call, and their market."""
    asked = call.params
    members = (getattr(asked, name) for name in ("period", "right", "trade_session", "limit", "end_time"))
    return f"{'-'.join([call.method, *map(str, members)])}/{market}"


def get_bars_seconds(most_seconds: float, now_ms: int | None) -> float:
    """Return for how long bars serve at a moment of Tiger's time: what came before a minute ended is none of its last.

    Whoever asks at the end of a minute wants the bar that is complete now.
    """
    if now_ms is None or now_ms % MINUTE_MS >= MINUTE_MS - LAG_MS:
        return 0.0
    return min(most_seconds, now_ms % MINUTE_MS / 1_000)


def mark_doubtful(pages: Mapping[str, Any], call: Call, symbols: list[str]) -> dict[str, Any]:
    """Return the pages of an answer by symbol, with a mark in place of those that may lack bars.

    One that is full is good. A shorter one holds all there is, unless a page of a symbol alone could have come with
    the token of more: Tiger gives tokens for one symbol only [SDK: get_bars], where the question has an end [SDK:
    get_bars_by_page]. No source says that the limit is for each symbol, as it is taken to be; where all of them
    together just use up such a limit, it may be for them all. A stranger may be one that is left out.
    """
    limit, count = int(getattr(call.params, "limit", 0)), len(symbols)
    total = sum(len(page["bars"]) for page in pages.values())
    is_used_up = any(most - count < total <= most for most in (limit, MAXIMUM_BARS))
    has_end = getattr(call.params, "end_time", OPEN) != OPEN
    has_strangers = not pages.keys() <= set(symbols)
    found = {symbol: pages[symbol] for symbol in symbols if symbol in pages}
    for symbol in symbols:
        page = found.get(symbol)
        if page is None:
            is_doubtful = has_strangers or (count > 1 and is_used_up)
        else:
            is_short = count > 1 and len(page["bars"]) < limit
            is_doubtful = is_short and (has_end or is_used_up or page["token"] is not None)
        if is_doubtful:
            found[symbol] = {"bars": [], "token": None, IN_DOUBT: True}
        elif page is not None and count > 1:
            # What it would lead to is not known.
            found[symbol] = {**page, "token": None}
    return found


def count_bars(pages: Iterable[Any]) -> int:
    """Return how many bars some pages have together."""
    return sum(len(page["bars"]) for page in pages if page is not None)
