"""Fetch who queues in the book of a Hong Kong stock (wire method ``stock_broker``)."""

from collections.abc import Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import STOCK_BROKER
from tigeropen.quote.request.model import StockBrokerParams

from app.errors import SymbolNotFound
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import get_market, get_symbol
from app.tiger.wire import values
from app.tiger.wire.by_symbol import get_by_symbol
from app.tiger.wire.fields import fill, get_decoder

BROKERS: Final = Kind("brokers", lambda seconds: seconds.quote_seconds)
MOST_BROKERS: Final = 40
"""As many as the exchange shows of a side; whether Tiger counts them by side or by price is not documented."""
SIDES: Final = {"asks": "askBroker", "bids": "bidBroker"}
_decode: Final = get_decoder((values.whole, "level"), (values.number, "price"), (values.whole, "orders=brokerCount"))
_decode_broker: Final = get_decoder((values.identifier, "id"), (values.text, "name"))


def fetch_brokers(session: Session, symbol: str, levels: int | None = None) -> dict[str, Any]:
    """Return the brokers that queue at each price of both sides, the best price first; at most so many prices.

    Raises:
        SymbolNotFound: Tiger has no queue of the symbol.
    """
    symbol = get_symbol(symbol)
    params = fill(StockBrokerParams(), symbol=symbol, limit=MOST_BROKERS)
    queues = session.read(STOCK_BROKER, params, session.read_deadline(), decode=get_queues, kind=BROKERS)
    if symbol not in queues:
        raise SymbolNotFound(f"Tiger has no queue of brokers of {symbol}.")
    market = get_market(symbol)
    return {"symbol": symbol, "market": market, **{side: queues[symbol][side][:levels] for side in SIDES}}


def get_queues(data: Any) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return both sides of an answer by symbol."""
    return {
        symbol: {side: [_get_level(level) for level in values.rows(row.get(sent))] for side, sent in SIDES.items()}
        for symbol, row in get_by_symbol(data).items()
    }


def _get_level(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**_decode(row), "brokers": [_decode_broker(broker) for broker in values.rows(row.get("broker"))]}
