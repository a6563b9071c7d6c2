"""Wire methods for contracts: contracts, contract, quote_contract."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from app.simulator.market.derivatives import Derivatives, Warrant
from app.simulator.market.exchange import Exchange
from app.simulator.market.future_contracts import FutureContract
from app.simulator.market.instruments import Instrument
from app.simulator.market.noise import seed_of, uniform
from app.simulator.market.options import OptionContract, Options
from app.simulator.methods.requests import (
    checked_symbol,
    fields_of,
    language_of,
    missing,
    read_day,
    read_symbol,
    read_symbols,
    refused,
)
from app.simulator.wire import Handler, WireRequest

_CALL_PUT = {"C": "CALL", "CALL": "CALL", "P": "PUT", "PUT": "PUT"}
_WARRANT_TYPES = ("WAR", "IOPT")
_MONEY = Decimal("0.001")


class ContractMethods:
    """Answer contracts; what does not exist is left out of the answer."""

    def __init__(self, exchange: Exchange, options: Options, derivatives: Derivatives) -> None:
        self._exchange = exchange
        self._options = options
        self._derivatives = derivatives

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "contracts": self.contracts,
            "contract": self.contract,
            "quote_contract": self.quote_contract,
        }

    def contracts(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer stocks, futures or digital assets, up to 50 at a time; other types have their own methods."""
        biz = fields_of(request)
        symbols = read_symbols(biz)
        sec_type = _sec_type(biz, "STK")
        if sec_type not in {"STK", "FUT", "CC"}:
            raise refused(f"sec_type '{sec_type}' is not supported by contracts")
        rows = (self._of_type(symbol, sec_type, request) for symbol in symbols)
        return [row for row in rows if row is not None and _has_currency(row, biz)]

    def contract(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer one contract of any type, as a list that is empty when there is none."""
        biz = fields_of(request)
        symbol = read_symbol(biz)
        sec_type = _sec_type(biz, "STK")
        if sec_type == "OPT":
            option = self._option(symbol, biz)
            return [] if option is None else [self._option_row(option)]
        if sec_type not in {"STK", "FUT", "CC", *_WARRANT_TYPES}:
            raise refused(f"sec_type '{sec_type}' is not supported")
        row = self._of_type(symbol, sec_type, request)
        return [row] if row is not None and _has_currency(row, biz) else []

    def quote_contract(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer all options, warrants or bull/bear contracts of one underlying that expire on a date."""
        biz = fields_of(request)
        symbols = read_symbols(biz)
        if not biz.get("sec_type"):
            raise missing("sec_type")
        if not biz.get("expiry"):
            raise missing("expiry")
        expiry = f"{read_day(biz['expiry'], 'expiry'):%Y%m%d}"
        sec_type = _sec_type(biz, "OPT")
        if sec_type == "OPT":
            return [
                self._option_row(option)
                for symbol in symbols
                for option in self._options.contracts(symbol, expiry, request.now_ms)
            ]
        if sec_type not in _WARRANT_TYPES:
            raise refused(f"sec_type '{sec_type}' is not supported by quote_contract")
        return [
            self._warrant_row(warrant, request)
            for symbol in symbols
            for warrant in self._derivatives.warrants(symbol, request.now_ms)
            if warrant.sec_type == sec_type and warrant.expiry == expiry
        ]

    def _of_type(self, symbol: str, sec_type: str, request: WireRequest) -> dict[str, Any] | None:
        if sec_type == "STK":
            stock = self._exchange.stock(symbol)
            return None if stock is None else self._stock_row(stock, request)
        if sec_type == "CC":
            asset = self._exchange.listed_as(symbol, "CC")
            return None if asset is None else self._digital_row(asset, request)
        if sec_type == "FUT":
            future = self._derivatives.future(symbol, request.now_ms)
            return None if future is None else self._future_row(future)
        warrant = self._derivatives.warrant(symbol, request.now_ms)
        return None if warrant is None or warrant.sec_type != sec_type else self._warrant_row(warrant, request)

    def _option(self, symbol: str, biz: dict[str, Any]) -> OptionContract | None:
        for field in ("expiry", "strike", "right"):
            if not biz.get(field):
                raise missing(field)
        right = _CALL_PUT.get(str(biz["right"]).upper())
        if right is None:
            raise refused("right must be CALL or PUT")
        try:
            strike = Decimal(str(biz["strike"]))
        except InvalidOperation:
            raise refused("field 'strike' is not a number") from None
        return self._options.contract(symbol, f"{read_day(biz['expiry'], 'expiry'):%Y%m%d}", strike, right)

    def _contract_id(self, name: str) -> int:
        return seed_of(self._exchange.seed, "contract", name) >> 33

    def _stock_row(self, instrument: Instrument, request: WireRequest) -> dict[str, Any]:
        """Return a stock's contract; margins grow with volatility, a short one costs more."""
        margin = min(1.0, round(0.2 + instrument.volatility * 0.35, 2))
        row: dict[str, Any] = {
            "contractId": self._contract_id(instrument.symbol),
            "identifier": instrument.symbol,
            "symbol": instrument.symbol,
            "secType": "STK",
            "multiplier": 1.0,
            "lotSize": float(instrument.lot_size),
            "market": instrument.market,
            "primaryExchange": instrument.exchange,
            "currency": instrument.currency,
            "localSymbol": instrument.symbol,
            "tradingClass": instrument.symbol,
            "name": instrument.name_in(language_of(request)),
            "status": 1,
            "tradeable": True,
            "marginable": instrument.market != "CN",
            "longInitialMargin": margin,
            "longMaintenanceMargin": round(margin * 0.85, 4),
            "shortable": instrument.shortable,
            "closeOnly": False,
            "tickSizes": instrument.ticks.to_wire(),
            "isEtf": instrument.is_etf,
            "supportOvernightTrading": instrument.market == "US",
            "supportFractionalShare": instrument.fractional or instrument.sells_odd_lots,
        }
        if instrument.shortable:
            seed = seed_of(self._exchange.seed, instrument.symbol, "lending")
            row |= {
                "shortMargin": round(margin + 0.05, 2),
                "shortInitialMargin": round(margin + 0.05, 2),
                "shortMaintenanceMargin": margin,
                "shortFeeRate": round(0.25 + 6 * uniform(seed, 1) ** 4, 4),
                "shortableCount": int(instrument.shares * 0.002 * (0.5 + uniform(seed, request.now_ms // 86_400_000))),
            }
        return row

    def _option_row(self, option: OptionContract) -> dict[str, Any]:
        return {
            "contractId": self._contract_id(option.identifier),
            "identifier": option.identifier,
            "symbol": option.symbol,
            "secType": "OPT",
            "expiry": option.expiry,
            "strike": float(option.strike),
            "right": option.right,
            "multiplier": float(option.multiplier),
            "lotSize": 1.0,
            "market": option.market,
            "primaryExchange": "SEHK" if option.market == "HK" else "CBOE",
            "currency": option.currency,
            "localSymbol": option.identifier,
            "tradingClass": option.symbol,
            "name": option.symbol,
            "status": 1,
            "tradeable": True,
            "marginable": False,
            "shortable": True,
            "closeOnly": False,
            "tickSizes": option.ticks.to_wire(),
        }

    def _warrant_row(self, warrant: Warrant, request: WireRequest) -> dict[str, Any]:
        return {
            "contractId": self._contract_id(warrant.symbol),
            "identifier": warrant.symbol,
            "symbol": warrant.symbol,
            "secType": warrant.sec_type,
            "expiry": warrant.expiry,
            "strike": float(warrant.strike.quantize(_MONEY)),
            "right": warrant.right,
            "multiplier": float(warrant.shares_per_lot),
            "lotSize": float(warrant.shares_per_lot),
            "market": "HK",
            "primaryExchange": "SEHK",
            "currency": "HKD",
            "localSymbol": warrant.symbol,
            "tradingClass": warrant.symbol,
            "name": warrant.name_in(language_of(request)),
            "status": 1,
            "tradeable": True,
            "marginable": False,
            "shortable": False,
            "closeOnly": False,
            "tickSizes": warrant.ticks.to_wire(),
        }

    def _digital_row(self, asset: Instrument, request: WireRequest) -> dict[str, Any]:
        return {
            "contractId": self._contract_id(asset.symbol),
            "identifier": asset.symbol,
            "symbol": asset.symbol,
            "secType": "CC",
            "multiplier": 1.0,
            "lotSize": 1.0,
            "market": asset.market,
            "primaryExchange": asset.exchange,
            "currency": asset.currency,
            "localSymbol": asset.symbol,
            "tradingClass": asset.symbol,
            "name": asset.name_in(language_of(request)),
            "status": 1,
            "tradeable": True,
            "marginable": False,
            "shortable": False,
            "closeOnly": False,
            "tickSizes": asset.ticks.to_wire(),
            "supportFractionalShare": True,
        }

    def _future_row(self, future: FutureContract) -> dict[str, Any]:
        return {
            "contractId": self._contract_id(future.code),
            "identifier": future.code,
            "symbol": future.code,
            "secType": "FUT",
            "multiplier": float(future.multiplier),
            "lotSize": 1.0,
            "market": "US",
            "primaryExchange": future.exchange,
            "exchange": future.exchange,
            "currency": "USD",
            "localSymbol": future.code,
            "tradingClass": future.product,
            "name": future.name,
            "status": 1,
            "tradeable": True,
            "marginable": True,
            "shortable": True,
            "closeOnly": False,
            "minTick": float(future.tick),
            "contractMonth": future.month,
            "expiry": future.last_trading_day,
            "lastTradingDate": future.last_trading_day,
            "continuous": future.is_continuous,
        }


def _sec_type(biz: dict[str, Any], default: str) -> str:
    value = biz.get("sec_type") or default
    return checked_symbol(value)


def _has_currency(row: dict[str, Any], biz: dict[str, Any]) -> bool:
    wanted = biz.get("currency")
    return wanted in {None, "", "ALL", row["currency"]}
