"""Order books and trades as the push service tells them."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

from app.simulator.market.listings import LISTINGS
from app.simulator.push.quotes import QuoteReader, get_basic, get_only
from app.simulator.push.subjects import get_text
from app.simulator.trading.contracts import FUTURE, OPTION, Contract

MOST_TRADES = 50
"""Told in one event; after a jump of time the newest."""
_VENUES = {"NASDAQ": "t", "NYSE": "n", "ARCA": "p"}
"""The letters of the exchanges [SDK: tick_constants]."""
_LEVELS = {"US": "usQuoteBasic", "HK": "hkStockQuoteLv2", "CN": "aStockQuoteLv1"}
ODD_LOT, REGULAR = "I", " "
_LOT = 100


def get_depth(reader: QuoteReader, contract: Contract) -> dict[str, Any]:
    """Return both sides of the book: of options with their exchanges, of stocks with the number of orders."""
    if contract.sec_type == OPTION:
        row = get_only(reader.ask("option_depth", {"option_basic": [get_basic(contract)]}))
        sides = [_get_venues(row[side]) for side in ("ask", "bid")]
    elif contract.sec_type == FUTURE:
        row = get_only(reader.ask("future_depth", {"contract_codes": [contract.symbol]}))
        sides = [_get_levels(row[side]) for side in ("ask", "bid")]
    else:
        row = get_only(reader.ask("quote_depth", {"symbols": [contract.symbol]}))
        sides = [
            _get_levels(row[side]) | {"orderCount": [level["count"] for level in row[side]]}
            for side in ("asks", "bids")
        ]
    ask, bid = sides
    return {"symbol": get_text(contract), "timestamp": reader.market.now_ms(), "ask": ask, "bid": bid}


def _get_levels(levels: list[dict[str, Any]]) -> dict[str, Any]:
    return {"price": [level["price"] for level in levels], "volume": [level["volume"] for level in levels]}


def _get_venues(levels: list[dict[str, Any]]) -> dict[str, Any]:
    return _get_levels(levels) | {
        "exchange": [level["code"] for level in levels],
        "time": [level["timestamp"] for level in levels],
    }


def count_trades(reader: QuoteReader, contract: Contract) -> int:
    """Return how many trades of the current session there have been."""
    trades = list_trades(reader, contract, 1)
    return trades[-1]["index"] + 1 if trades else 0


def list_trades(reader: QuoteReader, contract: Contract, most: int = MOST_TRADES) -> list[dict[str, Any]]:
    """Return the newest trades of the current session, oldest first."""
    if contract.sec_type == FUTURE:
        biz = {"contract_code": contract.symbol, "begin_index": -1, "end_index": -1, "limit": most}
        answered = reader.ask("future_tick", biz)
        return list(get_only([answered] if answered else [])["items"])
    answer = get_only(reader.ask("trade_tick", {"symbols": [contract.symbol], "limit": most}))
    return [trade | {"index": answer["beginIndex"] + number} for number, trade in enumerate(answer["items"])]


def compress(contract: Contract, trades: list[dict[str, Any]], now_ms: int) -> dict[str, Any]:
    """Return trades in Tiger's compressed form: prices from a base, times from the one before."""
    prices = [Decimal(str(trade["price"])) for trade in trades]
    offset = max(-int(price.as_tuple().exponent) for price in prices)
    units = [int(price.scaleb(offset)) for price in prices]
    times = [trade["time"] for trade in trades]
    told: dict[str, Any] = {
        "symbol": contract.symbol,
        "sn": trades[0]["index"],
        "priceBase": min(units),
        "priceOffset": offset,
        "time": times[:1] + [later - earlier for earlier, later in pairwise(times)],
        "price": [price - min(units) for price in units],
        "volume": [trade["volume"] for trade in trades],
        "timestamp": now_ms,
        "secType": contract.sec_type,
    }
    if contract.sec_type == FUTURE:
        return told | {"mergedVols": [{"mergeTimes": 1, "vol": [trade["volume"]]} for trade in trades]}
    told |= {"type": "".join(trade["type"] for trade in trades), "quoteLevel": _LEVELS[contract.market]}
    if contract.market != "US":
        return told
    conditions = "".join(_get_condition(trade) for trade in trades)
    return told | {"partCode": [_get_venue(contract)] * len(trades), "cond": conditions}


def expand(contract: Contract, trades: list[dict[str, Any]], now_ms: int) -> dict[str, Any]:
    """Return trades in the full form, which clients get that asked for full ticks when they signed in."""
    is_american_stock = contract.sec_type != FUTURE and contract.market == "US"
    return {
        "symbol": contract.symbol,
        "timestamp": now_ms,
        "source": contract.exchange,
        "ticks": [
            {
                "sn": trade["index"],
                "time": trade["time"],
                "price": trade["price"],
                "volume": trade["volume"],
                "type": trade.get("type", ""),
                "cond": _get_condition(trade) if is_american_stock else "",
                "partCode": _get_venue(contract) if is_american_stock else "",
            }
            for trade in trades
        ],
    }


def _get_condition(trade: dict[str, Any]) -> str:
    return ODD_LOT if trade["volume"] % _LOT else REGULAR


def _get_venue(contract: Contract) -> str:
    return _VENUES.get(LISTINGS[contract.symbol].exchange, "d")
