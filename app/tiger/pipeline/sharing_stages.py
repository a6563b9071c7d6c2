"""The stages in which a read may end without a call of its own."""

import time
from typing import Final

from app.errors import TooBusy
from app.tiger.pipeline.by_symbol import answer_with_kept, answer_with_shared
from app.tiger.pipeline.call import Call, CallResult, Go
from app.tiger.pipeline.link import Link
from app.tiger.pipeline.quote_batches import Noted, call_in_parts, get_symbols, with_symbols
from app.tiger.pipeline.shared_cache import fetch_shared

WAITED_SECONDS: Final = 1.0
"""When to come again for whoever waited too long for a thread."""


def cached(link: Link, go: Go, call: Call) -> CallResult:
    """Answer with what is kept and young enough, and keep what comes."""
    if call.kind is None:
        return go(call)
    if call.kind.is_by_symbol:
        return answer_with_kept(link, go, call, call.kind)
    pipeline, key, seconds = link.pipeline, link.get_key(call), call.kind.get_seconds(link.pipeline.settings)
    kept = None if call.is_fresh else pipeline.cache.get(key, seconds)
    if kept is not None:
        pipeline.observer.cached(call.kind.name, "hit")
        return kept
    answer = go(call)
    if seconds > 0:
        pipeline.cache.keep(key, answer)
    return answer


def known_quotes(link: Link, go: Go, call: Call) -> CallResult:
    """Answer with ``Noted`` by symbol, asking for what is not known; all symbols are of one market."""
    symbols = get_symbols(call)
    board = link.get_board(call)
    known: dict[str, Noted] = {}
    if not call.is_fresh:
        known = link.find_pushed(call, symbols)
        known |= board.get_known(symbol for symbol in symbols if symbol not in known)
    missing = [symbol for symbol in symbols if symbol not in known]
    link.pipeline.observer.cached(board.kind, "miss" if missing else "hit")
    if missing:
        known |= go(with_symbols(call, missing)).value
    return CallResult(known, min((noted.begun_at for noted in known.values()), default=time.monotonic()))


def within_bulkhead(link: Link, go: Go, call: Call) -> CallResult:
    """Hold one of the threads that may wait for Tiger; ``TooBusy`` where there is none, or it came too late."""
    if call.opened_at >= call.deadline.ends_at:
        raise TooBusy("The request waited too long for its turn; nothing was sent.", retry_after=WAITED_SECONDS)
    with link.pipeline.bulkhead.entered(is_urgent=call.is_urgent):
        return go(call)


def coalesced(link: Link, go: Go, call: Call) -> CallResult:
    """Share the answer with all who ask the same at the same time."""
    if not link.pipeline.settings.coalesce:
        return go(call)
    # What an order may have changed is shared with calls that began after it was asked for, and with no others.
    is_behind = call.is_fresh or (call.ask is None and call.described.follows_orders)
    return link.pipeline.flights.share(link.get_key(call), call, go, is_behind=is_behind)


def batched(link: Link, go: Go, call: Call) -> CallResult:
    """Ask for the symbols that several requests wait for in one call; the answer is ``Noted`` by symbol."""
    board = link.get_board(call)
    if link.pipeline.settings.coalesce:
        return CallResult(board.fetch(call, go), time.monotonic())
    noted: dict[str, Noted] = {}
    symbols = get_symbols(call)
    for start in range(0, len(symbols), board.most_symbols):
        noted |= call_in_parts(symbols[start : start + board.most_symbols], call, go)
    return CallResult(noted, time.monotonic())


def shared_among_workers(link: Link, go: Go, call: Call) -> CallResult:
    """Use what another worker fetched; after ``coalesced``, so that one thread of a process looks for it."""
    kind, pipeline = call.kind, link.pipeline
    if kind is None:
        return go(call)
    seconds = 0.0 if call.is_fresh else kind.get_seconds(pipeline.settings)
    answer, is_shared = None, False
    if kind.is_shared and pipeline.shared_cache is not None and seconds > 0:
        if kind.is_by_symbol:
            return answer_with_shared(link, go, call, kind, pipeline.shared_cache)
        answer, is_shared = fetch_shared(pipeline.shared_cache, link.get_shared_key(call), seconds, call, go)
    pipeline.observer.cached(kind.name, "shared" if is_shared else "miss")
    return answer or go(call)


def composed(_link: Link, _go: Go, call: Call) -> CallResult:
    """Put an answer together of several calls; it is as old as the first of them."""
    begun_at = time.monotonic()
    return CallResult(call.ask() if call.ask else None, begun_at)
