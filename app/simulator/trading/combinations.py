"""Combinations of legs: what they are made of, and the book that the books of their legs make."""

from collections.abc import Callable
from decimal import Decimal

from app.simulator.trading.contracts import COMBINATION, OPTION, Book, Contract, Leg
from app.simulator.trading.decimals import ZERO


def combine(legs: tuple[Leg, ...]) -> Contract:
    """Return the combination of some legs; it ends with the first of them."""
    first = next((leg.contract for leg in legs if leg.contract.sec_type == OPTION), legs[0].contract)
    ends = [leg.contract.expires_ms for leg in legs if leg.contract.expires_ms is not None]
    return Contract(
        sec_type=COMBINATION,
        symbol=first.symbol,
        market=first.market,
        currency=first.currency,
        exchange=first.exchange,
        name=f"{first.symbol} {'/'.join(_name(leg) for leg in legs)}",
        identifier=first.symbol,
        multiplier=first.multiplier,
        underlying=first.underlying,
        expires_ms=min(ends, default=None),
        legs=legs,
    )


def get_combined_book(contract: Contract, get_book: Callable[[Contract], Book]) -> Book:
    """Return the book of a combination per share of its options: bought at the ask of what it buys and so on."""
    books = [(leg, get_book(leg.contract)) for leg in contract.legs]

    def total(prices: list[Decimal | None]) -> Decimal | None:
        found = [price for price in prices if price is not None]
        if len(found) < len(prices):
            return None
        weighted = (leg.weight * price for (leg, _), price in zip(books, found, strict=True))
        return sum(weighted, ZERO) / contract.multiplier

    return Book(
        bid=total([book.bid if leg.sign > 0 else book.ask for leg, book in books]),
        ask=total([book.ask if leg.sign > 0 else book.bid for leg, book in books]),
        bid_size=min((book.bid_size if leg.sign > 0 else book.ask_size) // leg.ratio for leg, book in books),
        ask_size=min((book.ask_size if leg.sign > 0 else book.bid_size) // leg.ratio for leg, book in books),
        latest=total([book.latest for _, book in books]) or ZERO,
        previous_close=total([book.previous_close for _, book in books]) or ZERO,
    )


def get_leg_prices(contract: Contract, sign: int, get_book: Callable[[Contract], Book]) -> list[Decimal]:
    """Return what each leg is traded at when the whole is bought (1) or sold (-1); all of them have such a price."""
    books = [(leg.sign * sign, get_book(leg.contract)) for leg in contract.legs]
    return [(book.ask if side > 0 else book.bid) or ZERO for side, book in books]


def _name(leg: Leg) -> str:
    if leg.contract.sec_type != OPTION or leg.contract.strike is None:
        return leg.contract.sec_type
    return f"{(leg.contract.expiry or '')[2:]} {leg.contract.right} {leg.contract.strike.normalize():f}"
