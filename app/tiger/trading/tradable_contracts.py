"""What an order must name about its instrument, asked for once in ``cache.contract_seconds``."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any, Final

from tigeropen.common.consts import OPEN_API_SERVICE_VERSION_V3
from tigeropen.common.consts.service_types import CONTRACT, WARRANT_REAL_TIME_QUOTE
from tigeropen.quote.request.model import MultipleQuoteParams
from tigeropen.trade.request.model import ContractParams

from app.errors import GatewayError, InvalidRequest, SymbolNotFound, TigerError
from app.tiger.deadline import Deadline
from app.tiger.instrument import COIN, FUTURE, OPTION_TYPE, STOCK, Instrument
from app.tiger.order_kinds import COMBINATION
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import FUND, MARKET_ZONES, get_market, get_pair
from app.tiger.wire.dates import get_day
from app.tiger.wire.fields import fill
from app.tiger.wire.values import decimal, identifier, rows, text, truth

WARRANT_TYPES: Final = frozenset({"WAR", "IOPT"})
DESCRIBED_TYPES: Final = frozenset({OPTION_TYPE, *WARRANT_TYPES})
"""Types whose orders name expiry, strike, side and multiplier [SDK: contract_utils]; a future's name its code alone."""
WHOLE_TYPES: Final = frozenset({OPTION_TYPE, FUTURE, *WARRANT_TYPES})
"""Types of which nobody trades a fraction."""
CONTRACT_KIND: Final = Kind("contract", lambda seconds: seconds.contract_seconds, scope="account")


@dataclass(frozen=True, slots=True)
class PriceStep:
    """From ``begin`` to ``end`` (None: without end) prices move by ``size``."""

    begin: Decimal
    end: Decimal | None
    size: Decimal


@dataclass(frozen=True, slots=True)
class TradableContract:
    """What an order must name about its instrument; ``exchange`` only where Tiger wants one named.

    ``supports_fractions`` and ``lot_size`` are None, and ``price_steps`` empty, where Tiger does not say. From
    ``expiry`` (YYYYMMDD) to ``local_symbol`` it is of derivatives. ``factor`` is the multiplier as Tiger tells it of
    any instrument, also where orders do not name it.
    """

    symbol: str
    sec_type: str
    market: str
    currency: str
    exchange: str | None
    supports_fractions: bool | None
    lot_size: Decimal | None = None
    price_steps: tuple[PriceStep, ...] = ()
    expiry: str | None = None
    strike: Decimal | None = None
    put_call: str | None = None
    multiplier: Decimal | None = None
    local_symbol: str | None = None
    factor: Decimal | None = None

    @property
    def name(self) -> str:
        """Return how a client is told of it."""
        if self.sec_type != OPTION_TYPE or self.strike is None:
            return self.symbol
        return f"{self.symbol} {self.expiry} {self.strike.normalize():f} {self.put_call}"


def get_combination(symbol: str) -> TradableContract:
    """Return what an order of a combination of options of this underlying must name: nothing but its legs."""
    return TradableContract(symbol, COMBINATION, get_market(symbol), "", None, supports_fractions=False)


def get_kept_contract(session: Session, instrument: Instrument) -> TradableContract | None:
    """Return the contract that an order of this instrument would use without asking Tiger, or None."""
    if instrument.sec_type == COMBINATION:
        return get_combination(instrument.symbol)
    contract: TradableContract | None = session.get_kept(CONTRACT_KIND, _get_key(instrument))
    return contract


def fetch_tradable_contract(session: Session, instrument: Instrument, deadline: Deadline) -> TradableContract:
    """Return what an order of this instrument must name, as kept or by one call.

    The call is the order's own: it never waits for a read of the same contract, which pays from another share.

    Raises:
        SymbolNotFound: Tiger knows no such instrument.
        TigerError: The answer cannot be read, or does not say the currency, which is never assumed.
    """
    if instrument.sec_type == COMBINATION:
        return get_combination(instrument.symbol)
    try:
        return _fetch(session, instrument, {}, deadline)
    except (InvalidRequest, SymbolNotFound):
        otherwise = OTHERWISE.get(instrument.sec_type)
        contract = otherwise(session, instrument, deadline) if otherwise else None
        if contract is None:
            raise
        return contract


