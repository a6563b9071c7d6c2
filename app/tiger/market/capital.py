"""Fetch what money flows into a stock and out of it (wire methods ``capital_flow`` and ``capital_distribution``)."""

from collections.abc import Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import CAPITAL_DISTRIBUTION, CAPITAL_FLOW
from tigeropen.quote.request.model import CapitalParams

from app.errors import SymbolNotFound
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import get_market, get_symbol
from app.tiger.wire import values
from app.tiger.wire.by_symbol import get_by_symbol
from app.tiger.wire.fields import fill, get_decoder

CAPITAL: Final = Kind("capital", lambda seconds: seconds.analysis_seconds)
OPEN_END: Final = -1
_decode_flow: Final = get_decoder((values.milliseconds, "time=timestamp"), (values.number, "net_inflow"))
_decode_distribution: Final = get_decoder(
    (values.number, "net_inflow in_all in_big in_mid in_small out_all out_big out_mid out_small")
)


def fetch_capital_flow(
    session: Session, symbol: str, period: str, begin_ms: int | None, end_ms: int | None, limit: int
) -> dict[str, Any]:
    """Return the newest ``limit`` net inflows within a range, oldest first; both ends are epoch milliseconds, included.

    Tiger is asked for those up to the end alone, and the beginning is applied here: which end of a range its ``limit``
    keeps is not documented, nor whether the range holds its end.

    Raises:
        SymbolNotFound: Tiger tells no flow of the symbol.
    """
    end = OPEN_END if end_ms is None else end_ms + 1
    told = _fetch(session, CAPITAL_FLOW, symbol, period=period, begin_time=OPEN_END, end_time=end, limit=limit)
    flows = {flow["time"]: flow for flow in map(_decode_flow, values.rows(told.get("items"))) if flow["time"]}
    chosen = [
        flows[time]
        for time in sorted(flows)
        if (begin_ms is None or time >= begin_ms) and (end_ms is None or time <= end_ms)
    ][-limit:]
    return {"symbol": get_symbol(symbol), "period": period, "count": len(chosen), "flows": chosen}


def fetch_capital_distribution(session: Session, symbol: str) -> dict[str, Any]:
    """Return what came in and went out today, by the size of orders.

    Raises:
        SymbolNotFound: Tiger tells no distribution of the symbol.
    """
    return {"symbol": get_symbol(symbol), **_decode_distribution(_fetch(session, CAPITAL_DISTRIBUTION, symbol))}


def _fetch(session: Session, method: str, symbol: str, **chosen: Any) -> Mapping[str, Any]:
    symbol = get_symbol(symbol)
    params = fill(CapitalParams(), symbol=symbol, market=get_market(symbol), **chosen)
    # An object with items would be taken for a list of those.
    told = get_by_symbol([session.read(method, params, session.read_deadline(), kind=CAPITAL)])
    if symbol not in told:
        raise SymbolNotFound(f"Tiger tells no flow of capital of {symbol}.")
    return told[symbol]
