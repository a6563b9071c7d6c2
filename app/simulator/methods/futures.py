"""Wire methods for which futures there are and when they trade: the ``future_`` methods without prices."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.simulator.market.calendars import TradingDay, calendar_of
from app.simulator.market.future_contracts import (
    EXCHANGES,
    PRODUCTS,
    FutureContract,
    Product,
    get_contract,
    get_main,
    list_contracts,
)
from app.simulator.market.futures import Futures
from app.simulator.methods.requests import fields_of, missing, read_codes, read_day, read_moment, read_text, refused
from app.simulator.wire import Handler, WireRequest

_ZONE = "America/New_York"
_BIDDING_MS = 15 * 60_000
_SECURITY_TYPES = ("FUT", "FOP")


class FutureMethods:
    """Answer the methods that list futures; what does not exist is left out of the answer, or null."""

    def __init__(self, futures: Futures) -> None:
        self._futures = futures
        self._calendar = calendar_of("FUT")

    def _today(self, request: WireRequest) -> date:
        return self._calendar.current(request.now_ms).date

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "future_exchange": self.future_exchange,
            "future_contract_by_exchange_code": self.of_exchange,
            "future_contracts": self.of_product,
            "future_contract_by_contract_code": self.contract,
            "future_current_contract": self.current,
            "future_continuous_contracts": self.continuous,
            "future_trading_date": self.trading_times,
            "future_history_main_contract": self.history_of_main,
        }

    def future_exchange(self, request: WireRequest) -> list[dict[str, str]]:
        """Answer the exchanges with their zones; those of options on futures are the same."""
        sec_type = fields_of(request).get("sec_type") or "FUT"
        if sec_type not in _SECURITY_TYPES:
            raise refused(f"sec_type '{sec_type}' is not supported")
        return [{"code": code, "name": code, "zoneId": zone} for code, zone in EXCHANGES.items()]

    def of_exchange(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer every contract of an exchange."""
        exchange = read_text(fields_of(request), "exchange_code")
        products = [product for product in PRODUCTS.values() if product.exchange == exchange]
        if not products:
            raise refused(f"exchange_code '{exchange}' is not supported")
        return [row for product in products for row in self._rows(product, request)]

    def of_product(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer every contract of a product."""
        product = PRODUCTS.get(read_text(fields_of(request), "type"))
        return [] if product is None else self._rows(product, request)

    def contract(self, request: WireRequest) -> dict[str, Any] | None:
        """Answer one contract by its code."""
        code = read_text(fields_of(request), "contract_code")
        contract = self._futures.contract(code, request.now_ms)
        return None if contract is None else self._row(contract, request)

    def current(self, request: WireRequest) -> dict[str, Any] | None:
        """Answer the main contract of a product, which is the one marked as continuous."""
        product = PRODUCTS.get(read_text(fields_of(request), "type"))
        if product is None:
            return None
        return self._row(get_main(product, self._today(request)), request)

    def continuous(self, request: WireRequest) -> dict[str, Any] | None:
        """Answer the continuous contract of a product."""
        product = PRODUCTS.get(read_text(fields_of(request), "type"))
        if product is None:
            return None
        contract = get_contract(f"{product.code}main", self._today(request))
        return None if contract is None else self._row(contract, request)

    def trading_times(self, request: WireRequest) -> dict[str, Any] | None:
        """Answer when a contract is traded on a date, today by default, and the quarter of an hour of bids before."""
        biz = fields_of(request)
        if self._futures.contract(read_text(biz, "contract_code"), request.now_ms) is None:
            return None
        day = self._day(biz, request.now_ms)
        if day is None:
            return {"biddingTimes": [], "tradingTimes": [], "timeSection": _ZONE}
        return {
            "biddingTimes": [{"start": day.open_ms - _BIDDING_MS, "end": day.open_ms}],
            "tradingTimes": [{"start": day.open_ms, "end": day.close_ms}],
            "timeSection": _ZONE,
        }

    def _day(self, biz: Mapping[str, Any], now_ms: int) -> TradingDay | None:
        asked = biz.get("trading_date")
        if not asked:
            return self._calendar.current(now_ms)
        is_moment = isinstance(asked, int) and not isinstance(asked, bool)
        on = self._calendar.local_date(asked) if is_moment else read_day(asked, "trading_date")
        index = self._calendar.index_from(on)
        return (
            self._calendar.day(index)
            if index < len(self._calendar.dates) - 1 and self._calendar.dates[index] == on
            else None
        )

    def history_of_main(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer which contract was the main one on each trading day of a span, newest first."""
        biz = fields_of(request)
        begin_ms = read_moment(biz.get("begin_time"), "begin_time", self._calendar.hours.zone)
        end_ms = read_moment(biz.get("end_time"), "end_time", self._calendar.hours.zone)
        if begin_ms is None or end_ms is None:
            raise missing("begin_time" if begin_ms is None else "end_time")
        last = self._calendar.current(min(end_ms, request.now_ms)).index
        first = max(self._calendar.current(begin_ms).index, 0)
        answer = []
        for code in read_codes(biz):
            contract = self._futures.contract(code, request.now_ms)
            if contract is None or not contract.is_continuous:
                continue
            product = PRODUCTS[contract.product]
            days = (self._calendar.day(index) for index in range(last, first - 1, -1))
            items = [
                {"time": day.close_ms, "referContractCode": get_main(product, day.date).code}
                for day in days
                if begin_ms <= day.close_ms <= end_ms
            ]
            answer.append({"contractCode": code, "mainReferItems": items})
        return answer

    def _rows(self, product: Product, request: WireRequest) -> list[dict[str, Any]]:
        contracts = list_contracts(product, self._today(request))
        listed = (contract for contract in contracts if request.now_ms < self._futures.expires_ms(contract))
        return [self._row(contract, request) for contract in listed]

    def _row(self, contract: FutureContract, request: WireRequest) -> dict[str, Any]:
        product = PRODUCTS[contract.product]
        main = get_main(product, self._today(request))
        return {
            # Tiger marks the contract that the continuous one stands for, not the continuous one.
            "continuous": contract == main,
            "trade": True,
            "type": product.code,
            "contractCode": contract.code,
            "ibCode": product.code,
            "name": contract.name,
            "contractMonth": contract.month,
            "lastTradingDate": contract.last_trading_day,
            "firstNoticeDate": "",
            "lastBiddingCloseTime": 0,
            "currency": "USD",
            "exchangeCode": product.exchange_code,
            "multiplier": float(product.multiplier),
            "minTick": float(product.tick),
            "displayMultiplier": 1,
            "exchange": product.exchange,
            "productWorth": product.worth,
            "deliveryMode": product.delivery,
            "productType": product.kind,
        }
