"""Match what Tiger answers about several symbols with the symbols that were asked for."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.tiger.symbols import get_symbol
from app.tiger.wire.values import rows, text


def get_by_symbol(data: Any) -> dict[str, Mapping[str, Any]]:
    """Return the objects of an answer by the symbol that each is about; one that names none is left out."""
    named = ((text(row.get("symbol")), row) for row in rows(data))
    return {get_symbol(symbol): row for symbol, row in named if symbol}


def get_found(name: str, symbols: Iterable[str], found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return under ``name`` what was found of each symbol, in the order of the question, and what was not.

    What Tiger tells of other symbols is left out.
    """
    asked = list(dict.fromkeys(map(get_symbol, symbols)))
    rows_found = [{"symbol": symbol, **found[symbol]} for symbol in asked if symbol in found]
    missing = [symbol for symbol in asked if symbol not in found]
    return {"count": len(rows_found), name: rows_found, "missing": missing}
