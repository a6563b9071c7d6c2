"""What option positions tie down together: spreads, covered calls and straddles need less than their legs alone.

In the manner of Regulation T: a written option needs a fifth of what it delivers, unless a bought option of the same
right that lasts as long, or the shares themselves, stand against it. What positions are worth now is in the account's
worth already, so a pair needs what it can lose from there, and a bought option its whole value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.simulator.trading.contracts import Contract
from app.simulator.trading.decimals import ZERO

WRITTEN_OPTION = Decimal("0.20")
"""A written option ties down a fifth of what it delivers."""


@dataclass(slots=True)
class OptionLot:
    """Hold one option position with its price; ``free`` is the part of it that nothing stands against yet."""

    contract: Contract
    quantity: Decimal
    price: Decimal
    free: Decimal

    @property
    def strike(self) -> Decimal:
        """Return the strike price."""
        return self.contract.strike or ZERO

    def get_value(self, quantity: Decimal) -> Decimal:
        """Return what so many of these contracts are worth."""
        return quantity * self.contract.multiplier * self.price


def get_option_margin(lots: Iterable[tuple[Contract, Decimal, Decimal]], shares: Decimal, spot: Decimal) -> Decimal:
    """Return the margin of the options of one stock, in their currency.

    ``lots`` are contract, signed quantity and price; ``shares`` of the stock are held besides.
    """
    held = [OptionLot(contract, quantity, price, abs(quantity)) for contract, quantity, price in lots if quantity]
    bought = sorted((lot for lot in held if lot.quantity > 0), key=lambda lot: lot.strike)
    written = sorted((lot for lot in held if lot.quantity < 0), key=lambda lot: lot.strike)
    margin = ZERO
    for lot in written:
        margin += _pair(lot, bought)
    naked: dict[str, list[OptionLot]] = {"CALL": [], "PUT": []}
    free_shares = {"CALL": max(ZERO, shares), "PUT": max(ZERO, -shares)}
    for lot in written:
        right = lot.contract.right or "CALL"
        covered = min(lot.free, free_shares[right] // lot.contract.multiplier)
        free_shares[right] -= covered * lot.contract.multiplier
        # The shares secure what is written; their own margin is counted with them.
        lot.free -= covered
        naked[right].append(lot)
    margin += sum((lot.get_value(lot.free) for lot in bought), ZERO)
    return margin + _get_naked_margin(naked, spot)


def _pair(written: OptionLot, bought: list[OptionLot]) -> Decimal:
    """Set bought options against a written one, the nearest strikes first, and return what the pairs tie down."""
    matching = [
        lot
        for lot in bought
        if lot.contract.right == written.contract.right
        and lot.contract.multiplier == written.contract.multiplier
        and (lot.contract.expiry or "") >= (written.contract.expiry or "")
    ]
    margin = ZERO
    for lot in sorted(matching, key=lambda lot: abs(lot.strike - written.strike)):
        paired = min(lot.free, written.free)
        if paired <= 0:
            continue
        width = (lot.strike - written.strike) * (1 if written.contract.right == "CALL" else -1)
        worst = -max(ZERO, width) * paired * written.contract.multiplier
        margin += max(ZERO, lot.get_value(paired) - written.get_value(paired) - worst)
        lot.free -= paired
        written.free -= paired
    return margin


def _get_naked_margin(naked: Mapping[str, list[OptionLot]], spot: Decimal) -> Decimal:
    """Return what written options need that nothing stands against: calls and puts cannot both be exercised."""
    needs = [
        sum((lot.free * lot.contract.multiplier * spot * WRITTEN_OPTION for lot in lots), ZERO)
        for lots in naked.values()
    ]
    return max(needs)
