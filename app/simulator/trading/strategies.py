"""The strategies that combinations are ordered by: what their legs have to be."""

from collections.abc import Callable

from app.simulator.trading.contracts import OPTION, STOCK, Contract, Leg

LEGS = range(2, 5)


def _has(legs: tuple[Leg, Leg], **same: bool) -> bool:
    """Say whether expiry, strike and right of two options are the same, or not, as is asked."""
    first, second = (leg.contract for leg in legs)
    return first.sec_type == second.sec_type == OPTION and all(
        (getattr(first, name) == getattr(second, name)) is wanted for name, wanted in same.items()
    )


def _is_opposed(legs: tuple[Leg, Leg]) -> bool:
    return legs[0].action != legs[1].action


def _is_stock_with(legs: tuple[Leg, Leg], right: str, action: str) -> bool:
    """Say whether one leg buys the stock and the other buys, or sells, options of it."""
    stock, option = sorted(legs, key=lambda leg: leg.contract.sec_type == OPTION)
    return (
        (stock.contract.sec_type, option.contract.sec_type) == (STOCK, OPTION)
        and stock.action == "BUY"
        and (option.contract.right, option.action) == (right, action)
    )


PAIRS: dict[str, Callable[[tuple[Leg, Leg]], bool]] = {
    "COVERED": lambda legs: _is_stock_with(legs, "CALL", "SELL"),
    "PROTECTIVE": lambda legs: _is_stock_with(legs, "PUT", "BUY"),
    "VERTICAL": lambda legs: _is_opposed(legs) and _has(legs, expiry=True, right=True, strike=False),
    "STRADDLE": lambda legs: not _is_opposed(legs) and _has(legs, expiry=True, right=False, strike=True),
    "STRANGLE": lambda legs: not _is_opposed(legs) and _has(legs, expiry=True, right=False, strike=False),
    "CALENDAR": lambda legs: _is_opposed(legs) and _has(legs, expiry=False, right=True, strike=True),
    "DIAGONAL": lambda legs: _is_opposed(legs) and _has(legs, expiry=False, right=True, strike=False),
    "SYNTHETIC": lambda legs: _is_opposed(legs) and _has(legs, expiry=True, right=False, strike=True),
}
"""The strategies of two legs; CUSTOM is what they are not."""
STRATEGIES = (*PAIRS, "CUSTOM")


def is_strategy(strategy: str, legs: tuple[Leg, ...]) -> bool:
    """Say whether legs are what a strategy is made of."""
    if len(legs) not in LEGS or not _belongs_together(tuple(leg.contract for leg in legs)):
        return False
    if strategy == "CUSTOM":
        return True
    return len(legs) == LEGS[0] and PAIRS[strategy]((legs[0], legs[1]))


def _belongs_together(contracts: tuple[Contract, ...]) -> bool:
    """Say whether contracts are options of one stock, each once, and perhaps the stock itself."""
    names = {contract.underlying or contract.symbol for contract in contracts}
    types = {contract.sec_type for contract in contracts}
    return (
        len(names) == 1
        and types <= {STOCK, OPTION}
        and OPTION in types
        and len({contract.key for contract in contracts}) == len(contracts)
    )
