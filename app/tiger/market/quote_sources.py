"""Say for each type of instrument how Tiger is asked for quotes, and how its answer is read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tigeropen.common.consts.service_types import (
    FUND_QUOTE,
    FUTURE_REAL_TIME_QUOTE,
    OPTION_BRIEF,
    QUOTE_REAL_TIME,
    WARRANT_REAL_TIME_QUOTE,
)
from tigeropen.common.model import BaseParams
from tigeropen.quote.request.model import FutureQuoteParams, MultipleQuoteParams, OptionContractsParams

from app.tiger.identification import get_instrument
from app.tiger.instrument import COIN, FUTURE, OPTION_TYPE, STOCK
from app.tiger.market import quote_rows
from app.tiger.wire.fields import fill
from app.tiger.wire.options import get_basics

Quotes = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class QuoteSource:
    """Where quotes of a type come from: the wire method, its question about some names, the quotes by name.

    The question has its names in ``symbols``, by which questions of several requests are put together.
    """

    method: str
    ask: Callable[[Sequence[str]], BaseParams]
    decode: Callable[[Any], Quotes]


class OptionBriefParams(OptionContractsParams):  # type: ignore[misc]
    """Ask about options by their identifiers, and describe them as ``option_brief`` wants it."""

    def to_openapi_dict(self) -> dict[str, Any]:
        """Return the content of the request."""
        described: dict[str, Any] = get_basics([get_instrument(name) for name in self.symbols]).to_openapi_dict()
        return described


class FutureCodesParams(FutureQuoteParams):  # type: ignore[misc]
    """Ask about futures; the codes are its symbols."""

    @property
    def symbols(self) -> list[str] | None:
        """Return the codes."""
        codes: list[str] | None = self.contract_codes
        return codes

    @symbols.setter
    def symbols(self, codes: list[str]) -> None:
        self.contract_codes = codes


def _ask_listed(symbols: Sequence[str]) -> BaseParams:
    return fill(MultipleQuoteParams(), symbols=symbols)


def _ask_stocks(symbols: Sequence[str]) -> BaseParams:
    return fill(MultipleQuoteParams(), symbols=symbols, include_hour_trading=False)


def _ask_extended(symbols: Sequence[str]) -> BaseParams:
    return fill(MultipleQuoteParams(), symbols=symbols, include_hour_trading=True)


def _ask_coins(symbols: Sequence[str]) -> BaseParams:
    return fill(MultipleQuoteParams(), symbols=symbols, sec_type=COIN)


_WARRANTS: Final = QuoteSource(WARRANT_REAL_TIME_QUOTE, _ask_listed, quote_rows.get_warrant_quotes)
EXTENDED: Final = QuoteSource(QUOTE_REAL_TIME, _ask_extended, quote_rows.get_extended_quotes)
"""Stocks with what they are traded at outside of the regular session: the same call, a little longer."""
SOURCES: Final[Mapping[str, QuoteSource]] = {
    STOCK: QuoteSource(QUOTE_REAL_TIME, _ask_stocks, quote_rows.get_quotes),
    OPTION_TYPE: QuoteSource(
        OPTION_BRIEF, lambda names: fill(OptionBriefParams(), symbols=names), quote_rows.get_option_quotes
    ),
    FUTURE: QuoteSource(
        FUTURE_REAL_TIME_QUOTE, lambda codes: fill(FutureCodesParams(), symbols=codes), quote_rows.get_future_quotes
    ),
    "WAR": _WARRANTS,
    "IOPT": _WARRANTS,
    "FUND": QuoteSource(FUND_QUOTE, _ask_listed, quote_rows.get_fund_quotes),
    COIN: QuoteSource(QUOTE_REAL_TIME, _ask_coins, quote_rows.get_coin_quotes),
}