def _fetch_warrant(session: Session, instrument: Instrument, deadline: Deadline) -> TradableContract | None:
    """Return a warrant by its terms, which its quote tells: Java's SDK asks for it by those alone, others by its code.

    Where Tiger tells of it neither way, what an order must name is that of the quote.
    """
    asked = fill(MultipleQuoteParams(), symbols=[instrument.symbol])
    try:
        told = session.read(WARRANT_REAL_TIME_QUOTE, asked, deadline, decode=_get_terms, is_alone=True)
    except GatewayError:
        # What Tiger says of the contract is what matters.
        return None
    terms = told.get(instrument.symbol, {})
    expiry, strike, put_call = (terms.get(name) for name in ("expiry", "strike", "put_call"))
    if expiry is None or strike is None or put_call is None:
        return None
    try:
        return _fetch(session, instrument, {"expiry": expiry, "strike": float(strike), "right": put_call}, deadline)
    except (InvalidRequest, SymbolNotFound):
        if terms["currency"] is None or terms["multiplier"] is None:
            return None
    market = terms.pop("market") or get_market(instrument.symbol)
    return TradableContract(
        instrument.symbol, instrument.sec_type, market, exchange=None, supports_fractions=False, **terms
    )


def _get_terms(data: Any) -> dict[str, dict[str, Any]]:
    """Return by the code what the quotes of warrants tell of what is quoted [Java SDK: WarrantQuote]."""
    found = {}
    for row in rows(data):
        right, day = text(row.get("right")), get_day(row.get("expiry"), MARKET_ZONES["HK"])
        found[text(row.get("symbol")) or ""] = {
            "market": text(row.get("market")),
            "currency": text(row.get("currency")),
            "expiry": None if day is None else f"{day:%Y%m%d}",
            "strike": decimal(row.get("strike")),
            "put_call": right and right.upper(),
            "multiplier": decimal(row.get("multiplier")),
        }
    return found


def _build_fund(_session: Session, instrument: Instrument, _deadline: Deadline) -> TradableContract | None:
    """Return a fund as the SDKs build it, from its code, which ends in the currency: no page tells of a lookup."""
    symbol = instrument.symbol
    if FUND.fullmatch(symbol) is None:
        return None
    currency = symbol.rpartition(".")[2]
    return TradableContract(symbol, instrument.sec_type, get_market(symbol), currency, None, supports_fractions=None)


OTHERWISE: Final = {**dict.fromkeys(WARRANT_TYPES, _fetch_warrant), "FUND": _build_fund}
"""How the contract of a type is had where Tiger does not tell it by the code alone."""


def _fetch(session: Session, instrument: Instrument, terms: Mapping[str, Any], deadline: Deadline) -> TradableContract:
    params = get_contract_params(session, instrument.sec_type)
    params.version = OPEN_API_SERVICE_VERSION_V3
    params.symbol = instrument.symbol
    params.expiry = terms.get("expiry", instrument.expiry_text)
    params.strike = terms.get("strike", None if instrument.strike is None else float(instrument.strike))
    params.right = terms.get("right", instrument.put_call)
    contract: TradableContract = session.read(
        CONTRACT,
        params,
        deadline,
        decode=partial(get_contract, instrument),
        kind=CONTRACT_KIND,
        key=_get_key(instrument),
    )
    return contract


def _get_key(instrument: Instrument) -> tuple[Hashable, ...]:
    key = ("tradable", instrument.symbol)
    return key if instrument.sec_type == STOCK else (*key, instrument.sec_type, instrument.identifier)


