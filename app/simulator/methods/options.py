"""Wire methods for options: option_expiration, option_chain, option_brief, all_hk_option_symbols."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.simulator.market.exchange import Exchange
from app.simulator.market.expirations import HK_CLASSES, is_optionable
from app.simulator.market.listings import LISTINGS
from app.simulator.market.options import OptionContract, OptionQuote, Options
from app.simulator.market.valuation import RATE
from app.simulator.methods.option_requests import MOST_CONTRACTS, OptionReader, read_basics, strike_text
from app.simulator.methods.requests import fields_of, language_of, read_symbols, refused
from app.simulator.wire import Handler, WireRequest

_GREEKS = ("delta", "gamma", "theta", "vega", "rho")


class OptionMethods:
    """Answer the methods for options; what is not listed is left out of the answer."""

    def __init__(self, exchange: Exchange, options: Options) -> None:
        self._exchange = exchange
        self._options = options
        self._reader = OptionReader(exchange, options)

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "option_expiration": self.option_expiration,
            "option_chain": self.option_chain,
            "option_brief": self.option_brief,
            "all_hk_option_symbols": self.all_hk_option_symbols,
        }

    def option_expiration(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer the dates on which options of each symbol expire."""
        answer = []
        for symbol in read_symbols(fields_of(request), MOST_CONTRACTS):
            listed = self._options.expirations(symbol, request.now_ms)
            if not listed:
                continue
            answer.append(
                {
                    "symbol": symbol,
                    "optionSymbols": [HK_CLASSES.get(symbol, symbol)] * len(listed),
                    "dates": [expiration.on.isoformat() for expiration in listed],
                    "timestamps": [expiration.at_ms for expiration in listed],
                    "periodTags": [expiration.tag for expiration in listed],
                    "count": len(listed),
                }
            )
        return answer

    def option_chain(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer all strikes of each class and expiry; greeks unless they are declined."""
        biz = fields_of(request)
        with_greeks = biz.get("return_greek_value") is not False
        wanted = _read_filter(biz)
        answer = []
        for basic in read_basics(biz.get("option_basic")):
            contracts = self._options.contracts(*self._reader.class_and_expiry(basic), request.now_ms)
            rows: dict[Decimal, dict[str, Any]] = {}
            for contract in contracts:
                quote = self._options.quote(contract, request.now_ms)
                if wanted.admits(contract, quote, self._spot(contract, request)):
                    row = _chain_row(contract, quote, with_greeks)
                    rows.setdefault(contract.strike, {})[contract.right.lower()] = row
            if rows:
                first = contracts[0]
                answer.append({"symbol": first.symbol, "expiry": first.expiry_ms, "items": list(rows.values())})
        return answer

    def option_brief(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer quotes of single options."""
        answer = []
        for basic in read_basics(fields_of(request).get("option_basic")):
            contract = self._reader.contract(basic)
            if contract is not None:
                answer.append(_brief_row(contract, self._options.quote(contract, request.now_ms), request.now_ms))
        return answer

    def all_hk_option_symbols(self, request: WireRequest) -> list[dict[str, str]]:
        """Answer the option classes of Hong Kong with their underlyings."""
        language = language_of(request)
        return [
            {
                "symbol": HK_CLASSES[instrument.symbol],
                "name": instrument.name_in(language),
                "underlyingSymbol": instrument.symbol,
            }
            for instrument in LISTINGS.values()
            if instrument.market == "HK" and is_optionable(instrument)
        ]

    def _spot(self, contract: OptionContract, request: WireRequest) -> float:
        return self._exchange.quote(contract.underlying, request.now_ms).latest


class _Filter:
    """Decide which options of a chain were asked for; an option without a figure fails a bound on it."""

    def __init__(self, bounds: dict[str, tuple[float | None, float | None]], in_the_money: bool | None) -> None:
        self._bounds = bounds
        self._in_the_money = in_the_money

    def admits(self, contract: OptionContract, quote: OptionQuote, spot: float) -> bool:
        """Say whether an option passes every bound."""
        if self._in_the_money is not None:
            inside = contract.strike < spot if contract.right == "CALL" else contract.strike > spot
            if inside is not self._in_the_money:
                return False
        return all(_within(_figure(quote, name), low, high) for name, (low, high) in self._bounds.items())


def _within(figure: float | None, low: float | None, high: float | None) -> bool:
    return figure is not None and (low is None or figure >= low) and (high is None or figure <= high)


def _figure(quote: OptionQuote, name: str) -> float | None:
    if name == "open_interest":
        return quote.open_interest
    if quote.value is None:
        return None
    return quote.implied_volatility if name == "implied_volatility" else float(getattr(quote.value, name))


def _read_filter(biz: dict[str, Any]) -> _Filter:
    """Read ``option_filter``: ranges whose missing or null ends are open; null ranges ask for nothing."""
    asked = biz.get("option_filter") or {}
    if not isinstance(asked, dict):
        raise refused("option_filter must be an object")
    greeks = asked.get("greeks") or {}
    ranges = {name: greeks.get(name) for name in _GREEKS}
    ranges |= {name: asked.get(name) for name in ("implied_volatility", "open_interest")}
    bounds = {}
    for name, bound in ranges.items():
        low, high = (bound.get("min"), bound.get("max")) if isinstance(bound, dict) else (None, None)
        if any(end is not None and not isinstance(end, int | float) for end in (low, high)):
            raise refused(f"the range of '{name}' must be numbers")
        if low is not None or high is not None:
            bounds[name] = (low, high)
    in_the_money = asked.get("in_the_money")
    return _Filter(bounds, in_the_money if isinstance(in_the_money, bool) else None)


def _sides(quote: OptionQuote) -> dict[str, Any]:
    """Return ask and bid; a side that nobody offers is 0.0 with size 0, as in Tiger's answers."""
    has_bid = quote.bid is not None
    return {
        "askPrice": quote.ask,
        "askSize": quote.ask_size,
        "bidPrice": quote.bid if has_bid else 0.0,
        "bidSize": quote.bid_size if has_bid else 0,
    }


def _chain_row(contract: OptionContract, quote: OptionQuote, with_greeks: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "identifier": contract.identifier,
        "strike": strike_text(contract.strike),
        "right": contract.right.lower(),
        **_sides(quote),
        "volume": quote.volume,
        # What nobody holds has never been traded.
        "latestPrice": quote.latest if quote.open_interest else 0.0,
        "preClose": quote.pre_close,
        "openInterest": quote.open_interest,
        "multiplier": contract.multiplier,
        "lastTimestamp": quote.latest_ms,
    }
    value = quote.value
    if with_greeks and value is not None:
        row |= {
            "impliedVol": round(quote.implied_volatility, 6),
            "delta": round(value.delta, 6),
            "gamma": round(value.gamma, 6),
            "theta": round(value.theta, 6),
            "vega": round(value.vega, 6),
            "rho": round(value.rho, 6),
        }
    return row


def _brief_row(contract: OptionContract, quote: OptionQuote, now_ms: int) -> dict[str, Any]:
    middle = round(((quote.bid or 0.0) + quote.ask) / 2, 4)
    row: dict[str, Any] = {
        "symbol": contract.symbol,
        "identifier": contract.identifier,
        "strike": strike_text(contract.strike),
        "right": contract.right.lower(),
        "expiry": contract.expiry_ms,
        **_sides(quote),
        "latestPrice": quote.latest,
        "timestamp": quote.latest_ms,
        "volume": quote.volume,
        "open": quote.open,
        "high": quote.high,
        "low": quote.low,
        "preClose": quote.pre_close,
        "openInterest": quote.open_interest,
        "change": round(quote.latest - quote.pre_close, 4),
        "multiplier": contract.multiplier,
        "ratesBonds": RATE,
        "volatility": f"{quote.implied_volatility:.2%}",
        "midPrice": middle,
        "midTimestamp": now_ms,
        "markPrice": middle,
        "markTimestamp": now_ms,
        "preMarkPrice": quote.pre_close,
        "sellingReturn": round(middle / float(contract.strike), 6),
    }
    return row
