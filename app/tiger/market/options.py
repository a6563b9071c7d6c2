"""Fetch option expirations and chains (wire methods ``option_expiration`` and ``option_chain`` 3.0)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

from tigeropen.common.consts.service_types import OPTION_CHAIN, OPTION_EXPIRATION
from tigeropen.quote.request.model import (
    OptionChainParams,
    OptionContractsParams,
    SingleContractParams,
)

from app.tiger.option_codes import fetch_underlying
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES, get_market, get_symbol
from app.tiger.wire import values
from app.tiger.wire.fields import fill, get_decoder

CHAIN: Final = Kind("chain", lambda seconds: seconds.chain_seconds)
CHAIN_VERSION: Final = "3.0"

_decode_leg: Final = get_decoder(
    (values.text, "identifier"),
    (values.number, "strike bid_price"),
    (values.whole, "bid_size"),
    (values.number, "ask_price"),
    (values.whole, "ask_size"),
    (values.price, "latest_price pre_close"),
    (values.whole, "volume open_interest"),
    (values.figure, "multiplier"),
    (values.number, "implied_vol delta gamma theta vega rho"),
    (values.milliseconds, "timestamp=lastTimestamp"),
)


def fetch_option_chain(session: Session, symbol: str, expiry: date | None = None) -> dict[str, Any]:
    """Return the expirations of an underlying as "YYYYMMDD", and with ``expiry`` its chain, both sides by strike.

    ``expiry`` is a date of the underlying's exchange. Hong Kong underlyings may be written as the stock ("00700") or
    as Tiger's option code ("TCH.HK"). Greeks are those of the last close, None where Tiger has none.
    """
    symbol = get_symbol(symbol)
    deadline = session.read_deadline()
    market = get_market(symbol)
    underlying = fetch_underlying(session, symbol, deadline)
    params = fill(OptionContractsParams(), symbols=[underlying], market=market)
    expirations: dict[date, int | None] = session.read(
        OPTION_EXPIRATION, params, deadline, decode=get_expirations, kind=CHAIN
    )
    result: dict[str, Any] = {"symbol": symbol, "expirations": sorted(f"{day:%Y%m%d}" for day in expirations)}
    if expiry is not None:
        midnight = datetime.combine(expiry, time(), MARKET_ZONES[market])
        moment = expirations.get(expiry) or int(midnight.timestamp() * 1000)
        legs: dict[str, list[dict[str, Any]]] = session.read(
            OPTION_CHAIN, _get_chain_params(underlying, market, moment), deadline, decode=get_chain, kind=CHAIN
        )
        result["chain"] = {"expiry": f"{expiry:%Y%m%d}", "total": sum(map(len, legs.values())), **legs}
    return result


def get_expirations(data: Any) -> dict[date, int | None]:
    """Return the expiration dates with the moment by which Tiger names each, epoch milliseconds."""
    expirations: dict[date, int | None] = {}
    for row in values.rows(data):
        dates, moments = row.get("dates"), row.get("timestamps")
        if not isinstance(dates, list):
            continue
        known = moments if isinstance(moments, list) and len(moments) == len(dates) else [None] * len(dates)
        for written, moment in zip(dates, known, strict=True):
            if day := _day(written):
                expirations[day] = values.milliseconds(moment)
    return expirations


def _get_chain_params(underlying: str, market: str, moment: int) -> OptionChainParams:
    contracts = [fill(SingleContractParams(), symbol=underlying, expiry=moment)]
    chosen = {"contracts": contracts, "market": market, "return_greek_value": True, "version": CHAIN_VERSION}
    return fill(OptionChainParams(), **chosen)


def get_chain(data: Any) -> dict[str, list[dict[str, Any]]]:
    """Return both sides of a chain."""
    pairs = [pair for row in values.rows(data) for pair in values.rows(row.get("items"))]
    return {"calls": get_legs(pairs, "call"), "puts": get_legs(pairs, "put")}


def get_legs(pairs: Sequence[Mapping[str, Any]], right: str) -> list[dict[str, Any]]:
    """Return one side of a chain ("call" or "put") as flat legs by strike; Tiger writes strikes as text."""
    legs = [_leg(leg) for pair in pairs if (leg := values.mapping(pair.get(right)))]
    return sorted(legs, key=lambda leg: (leg["strike"] is None, leg["strike"] or 0))


def _leg(leg: Mapping[str, Any]) -> dict[str, Any]:
    bid, ask = (values.side(leg.get(f"{way}Price"), leg.get(f"{way}Size")) for way in ("bid", "ask"))
    return {**_decode_leg(leg), "bid_price": bid, "ask_price": ask}


def _day(written: Any) -> date | None:
    try:
        return date.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
