"""Quotes as the push service tells them: the same rows that the wire methods answer, under other names."""

from datetime import datetime
from typing import Any

from app.simulator.market.calendars import calendar_of
from app.simulator.methods.market import Market
from app.simulator.push.subjects import get_text
from app.simulator.push.vocabulary import QuoteType
from app.simulator.trading.contracts import COIN, FUTURE, OPTION, STOCK, Contract
from app.simulator.trading.prices import Prices
from app.simulator.wire import WireRequest

PUSHED = "push"
BBO_FIELDS = frozenset({"askPrice", "askSize", "askTimestamp", "bidPrice", "bidSize", "bidTimestamp"})
IN_BOTH = frozenset({"symbol", "type", "timestamp", "serverTimestamp", "identifier"})
ALSO_IN_BBO = frozenset({"latestPrice", "volume", "amount"})
"""Tiger's page for TypeScript shows them in frames of the type BBO, too."""
_MOMENTS = frozenset(
    {"timestamp", "serverTimestamp", "askTimestamp", "bidTimestamp", "latestPriceTimestamp", "latestTime", "tradeTime"}
)
"""They go on while nothing happens."""


class QuoteReader:
    """Read quotes, books, bars and trades of contracts; raises LookupError for one that has ended."""

    def __init__(self, market: Market, prices: Prices) -> None:
        self.market = market
        self.prices = prices

    def ask(self, method: str, biz: Any) -> Any:
        """Return what a wire method answers now."""
        return self.market.methods[method](WireRequest(method, "", biz, PUSHED, "en_US", self.market.now_ms()))

    def get_quote(self, contract: Contract) -> dict[str, Any]:
        """Return both halves of a quote, as of now."""
        now_ms = self.market.now_ms()
        if contract.sec_type == FUTURE:
            quote = self._get_future(contract)
        elif contract.sec_type == OPTION:
            quote = self._get_option(contract)
        elif contract.sec_type in {STOCK, COIN}:
            quote = self._get_stock(contract)
        else:
            quote = self._get_warrant(contract)
        stamps = {"timestamp": now_ms, "serverTimestamp": now_ms, "askTimestamp": now_ms, "bidTimestamp": now_ms}
        return {"symbol": get_text(contract), "type": QuoteType.ALL} | stamps | quote

    def _get_stock(self, contract: Contract) -> dict[str, Any]:
        is_coin = contract.sec_type == COIN
        biz = {"symbols": [contract.symbol], "sec_type": contract.sec_type, "include_hour_trading": True}
        row = get_only(self.ask("quote_real_time", biz))
        quote = _get_offers(row) | self._get_traded(contract, row)
        average = (row["open"] + row["high"] + row["low"] + row["latestPrice"]) / 4
        quote |= {"avgPrice": round(average, 4), "amount": round(average * row["volume"], 2)}
        quote |= {"open": row["open"], "high": row["high"], "low": row["low"]}
        if is_coin:
            return quote | {"volumeDecimal": float(row["volume"])}
        quote |= {"mi": self._get_minute(contract), "marketStatus": self._get_status(contract)}
        hours = row.get("hourTrading")
        if hours is not None and self.market.is_extended(contract.market, self.market.now_ms()):
            quote |= {
                "hourTradingTag": hours["tag"],
                "latestPrice": hours["latestPrice"],
                "preClose": hours["preClose"],
                "volume": hours["volume"],
                "latestTime": hours["latestTime"],
            }
            # Not told outside the regular session [QuoteBasicData.proto].
            for name in ("latestPriceTimestamp", "open", "high", "low"):
                del quote[name]
        return quote

    def _get_warrant(self, contract: Contract) -> dict[str, Any]:
        row = get_only(self.ask("warrant_real_time_quote", {"symbols": [contract.symbol]})["items"])
        book = self.prices.get_book(contract, self.market.now_ms())
        offers = {
            "askPrice": float(book.ask or 0),
            "askSize": book.ask_size,
            "bidPrice": float(book.bid or 0),
            "bidSize": book.bid_size,
        }
        traded = self._get_traded(contract, row | {"latestTime": row["timestamp"]})
        ohlc = {name: row[name] for name in ("open", "high", "low", "amount")}
        return offers | traded | ohlc | {"marketStatus": self._get_status(contract)}

    def _get_option(self, contract: Contract) -> dict[str, Any]:
        row = get_only(self.ask("option_brief", {"option_basic": [get_basic(contract)]}))
        quote = _get_offers(row) | self._get_traded(contract, row | {"latestTime": row["timestamp"]})
        quote |= {name: row[name] for name in ("open", "high", "low", "identifier")}
        return quote | {"openInt": row["openInterest"], "marketStatus": self._get_status(contract)}

    def _get_future(self, contract: Contract) -> dict[str, Any]:
        row = get_only(self.ask("future_real_time_quote", {"contract_codes": [contract.symbol]}))
        tick = self.prices.get_tick_size(contract, self.prices.get_book(contract, self.market.now_ms()).latest)
        quote = _get_offers(row) | self._get_traded(contract, row | {"preClose": row["settlement"]})
        return quote | {
            "open": row["open"],
            "high": row["high"],
            "low": row["low"],
            "openInt": row["openInterest"],
            "tradeTime": row["latestTime"],
            "preSettlement": row["settlement"],
            "minTick": float(tick),
        }

    def _get_traded(self, contract: Contract, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "latestPrice": row["latestPrice"],
            "latestPriceTimestamp": row["latestTime"],
            "latestTime": _write_time(contract, row["latestTime"]),
            "preClose": row["preClose"],
            "volume": row["volume"],
        }

    def _get_minute(self, contract: Contract) -> dict[str, Any]:
        bar = self.get_bar(contract)
        return {
            "p": bar["close"],
            "a": bar["avg"],
            "t": bar["time"],
            "v": bar["volume"],
            "o": bar["open"],
            "h": bar["high"],
            "l": bar["low"],
        }

    def get_bar(self, contract: Contract) -> dict[str, Any]:
        """Return the bar of the current minute of a stock; one trade falls into each second of it."""
        now_ms = self.market.now_ms()
        answer = get_only(self.ask("kline", {"symbols": [contract.symbol], "period": "1min", "limit": 1}))
        bar = answer["items"][-1]
        average = bar["amount"] / bar["volume"] if bar["volume"] else bar["close"]
        return {name: bar[name] for name in ("time", "open", "high", "low", "close", "volume", "amount")} | {
            "avg": round(average, 4),
            "count": max(0, min(60, (now_ms - bar["time"]) // 1000)),
            "symbol": contract.symbol,
            "serverTimestamp": now_ms,
        }

    def _get_status(self, contract: Contract) -> str:
        state = get_only(self.ask("market_state", {"market": contract.market}))
        return str(state["marketStatus"])


def get_only(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the one row of an answer about one contract; raises LookupError where the contract has ended."""
    if not rows:
        message = "there is no answer about a contract that has ended"
        raise LookupError(message)
    return rows[0]


def get_basic(contract: Contract) -> dict[str, Any]:
    """Return how a wire method for options is asked for one."""
    return {
        "symbol": contract.symbol,
        "expiry": f"{contract.expiry[:4]}-{contract.expiry[4:6]}-{contract.expiry[6:]}" if contract.expiry else "",
        "strike": str(contract.strike),
        "right": contract.right,
    }


def get_changed(before: dict[str, Any] | None, now: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is to be told of a quote: all of it at first, then the half that has changed; None for no change."""
    if before is None:
        return now
    moved = {name for name in now.keys() | before.keys() if before.get(name) != now.get(name)} - _MOMENTS
    if not moved:
        return None
    has_offers, has_trades = bool(moved & BBO_FIELDS), bool(moved - BBO_FIELDS)
    if has_offers and has_trades:
        return now
    if has_trades:
        return {name: value for name, value in now.items() if name not in BBO_FIELDS} | {"type": QuoteType.BASIC}
    told = BBO_FIELDS | IN_BOTH | ALSO_IN_BBO
    return {name: value for name, value in now.items() if name in told} | {"type": QuoteType.BBO}


def _get_offers(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("askPrice", "askSize", "bidPrice", "bidSize")}


def _write_time(contract: Contract, at_ms: int) -> str:
    """Write a time as in Tiger's samples: ``03-02 15:34:43``, in the United States with the zone."""
    zone = calendar_of(contract.market).hours.zone
    local = datetime.fromtimestamp(at_ms / 1000, zone)
    return f"{local:%m-%d %H:%M:%S}" + (f" {local.tzname()}" if contract.market == "US" else "")
