"""Tell what a request is about, from its parameters."""

import json
from typing import Any

from tigeropen.common.model import BaseParams
from tigeropen.quote.request.model import FutureQuoteParams

from app.tiger.instrument import TOLD_BY_SYMBOL
from app.tiger.symbols import CONTINUOUS, FUND, get_market


def get_key(params: BaseParams | None) -> str:
    """Return what a request asks for, alike for requests that ask the same."""
    if params is None:
        return ""
    content = params.to_openapi_dict()
    return json.dumps([content, getattr(params, "version", None)], sort_keys=True, default=str)


def get_asked_market(params: BaseParams | None) -> str | None:
    """Return the market that a request is about ("HK and US" where it is about several), as far as it says."""
    market = getattr(params, "market", None)
    if isinstance(market, str) and market != "ALL":
        return market
    # Orders carry their symbol in a contract.
    subject = getattr(params, "contract", None) or params
    if getattr(subject, "sec_type", None) not in {None, *TOLD_BY_SYMBOL} or isinstance(subject, FutureQuoteParams):
        return None
    symbols = _get_symbols(subject)
    if any(symbol.endswith(CONTINUOUS) or FUND.fullmatch(symbol) for symbol in symbols):
        return None
    return " and ".join(sorted({get_market(symbol) for symbol in symbols})) or None


def _get_symbols(subject: Any) -> list[str]:
    named = getattr(subject, "symbols", None) or [getattr(subject, "symbol", None)]
    return [symbol for symbol in named if isinstance(symbol, str)] if isinstance(named, list) else []
