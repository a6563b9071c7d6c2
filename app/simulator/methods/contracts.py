"""Wire methods for contracts: contracts, contract, quote_contract."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from app.simulator.market.derivatives import Derivatives
from app.simulator.market.exchange import Exchange
from app.simulator.market.funds import FUNDS
from app.simulator.market.options import OptionContract, Options
from app.simulator.methods.contract_rows import (
    digital_row,
    fund_row,
    future_row,
    option_row,
    stock_row,
    warrant_row,
)
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
        """Answer stocks, futures, funds or digital assets, up to 50; other types have their own methods."""
        biz = fields_of(request)
        symbols = read_symbols(biz)
        sec_type = _sec_type(biz, "STK")
        if sec_type not in {"STK", "FUT", "CC", "FUND"}:
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
            return [] if option is None else [option_row(option)]
        if sec_type not in {"STK", "FUT", "CC", "FUND", *_WARRANT_TYPES}:
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
                option_row(option)
                for symbol in symbols
                for option in self._options.contracts(symbol, expiry, request.now_ms)
            ]
        if sec_type not in _WARRANT_TYPES:
            raise refused(f"sec_type '{sec_type}' is not supported by quote_contract")
        return [
            warrant_row(warrant, language_of(request))
            for symbol in symbols
            for warrant in self._derivatives.warrants(symbol, request.now_ms)
            if warrant.sec_type == sec_type and warrant.expiry == expiry
        ]

    def _of_type(self, symbol: str, sec_type: str, request: WireRequest) -> dict[str, Any] | None:
        language = language_of(request)
        if sec_type == "STK":
            stock = self._exchange.stock(symbol)
            return None if stock is None else stock_row(stock, language, self._exchange.seed, request.now_ms)
        if sec_type == "CC":
            asset = self._exchange.listed_as(symbol, "CC")
            return None if asset is None else digital_row(asset, language)
        if sec_type == "FUND":
            return fund_row(FUNDS[symbol], language) if symbol in FUNDS else None
        if sec_type == "FUT":
            future = self._derivatives.future(symbol, request.now_ms)
            return None if future is None else future_row(future)
        warrant = self._derivatives.warrant(symbol, request.now_ms)
        return None if warrant is None or warrant.sec_type != sec_type else warrant_row(warrant, language_of(request))

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


def _sec_type(biz: dict[str, Any], default: str) -> str:
    value = biz.get("sec_type") or default
    return checked_symbol(value)


def _has_currency(row: dict[str, Any], biz: dict[str, Any]) -> bool:
    wanted = biz.get("currency")
    return wanted in {None, "", "ALL", row["currency"]}
