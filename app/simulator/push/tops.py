"""The ranks that the push service tells: stocks by their figures, options by what is traded in them."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from app.simulator.market.instruments import STOCK, Instrument
from app.simulator.market.listings import LISTINGS
from app.simulator.market.quotes import Quote
from app.simulator.market.ratios import float_shares
from app.simulator.methods.market import Market
from app.simulator.push.quotes import QuoteReader
from app.simulator.push.vocabulary import DataType
from app.simulator.trading.contracts import OPTION

RANKED = 30
_FIVE_MINUTES_MS = 300_000
_CLASSES = {"US": ("AAPL", "NVDA", "TSLA"), "HK": ("TCH.HK",)}
"""The option classes that are looked through."""
_BIG_ORDERS = 3
_BIG_ORDER = "bigOrder"


def _get_amount(quote: Quote) -> float:
    return round((quote.open + quote.high + quote.low + quote.latest) / 4 * quote.volume, 2)


def _get_change(market: Market, quote: Quote) -> float:
    before = market.quote(quote.symbol, market.now_ms() - _FIVE_MINUTES_MS)
    return round(quote.latest / before.latest - 1, 6)


_STOCK_INDICATORS: Mapping[str, Callable[[Market, Instrument, Quote], float]] = {
    "changeRate": lambda _, __, quote: round(quote.latest / quote.pre_close - 1, 6),
    "changeRate5Min": lambda market, _, quote: _get_change(market, quote),
    "turnoverRate": lambda _, stock, quote: round(quote.volume / float_shares(stock.shares), 6),
    "amount": lambda _, __, quote: _get_amount(quote),
    "volume": lambda _, __, quote: float(quote.volume),
    "amplitude": lambda _, __, quote: round((quote.high - quote.low) / quote.pre_close, 6),
}
_OPTION_INDICATORS = {"volume": "totalVolume", "amount": "totalAmount", "openInt": "totalOpenInt"}
INDICATORS = {
    DataType.StockTop: tuple(_STOCK_INDICATORS),
    DataType.OptionTop: (_BIG_ORDER, *_OPTION_INDICATORS),
}
"""What ranks there are [SDK: StockRankingIndicator, OptionRankingIndicator]; none named means all."""
MARKETS = {DataType.StockTop: ("US", "HK"), DataType.OptionTop: tuple(_CLASSES)}


def get_top(reader: QuoteReader, topic: DataType, market: str, indicators: Iterable[str]) -> dict[str, Any]:
    """Return the ranks of a market as they are now."""
    tell = _get_stock_ranks if topic is DataType.StockTop else _get_option_ranks
    return {"market": market, "timestamp": reader.market.now_ms(), "topData": tell(reader, market, tuple(indicators))}


def _get_stock_ranks(reader: QuoteReader, market: str, indicators: tuple[str, ...]) -> list[dict[str, Any]]:
    stocks = [stock for stock in LISTINGS.values() if stock.market == market and stock.sec_type == STOCK]
    quotes = [(stock, reader.market.quote(stock.symbol)) for stock in stocks]
    ranks = []
    for indicator in indicators:
        items = [
            {
                "symbol": stock.symbol,
                "latestPrice": quote.latest,
                "targetValue": _STOCK_INDICATORS[indicator](reader.market, stock, quote),
            }
            for stock, quote in quotes
        ]
        ranks.append({"targetName": indicator, "item": _get_first(items, "targetValue")})
    return ranks


def _get_option_ranks(reader: QuoteReader, market: str, indicators: tuple[str, ...]) -> list[dict[str, Any]]:
    options = [option for symbol in _CLASSES[market] for option in _list_options(reader, symbol)]
    ranks: list[dict[str, Any]] = []
    for indicator in indicators:
        if indicator == _BIG_ORDER:
            most_traded = _get_first(options, "totalVolume")[:_BIG_ORDERS]
            orders = [order for option in most_traded if (order := _get_biggest(reader, option))]
            ranks.append({"targetName": indicator, "bigOrder": orders})
        else:
            ranks.append({"targetName": indicator, "item": _get_first(options, _OPTION_INDICATORS[indicator])})
    return ranks


def _get_first(items: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return sorted(items, key=lambda item: item[name], reverse=True)[:RANKED]


def _list_options(reader: QuoteReader, symbol: str) -> list[dict[str, Any]]:
    """Return the options of a class that expire next."""
    dates = reader.ask("option_expiration", {"symbols": [symbol]})
    if not dates:
        return []
    day = dates[0]["dates"][0]
    chain = reader.ask(
        "option_chain", {"option_basic": [{"symbol": symbol, "expiry": day}], "return_greek_value": False}
    )
    return [
        _get_option(symbol, day, side, row)
        for answer in chain
        for strike in answer["items"]
        for side, row in strike.items()
    ]


def _get_option(symbol: str, day: str, side: str, row: dict[str, Any]) -> dict[str, Any]:
    interest = row["openInterest"]
    return {
        "symbol": symbol,
        "expiry": day.replace("-", ""),
        "strike": row["strike"],
        "right": side.upper(),
        "totalAmount": round(row["volume"] * row["latestPrice"] * row["multiplier"], 2),
        "totalVolume": float(row["volume"]),
        "totalOpenInt": float(interest),
        "volumeToOpenInt": round(row["volume"] / interest, 6) if interest else 0.0,
        "latestPrice": row["latestPrice"],
        "updateTime": row["lastTimestamp"],
    }


def _get_biggest(reader: QuoteReader, option: dict[str, Any]) -> dict[str, Any] | None:
    """Return the biggest trade of the day; the thousand contracts of Tiger's big orders nobody trades at once here."""
    day = option["expiry"]
    basic = {name: option[name] for name in ("symbol", "strike", "right")}
    basic["expiry"] = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    trades = [trade for answer in reader.ask("option_trade_tick", [basic]) for trade in answer["items"]]
    if not trades:
        return None
    contract = reader.prices.find(OPTION, option["symbol"], day, Decimal(option["strike"]), option["right"])
    multiplier = 1 if contract is None else contract.multiplier
    place = max(range(len(trades)), key=lambda index: trades[index]["volume"])
    trade, before = trades[place], trades[max(0, place - 1)]
    return {name: option[name] for name in ("symbol", "expiry", "strike", "right")} | {
        "dir": "SELL" if trade["price"] < before["price"] else "BUY",
        "volume": float(trade["volume"]),
        "price": trade["price"],
        "amount": round(trade["volume"] * trade["price"] * multiplier, 2),
        "tradeTime": trade["time"],
    }