def get_contract(instrument: Instrument, data: Any) -> TradableContract:
    """Return the contract that an answer describes; raises as ``fetch_tradable_contract`` does."""
    kind = "stock" if instrument.sec_type == STOCK else f"{instrument.sec_type} contract"
    name = instrument.identifier
    if data in (None, "", {}, [], {"items": []}):
        raise SymbolNotFound(f"Tiger knows no {kind} {name}.")
    item = next((item for item in rows(data) if _describes(item, instrument)), None)
    if item is None:
        # Neither the contract nor its absence: it may exist all the same.
        raise TigerError(f"Tiger's answer about {name} cannot be read.")
    currency = text(item.get("currency"))
    if currency is None:
        raise TigerError(f"Tiger does not say in which currency {name} trades.")
    is_whole = instrument.sec_type in WHOLE_TYPES
    contract = TradableContract(
        # A coin is ordered as Tiger writes it here.
        symbol=(instrument.sec_type == COIN and text(item.get("symbol"))) or instrument.symbol,
        sec_type=text(item.get("secType")) or instrument.sec_type,
        market=text(item.get("market")) or get_market(instrument.symbol),
        currency=currency,
        exchange=text(item.get("exchange")),
        supports_fractions=False if is_whole else truth(item.get("supportFractionalShare")),
        lot_size=decimal(item.get("lotSize")),
        price_steps=get_price_steps(item.get("tickSizes")) or _get_only_step(item),
        factor=decimal(item.get("multiplier")),
    )
    return contract if instrument.sec_type not in DESCRIBED_TYPES else _describe(contract, instrument, item)


def _describes(item: Mapping[str, Any], instrument: Instrument) -> bool:
    """Return whether a row is about an instrument: by its symbol, or what is no stock by any of its names and terms."""
    is_stock = instrument.sec_type == STOCK
    names = {text(item.get(name)) for name in (("symbol",) if is_stock else ("symbol", "identifier", "localSymbol"))}
    if instrument.sec_type == COIN:
        names = {name and get_pair(name) for name in names}
    name = get_pair(instrument.symbol) if instrument.sec_type == COIN else instrument.symbol
    if name not in names or text(item.get("secType")) not in (None, instrument.sec_type):
        return False
    right = text(item.get("right")) or text(item.get("putCall"))
    told = (identifier(item.get("expiry")), decimal(item.get("strike")), right and right.upper())
    asked = (instrument.expiry_text, instrument.strike, instrument.put_call)
    return all(wanted is None or shown in (None, wanted) for shown, wanted in zip(told, asked, strict=True))


def _describe(contract: TradableContract, instrument: Instrument, item: Mapping[str, Any]) -> TradableContract:
    """Return a contract with what an order of its kind names besides the symbol [SDK: contract_utils]."""
    right = text(item.get("right")) or text(item.get("putCall"))
    is_warrant = instrument.sec_type in WARRANT_TYPES
    return replace(
        contract,
        expiry=instrument.expiry_text or identifier(item.get("expiry")),
        strike=instrument.strike or decimal(item.get("strike")),
        put_call=instrument.put_call or (right and right.upper()),
        multiplier=decimal(item.get("multiplier")),
        local_symbol=text(item.get("localSymbol")) if is_warrant else None,
    )


def _get_only_step(item: Mapping[str, Any]) -> tuple[PriceStep, ...]:
    """Return the one step by which the price of a future moves, wherever it is."""
    size = decimal(item.get("minTick"))
    return () if size is None or size <= 0 else (PriceStep(Decimal(0), None, size),)


def get_price_steps(sent: Any) -> tuple[PriceStep, ...]:
    """Return the price steps exactly; one that cannot be read is left out, and its prices are not checked."""
    steps = []
    for step in rows(sent):
        begin, end, size = (decimal(step.get(name)) for name in ("begin", "end", "tickSize"))
        is_endless = end is None and str(step.get("end")).strip() in {"Infinity", "None"}
        if begin is not None and size is not None and size > 0 and (end is not None or is_endless):
            steps.append(PriceStep(begin, end, size))
    return tuple(steps)


def get_contract_params(session: Session, sec_type: str) -> ContractParams:
    """Return the start of a request for a contract of this account."""
    return fill(ContractParams(), account=session.account.account, sec_type=sec_type)
