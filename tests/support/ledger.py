"""A bookkeeping of its own: what an account must hold after the executions and charges that are told.

It knows nothing of how the simulator books: no cost basis, no settlement, no margin. A security is paid when it is
traded; what a future has gained is the difference of all prices, the latest included. Who reads a statement, from the
wire or from the gateway, is no matter here.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

RATES = {"USD": Decimal(1), "HKD": Decimal("0.128")}
CENT = Decimal("0.01")
FUTURE = "FUT"
NAMED_BY_THEIR_SYMBOL = frozenset({"STK", "FUND", "CC", FUTURE})
Key = tuple[str, str, str, str, str]


def exact(number: Any) -> Decimal:
    """Return a number as it was written."""
    return Decimal(str(number))


def get_key(sec_type: str, symbol: str, expiry: Any, strike: Any, put_call: Any) -> Key:
    """Return what tells a contract from all others."""
    if sec_type in NAMED_BY_THEIR_SYMBOL:
        return (sec_type, symbol, "", "", "")
    return (sec_type, symbol, str(expiry), "None" if strike is None else str(float(strike)), str(put_call))


@dataclass(frozen=True)
class Execution:
    """So much was bought or sold at a price; ``amount`` is what it came to, as it was told."""

    key: Key
    currency: str
    is_purchase: bool
    quantity: Decimal
    price: Decimal
    multiplier: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Charge:
    """What an order cost, and what it realised."""

    key: Key
    currency: str
    commission: Decimal
    realized: Decimal


@dataclass(frozen=True)
class Holding:
    """A position and its value, as they were told."""

    key: Key
    currency: str
    quantity: Decimal
    price: Decimal
    multiplier: Decimal
    value: Decimal


@dataclass(frozen=True)
class Segment:
    """The figures of one segment; ``cash`` by currency."""

    net: Decimal
    realized: Decimal
    unrealized: Decimal
    balance: Decimal
    cash: Mapping[str, Decimal]


@dataclass(frozen=True)
class Statement:
    """All that an account tells of itself at one moment."""

    securities: Segment
    futures: Segment
    holdings: Sequence[Holding]
    executions: Sequence[Execution] = ()
    charges: Sequence[Charge] = ()


class Ledger:
    """Hold an account's beginning, and reckon from there what it must be now."""

    def __init__(self, beginning: Statement) -> None:
        self.cash = dict(beginning.securities.cash)
        self.futures = beginning.futures.balance
        self.paid_in = beginning.securities.net - beginning.securities.unrealized
        self.quantities: dict[Key, Decimal] = defaultdict(Decimal)
        for held in beginning.holdings:
            self.quantities[held.key] += held.quantity

    def check(self, now: Statement) -> None:
        """Raise AssertionError where the account is not what its executions make of it."""
        cash, quantities, futures = dict(self.cash), defaultdict(Decimal, self.quantities), self.futures
        for fill in now.executions:
            amount = fill.quantity * fill.price * fill.multiplier
            assert abs(amount - abs(fill.amount)) < CENT / 100, fill
            sign = 1 if fill.is_purchase else -1
            quantities[fill.key] += sign * fill.quantity
            if is_future(fill):
                futures -= sign * amount
            else:
                cash[fill.currency] -= sign * amount
        for charge in now.charges:
            if is_future(charge):
                futures -= charge.commission
            else:
                cash[charge.currency] -= charge.commission

        assert {held.key: held.quantity for held in now.holdings} == {
            key: quantity for key, quantity in quantities.items() if quantity
        }
        for name, balance in now.securities.cash.items():
            assert abs(balance - cash[name]) < CENT, name
        self._check_worth(now, futures)
        realized = sum((c.realized * RATES[c.currency] for c in now.charges if not is_future(c)), Decimal())
        assert abs(realized - now.securities.realized) < CENT

    def _check_worth(self, now: Statement, futures: Decimal) -> None:
        worth = Decimal()
        for held in now.holdings:
            value = held.price * held.quantity * held.multiplier
            assert abs(value - held.value) < CENT, held
            if is_future(held):
                futures += value
            else:
                worth += value * RATES[held.currency]
        cash = sum((balance * RATES[name] for name, balance in now.securities.cash.items()), Decimal())
        assert abs(now.securities.net - cash - worth) < CENT
        gained = now.securities.realized + now.securities.unrealized
        assert abs(now.securities.net - self.paid_in - gained) < CENT
        assert abs(now.futures.net - futures) < CENT
        gained = now.futures.realized + now.futures.unrealized
        assert abs(now.futures.net - self.futures - gained) < CENT


def is_future(item: Execution | Charge | Holding) -> bool:
    """Tell whether something is about a future, which has a segment of its own."""
    return item.key[0] == FUTURE
