"""Ask Tiger for the quotes of many symbols in one call, and in as few as possible where it refuses one of them."""

import time
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from tigeropen.common.consts.service_types import KLINE, QUOTE_DELAY, QUOTE_DEPTH

from app.errors import (
    GatewayError,
    InvalidRequest,
    QuotePermissionElsewhere,
    SymbolNotFound,
    TigerPermissionDenied,
)
from app.tiger.pipeline.bar_batches import BARS, MOST_BARS_AT_ONCE, get_bars_subject, mark_doubtful
from app.tiger.pipeline.call import Call, Go
from app.tiger.symbols import get_market
from app.tiger.wire.methods import METHODS

MOST_CALLS: Final = 16
"""Calls that one batch may cost while it looks for the symbols that Tiger refuses."""
QUOTE: Final = "quote"
DEPTH: Final = "depth"
"""As what kind of answer they are counted."""
MOST_DENIED: Final = 3
"""After so many refusals in a row for want of a permission nothing of the market can be had."""
MOST_CHINESE_SYMBOLS: Final = 30
MOST_OF_TYPE: Final[Mapping[str | None, int]] = {"CC": 10}
"""Symbols of one call, where they are fewer than of the method [docs: quote_real_time, quote of digital assets]."""
LEAST_SECONDS: Final[Mapping[str, float]] = {QUOTE_DELAY: 15.0, QUOTE_DEPTH: 3.0}
"""How long answers are kept at least. Delayed quotes are as old anyway, and Tiger gives them ten times a minute; order
books it gives half as often as quotes, for all markets together, so those of three can be asked for all the time.
"""


@dataclass(frozen=True, slots=True)
class Noted:
    """What is known of a symbol since ``begun_at`` (monotonic seconds): a quote, none at all, or a refusal."""

    begun_at: float
    quote: dict[str, Any] | None
    error: GatewayError | None = None


def get_symbols(call: Call) -> list[str]:
    """Return the symbols that a call asks for, each once."""
    return list(dict.fromkeys(getattr(call.params, "symbols", ())))


def get_board_terms(call: Call) -> tuple[str, str, int, float]:
    """Return what a call asks for and of which market, as what it is counted, most symbols, least seconds of keeping.

    All its symbols are of one market, as their form tells it.
    """
    params = call.params
    if call.method == KLINE:
        market, limit = get_market(get_symbols(call)[0]), getattr(params, "limit", 1)
        most = _get_terms(KLINE, market, is_extended=False, sec_type=None)[2]
        return get_bars_subject(call, market), BARS, max(1, min(most, MOST_BARS_AT_ONCE // limit)), 0.0
    is_extended, sec_type = getattr(params, "include_hour_trading", None), getattr(params, "sec_type", None)
    return _get_terms(call.method, get_market(get_symbols(call)[0]), is_extended=bool(is_extended), sec_type=sec_type)


@cache
def _get_terms(method: str, market: str, *, is_extended: bool, sec_type: str | None) -> tuple[str, str, int, float]:
    kind = "-".join([method, *(["extended"] if is_extended else []), *([sec_type] if sec_type else [])])
    most = METHODS[method].most_names
    most = min(most, MOST_OF_TYPE.get(sec_type, most), MOST_CHINESE_SYMBOLS if market == "CN" else most)
    counted_as = DEPTH if method == QUOTE_DEPTH else QUOTE
    return f"{kind}/{market}", counted_as, most, LEAST_SECONDS.get(method, 0.0)


def with_symbols(call: Call, symbols: list[str]) -> Call:
    """Return the same call for other symbols."""
    params: Any = copy(call.params)
    params.symbols = symbols
    return replace(call, params=params)


def call_in_parts(symbols: Iterable[str], call: Call, go: Go, *, splits_denied: bool = False) -> dict[str, Noted]:
    """Ask for some symbols at once; where Tiger refuses a batch, for halves of it, until the refused ones are found.

    ``splits_denied`` does the same where Tiger lacks a permission: the batch holds what several have asked for.

    Raises:
        GatewayError: A call failed for another reason, or everything was refused.
    """
    symbols = tuple(symbols)
    noted: dict[str, Noted] = {}
    batches, calls = [list(symbols)], 0
    while batches:
        batch = batches.pop()
        begun_at = time.monotonic()
        calls += 1
        try:
            quotes = go(with_symbols(call, batch)).value
        except (InvalidRequest, SymbolNotFound, TigerPermissionDenied) as error:
            # Nobody asks whether there are bars at all: what Tiger refuses is told.
            if len(batch) == 1 and isinstance(error, SymbolNotFound) and call.method != KLINE:
                noted[batch[0]] = Noted(begun_at, None)
                continue
            # Which device has the permission is the same for every symbol.
            is_for_all = len(symbols) == 1 or isinstance(error, QuotePermissionElsewhere)
            if is_for_all or calls + len(batches) >= MOST_CALLS:
                raise
            if isinstance(error, TigerPermissionDenied) and not (splits_denied and (noted or calls < MOST_DENIED)):
                raise
            if len(batch) == 1:
                noted[batch[0]] = Noted(begun_at, None, error)
            middle = len(batch) // 2
            batches += [half for half in (batch[:middle], batch[middle:]) if half and len(batch) > 1]
            continue
        if call.method == KLINE:
            quotes = mark_doubtful(quotes, call, batch)
        noted.update({symbol: Noted(begun_at, quotes.get(symbol)) for symbol in batch})
    return noted
