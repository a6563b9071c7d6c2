"""What can be traded: one record for every kind of contract, and the text that names it in the state file."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.simulator.market.currencies import DOLLARS_PER_UNIT
from app.simulator.trading.decimals import SHARE_GRAIN, ZERO

STOCK = "STK"
OPTION = "OPT"
FUTURE = "FUT"
WARRANT = "WAR"
BULL_BEAR = "IOPT"
FUND = "FUND"
COIN = "CC"
COMBINATION = "MLEG"
WARRANTS = frozenset({WARRANT, BULL_BEAR})
EXPIRING = frozenset({OPTION, WARRANT, BULL_BEAR})
"""Types whose contracts are told apart by expiry, strike and right."""
OPTION_SHARES = 100


@dataclass(frozen=True, slots=True)
class Contract:
    """Describe one thing that an order can trade; ``expiry`` is ``YYYYMMDD``, ``right`` CALL or PUT.

    ``grain`` is the smallest part that is traded where parts are, ``smallest_amount`` the least an order by amount
    may be for. ``booked`` is what a continuous future is held as. ``margins`` are a future's initial and maintenance
    margin as parts of its value. ``legs`` are those of a combination, whose price is that of one unit of all of them,
    told per share of the options in it.
    """

    sec_type: str
    symbol: str
    market: str
    currency: str
    exchange: str
    name: str
    identifier: str
    multiplier: int = 1
    lot_size: int = 1
    is_fractional: bool = False
    sells_odd_lots: bool = False
    is_shortable: bool = True
    expiry: str | None = None
    strike: Decimal | None = None
    right: str | None = None
    underlying: str | None = None
    expires_ms: int | None = None
    grain: Decimal = SHARE_GRAIN
    smallest_amount: Decimal = Decimal(1)
    contract_month: str = ""
    booked: "Contract | None" = None
    margins: tuple[Decimal, Decimal] | None = None
    legs: "tuple[Leg, ...]" = ()

    def has_expired(self, now_ms: int) -> bool:
        """Say whether trading in this contract is over for good."""
        return self.expires_ms is not None and now_ms >= self.expires_ms

    @property
    def key(self) -> str:
        """Return the text that names this contract in the state file."""
        if self.legs:
            return get_combination_key(self.legs)
        return get_key(self.sec_type, self.symbol, self.expiry, self.strike, self.right)

    @property
    def held_as(self) -> "Contract":
        """Return the contract that a position in this one is kept under."""
        return self.booked or self

    @property
    def segment(self) -> str:
        """Return the part of the account that pays for it: FUT for futures, else SEC."""
        return "FUT" if self.sec_type == FUTURE else "SEC"


@dataclass(frozen=True, slots=True)
class Leg:
    """Hold one leg of a combination: ``ratio`` units of a contract, bought or sold with each unit of the whole."""

    contract: Contract
    action: str
    ratio: int

    @property
    def sign(self) -> int:
        """Return 1 for a leg that is bought with the whole, -1 for one that is sold."""
        return 1 if self.action == "BUY" else -1

    @property
    def weight(self) -> Decimal:
        """Return the signed number of shares that one unit of the whole holds of the leg's underlying."""
        return Decimal(self.sign * self.ratio * self.contract.multiplier)


@dataclass(frozen=True, slots=True)
class Book:
    """Hold the top of the book; a side without an offer has no price."""

    bid: Decimal | None
    ask: Decimal | None
    bid_size: int
    ask_size: int
    latest: Decimal
    previous_close: Decimal


def get_key(sec_type: str, symbol: str, expiry: str | None, strike: Decimal | None, right: str | None) -> str:
    """Return the text that names a contract: its type and symbol, and what sets those apart that expire."""
    if sec_type not in EXPIRING:
        return f"{sec_type}|{symbol}"
    return f"{sec_type}|{symbol}|{expiry}|{(strike or ZERO).normalize():f}|{right}"


def get_combination_key(legs: tuple[Leg, ...]) -> str:
    """Return the text that names a combination by its legs."""
    return "~".join([COMBINATION, *(f"{leg.action}*{leg.ratio}*{leg.contract.key}" for leg in legs)])


def get_contract_fields(contract: Contract) -> dict[str, Any]:
    """Return what names a contract on the wire; the strike is a text there."""
    described: dict[str, Any] = {
        "symbol": contract.symbol,
        "market": contract.market,
        "secType": contract.sec_type,
        "currency": contract.currency,
        "identifier": contract.identifier,
    }
    if contract.strike is not None:
        described |= {
            "expiry": contract.expiry,
            "strike": f"{contract.strike.normalize():f}",
            "right": contract.right,
        }
    if contract.sec_type in {OPTION, FUTURE, *WARRANTS}:
        described["multiplier"] = contract.multiplier
    if contract.sec_type == FUTURE:
        described |= {"expiry": contract.expiry, "contractMonth": contract.contract_month}
    return described


def to_dollars(amount: Decimal, currency: str) -> Decimal:
    """Convert at the fixed rates."""
    return amount * DOLLARS_PER_UNIT[currency]
