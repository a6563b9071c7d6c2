"""What an order must name about its instrument, asked for once in some hours."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from weakref import WeakKeyDictionary

from tigeropen.common.consts import OPEN_API_SERVICE_VERSION_V3
from tigeropen.common.consts.service_types import CONTRACT
from tigeropen.trade.request.model import ContractParams

from app.errors import SymbolNotFound, TigerError
from app.tiger.deadline import Deadline
from app.tiger.links import Link
from app.tiger.sessions import Session
from app.tiger.symbols import get_market, get_symbol
from app.tiger.values import decimal, rows, text, truth

KEPT_CONTRACTS: Final = 4_096
KEPT_SECONDS: Final = 4 * 3_600.0


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


_Kept = OrderedDict[str, tuple[float, TradableContract | None]]
_NEVER: Final[tuple[float, TradableContract | None]] = (float("-inf"), None)
_NOTHING: Final[_Kept] = OrderedDict()


class ContractCache:
    """Keep the contracts of each account for some hours, a bounded number of them, for all threads."""

    def __init__(self, size: int = KEPT_CONTRACTS, seconds: float = KEPT_SECONDS) -> None:
        self._size = size
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: WeakKeyDictionary[Link, _Kept] = WeakKeyDictionary()

    def get(self, session: Session, symbol: str) -> TradableContract | None:
        """Return a contract that is young enough, or None."""
        with self._lock:
            kept_at, contract = self._kept.get(session.link, _NOTHING).get(symbol, _NEVER)
        return contract if time.monotonic() - kept_at < self._seconds else None

    def keep(self, session: Session, contract: TradableContract) -> None:
        """Remember a contract, and forget the oldest one where there are too many."""
        with self._lock:
            contracts = self._kept.setdefault(session.link, OrderedDict())
            contracts[contract.symbol] = (time.monotonic(), contract)
            contracts.move_to_end(contract.symbol)
            if len(contracts) > self._size:
                contracts.popitem(last=False)


_CACHE: Final = ContractCache()


def get_kept_contract(session: Session, symbol: str) -> TradableContract | None:
    """Return the contract that an order of this symbol would use without asking Tiger, or None."""
    return _CACHE.get(session, get_symbol(symbol))


def fetch_tradable_contract(session: Session, symbol: str, deadline: Deadline) -> TradableContract:
    """Return what an order of this stock must name, from the cache or by one call.

    Raises:
        SymbolNotFound: Tiger knows no such stock.
        TigerError: Tiger does not tell its currency, which is never assumed.
    """
    symbol = get_symbol(symbol)
    kept = _CACHE.get(session, symbol)
    if kept is not None:
        return kept
    params = get_contract_params(session, "STK")
    params.version = OPEN_API_SERVICE_VERSION_V3
    params.symbol = symbol
    items = rows(session.call(CONTRACT, params, deadline=deadline))
    item = next((item for item in items if text(item.get("symbol")) == symbol), None)
    if item is None:
        raise SymbolNotFound(f"Tiger knows no stock {symbol}.")
    currency = text(item.get("currency"))
    if currency is None:
        raise TigerError(f"Tiger does not tell in which currency {symbol} trades.")
    contract = TradableContract(
        symbol=symbol,
        sec_type=text(item.get("secType")) or "STK",
        market=text(item.get("market")) or get_market(symbol),
        currency=currency,
        exchange=text(item.get("exchange")),
        supports_fractions=truth(item.get("supportFractionalShare")),
        lot_size=decimal(item.get("lotSize")),
        price_steps=get_price_steps(item.get("tickSizes")),
    )
    _CACHE.keep(session, contract)
    return contract


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
    params = ContractParams()
    params.account = session.account.account
    params.sec_type = sec_type
    return params
