"""Keep and share an answer about several symbols by each of them, so that other lists of them need no call for it."""

import time
from collections.abc import Mapping

from app.tiger.pipeline.call import Call, CallResult, Go, Kind
from app.tiger.pipeline.link import Link
from app.tiger.pipeline.quote_batches import get_symbols, with_symbols
from app.tiger.pipeline.shared_cache import SharedCache, pack, put_quietly, unpack


def answer_with_kept(link: Link, go: Go, call: Call, kind: Kind) -> CallResult:
    """Answer with what this process keeps of each symbol, asking for the others, and keep those."""
    pipeline, seconds = link.pipeline, kind.get_seconds(link.pipeline.settings)
    keys = {symbol: link.get_key(with_symbols(call, [symbol])) for symbol in get_symbols(call)}
    kept = {} if call.is_fresh else {symbol: pipeline.cache.get(key, seconds) for symbol, key in keys.items()}
    known = {symbol: part for symbol, part in kept.items() if part is not None}
    if len(known) == len(keys):
        pipeline.observer.cached(kind.name, "hit")
    answer, asked = _ask_for_others(go, call, known)
    for symbol, part in asked.items():
        if seconds > 0:
            pipeline.cache.keep(keys[symbol], part)
    return answer


def answer_with_shared(link: Link, go: Go, call: Call, kind: Kind, shared: SharedCache) -> CallResult:
    """Answer with what another worker put down about each symbol, asking for the others, and put those down."""
    seconds = kind.get_seconds(link.pipeline.settings)
    keys = {symbol: link.get_shared_key(with_symbols(call, [symbol])) for symbol in get_symbols(call)}
    known: dict[str, CallResult] = {}
    for symbol, key in keys.items():
        found = shared.read(key)
        if found is not None and found.age_seconds < seconds:
            known[symbol] = CallResult(unpack(found.content), time.monotonic() - found.age_seconds)
    answer, asked = _ask_for_others(go, call, known)
    for symbol, part in asked.items():
        put_quietly(shared, keys[symbol], pack(part.value), seconds)
    link.pipeline.observer.cached(kind.name, "miss" if len(known) < len(keys) else "shared")
    return answer


def _ask_for_others(go: Go, call: Call, known: Mapping[str, CallResult]) -> tuple[CallResult, dict[str, CallResult]]:
    """Return the whole answer, as old as its oldest part, and by symbol what was asked for just now."""
    symbols = get_symbols(call)
    missing = sorted(set(symbols) - known.keys())
    asked: dict[str, CallResult] = {}
    begun_at = time.monotonic()
    if missing:
        answer = go(with_symbols(call, missing))
        begun_at = answer.begun_at
        asked = {symbol: CallResult(answer.value[symbol], begun_at) for symbol in missing if symbol in answer.value}
    parts = {**known, **asked}
    whole = {symbol: parts[symbol].value for symbol in symbols if symbol in parts}
    return CallResult(whole, min((part.begun_at for part in parts.values()), default=begun_at)), asked
