"""Wire methods for Hong Kong's brokers: stock_broker and broker_hold."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from app.simulator.market.brokers import Holding, get_seats, list_holdings
from app.simulator.market.depth import ASKS, BIDS, get_levels
from app.simulator.market.exchange import Exchange
from app.simulator.methods.requests import fields_of, read_integer, read_symbol, refused
from app.simulator.wire import Handler, WireRequest

_LEVELS = 10
_DEFAULT_SEATS = 40
_DEFAULT_PAGE, _LARGEST_PAGE = 50, 500
_ORDERS = ("sharesHold", "marketValue", "buyAmount", "buyAmount5", "buyAmount20", "buyAmount60")
_DIRECTIONS = {"SortDir_Descend": True, "SortDir_Ascend": False, "SortDir_No": True}
_SIDES = (("bidBroker", BIDS), ("askBroker", ASKS))


class BrokerMethods:
    """Answer who queues in the book of a Hong Kong stock, and who keeps shares."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {"stock_broker": self.queue, "broker_hold": self.holdings}

    def queue(self, request: WireRequest) -> dict[str, Any] | None:
        """Answer the brokers at each price of the book, up to ``limit`` a side; null for what has none."""
        biz = fields_of(request)
        limit = read_integer(biz, "limit", _DEFAULT_SEATS)
        stock = self._exchange.stock(read_symbol(biz))
        if stock is None or stock.market != "HK":
            return None
        quote = self._exchange.quote(stock.symbol, request.now_ms)
        answer: dict[str, Any] = {"symbol": stock.symbol}
        for name, side in _SIDES:
            rows, left = [], max(limit, 0)
            levels = get_levels(stock, quote, side, _LEVELS, self._exchange.seed, request.now_ms)
            for number, level in enumerate(levels, 1):
                if not left:
                    break
                seats = get_seats(stock.symbol, name, number, level.orders, request.now_ms)[:left]
                left -= len(seats)
                brokers = [{"id": code, "name": broker} for code, broker in seats]
                rows.append({"level": number, "price": level.price, "brokerCount": level.orders, "broker": brokers})
            answer[name] = rows
        return answer

    def holdings(self, request: WireRequest) -> dict[str, Any]:
        """Answer a page of the organisations that keep shares, ordered by one of their figures."""
        biz = fields_of(request)
        if (biz.get("market") or "HK") != "HK":
            raise refused(f"market '{biz['market']}' is not supported")
        order_by = biz.get("order_by") or "marketValue"
        direction = biz.get("direction") or "SortDir_Descend"
        if order_by not in _ORDERS or direction not in _DIRECTIONS:
            raise refused("order_by or direction is not supported")
        limit, page = read_integer(biz, "limit", _DEFAULT_PAGE), read_integer(biz, "page", 0)
        if not 1 <= limit <= _LARGEST_PAGE or page < 0:
            raise refused("limit or page is out of range")
        rows = self._rows(request.now_ms)
        rows.sort(key=lambda row: row[order_by], reverse=_DIRECTIONS[direction])
        return {
            "page": page,
            "totalPage": -(-len(rows) // limit),
            "totalCount": len(rows),
            "items": rows[page * limit : (page + 1) * limit],
        }

    def _rows(self, now_ms: int) -> list[dict[str, Any]]:
        """Return a row an organisation, as of the last day that is over."""
        calendar = self._exchange.calendar("HK")
        day = calendar.day(calendar.current(now_ms).index - 1)
        kept: dict[tuple[str, str], list[Holding]] = defaultdict(list)
        for holding in list_holdings(day):
            kept[holding.code, holding.name].append(holding)
        return [
            {
                "orgId": code,
                "orgName": name,
                "date": day.date.isoformat(),
                "sharesHold": sum(holding.shares for holding in holdings),
                "marketValue": round(sum(self._close(holding, day.index) * holding.shares for holding in holdings), 3),
                "market": "HK",
            }
            | {
                f"buyAmount{days}": sum(holding.bought[number] for holding in holdings)
                for number, days in enumerate(("", "5", "20", "60"))
            }
            for (code, name), holdings in kept.items()
        ]

    def _close(self, holding: Holding, day: int) -> float:
        series = self._exchange.series(holding.symbol)
        return series.instrument.ticks.price(series.whole_day(day).close)
