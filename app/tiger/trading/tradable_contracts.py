"""What an order must name about its instrument, asked for once in ``cache.contract_seconds``."""

from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final

from tigeropen.common.consts import OPEN_API_SERVICE_VERSION_V3
from tigeropen.common.consts.service_types import CONTRACT
from tigeropen.trade.request.model import ContractParams

from app.errors import SymbolNotFound, TigerError
from app.tiger.deadline import Deadline
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import get_market, get_symbol
from app.tiger.wire.fields import fill
from app.tiger.wire.values import decimal, rows, text, truth

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

    ``supports_fractions`` and ``lot_size`` are None, and ``price_steps`` empty, where Tiger does not say.
    """

    symbol: str
    sec_type: str
    market: str
    currency: str
    exchange: str | None
    supports_fractions: bool | None
    lot_size: Decimal | None = None
    price_steps: tuple[PriceStep, ...] = ()


def get_kept_contract(session: Session, symbol: str) -> TradableContract | None:
    """Return the contract that an order of this symbol would use without asking Tiger, or None."""
    contract: TradableContract | None = session.get_kept(CONTRACT_KIND, _get_key(get_symbol(symbol)))
    return contract


def fetch_tradable_contract(session: Session, symbol: str, deadline: Deadline) -> TradableContract:
    """Return what an order of this stock must name, as kept or by one call.

    The call is the order's own: it never waits for a read of the same contract, which pays from another share.

    Raises:
        SymbolNotFound: Tiger knows no such stock.
        TigerError: The answer cannot be read, or does not say the currency, which is never assumed.
    """
    symbol = get_symbol(symbol)
    params = get_contract_params(session, "STK")
    params.version = OPEN_API_SERVICE_VERSION_V3
    params.symbol = symbol
    contract: TradableContract = session.read(
        CONTRACT, params, deadline, decode=partial(get_contract, symbol), kind=CONTRACT_KIND, key=_get_key(symbol)
    )
    return contract


def _get_key(symbol: str) -> tuple[Hashable, ...]:
    return ("tradable", symbol)


def get_contract(symbol: str, data: Any) -> TradableContract:
    """Return the contract that an answer describes; raises as ``fetch_tradable_contract`` does."""
    if data in (None, "", {}, [], {"items": []}):
        raise SymbolNotFound(f"Tiger knows no stock {symbol}.")
    item = next((item for item in rows(data) if text(item.get("symbol")) == symbol), None)
    if item is None:
        # Neither the stock nor its absence: it may exist all the same.
        raise TigerError(f"Tiger's answer about {symbol} cannot be read.")
    currency = text(item.get("currency"))
    if currency is None:
        raise TigerError(f"Tiger does not say in which currency {symbol} trades.")
    return TradableContract(
        symbol=symbol,
        sec_type=text(item.get("secType")) or "STK",
        market=text(item.get("market")) or get_market(symbol),
        currency=currency,
        exchange=text(item.get("exchange")),
        supports_fractions=truth(item.get("supportFractionalShare")),
        lot_size=decimal(item.get("lotSize")),
        price_steps=get_price_steps(item.get("tickSizes")),
    )


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
