"""What a trade costs: a plain scheme after Tiger's published fees, without its discounts and tiers.

Charges are computed over the whole order so far, so that a minimum is paid once however many fills there are.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal

from app.simulator.trading.contracts import COIN, COMBINATION, FUND, FUTURE, OPTION, WARRANTS, Contract
from app.simulator.trading.decimals import ZERO

CENT = Decimal("0.01")
TIGER = "TIGER"
THIRD_PARTY = "THIRD_PARTY"
COIN_RATE = Decimal("0.002")


@dataclass(frozen=True, slots=True)
class Charge:
    """Name one cost in the contract's currency; ``category`` is TIGER or THIRD_PARTY."""

    category: str
    kind: str
    description: str
    amount: Decimal


def get_charges(contract: Contract, action: str, quantity: Decimal, amount: Decimal) -> tuple[Charge, ...]:
    """Return the charges on ``quantity`` filled for ``amount`` (price x quantity x multiplier)."""
    if quantity <= 0:
        return ()
    if contract.sec_type == COMBINATION:
        return _get_leg_charges(contract, quantity)
    if contract.sec_type == OPTION:
        charges = _get_option_charges(quantity)
    elif contract.sec_type == FUTURE:
        charges = _get_future_charges(quantity)
    elif contract.sec_type == FUND:
        charges = []
    elif contract.sec_type == COIN:
        charges = [Charge(TIGER, "COMMISSION", "Commission", max(Decimal("0.10"), _to_cents(amount * COIN_RATE)))]
    elif contract.sec_type in WARRANTS:
        charges = [charge for charge in _get_asian_charges(amount) if charge.kind != "STAMP_DUTY"]
    elif contract.market == "US":
        charges = _get_us_charges(action, quantity, amount)
    else:
        charges = _get_asian_charges(amount)
    return tuple(charge for charge in charges if charge.amount > 0)


def get_commission(contract: Contract, action: str, quantity: Decimal, amount: Decimal) -> Decimal:
    """Return the sum of the charges."""
    return sum((charge.amount for charge in get_charges(contract, action, quantity, amount)), ZERO)


def _get_us_charges(action: str, quantity: Decimal, amount: Decimal) -> list[Charge]:
    if quantity < 1:
        fee = min(Decimal(1), _to_cents(amount * Decimal("0.01")))
        return [Charge(TIGER, "COMMISSION", "Commission", fee)]
    cap = _to_cents(amount * Decimal("0.005"))
    commission = min(cap, max(Decimal("0.99"), _to_cents(quantity * Decimal("0.0039"))))
    platform = min(cap, max(Decimal("1.00"), _to_cents(quantity * Decimal("0.004"))))
    settlement = _to_cents(quantity * Decimal("0.003"))
    sec_fee = _to_cents(amount * Decimal("0.0000278")) if action == "SELL" else ZERO
    return [
        Charge(TIGER, "COMMISSION", "Commission", commission),
        Charge(TIGER, "PLATFORM_FEE", "Platform Fee", platform),
        Charge(THIRD_PARTY, "SETTLEMENT_FEE", "Settlement Fee", settlement),
        Charge(THIRD_PARTY, "SEC_FEE", "SEC Fee", sec_fee),
    ]


def _get_leg_charges(contract: Contract, quantity: Decimal) -> tuple[Charge, ...]:
    """Return the charges of the options in a combination; a share in it costs nothing besides."""
    options = sum((leg.ratio for leg in contract.legs if leg.contract.sec_type == OPTION), 0)
    return tuple(_get_option_charges(quantity * options))


def _get_future_charges(quantity: Decimal) -> list[Charge]:
    return [
        Charge(TIGER, "COMMISSION", "Commission", quantity * Decimal("0.99")),
        Charge(TIGER, "PLATFORM_FEE", "Platform Fee", quantity * Decimal("1.00")),
        Charge(THIRD_PARTY, "EXCHANGE_FEE", "Exchange Fee", quantity * Decimal("1.38")),
    ]


def _get_option_charges(quantity: Decimal) -> list[Charge]:
    commission = max(Decimal("1.99"), _to_cents(quantity * Decimal("0.65")))
    platform = max(Decimal("1.00"), _to_cents(quantity * Decimal("0.30")))
    return [
        Charge(TIGER, "COMMISSION", "Commission", commission),
        Charge(TIGER, "PLATFORM_FEE", "Platform Fee", platform),
    ]


def _get_asian_charges(amount: Decimal) -> list[Charge]:
    commission = max(Decimal(3), _to_cents(amount * Decimal("0.00029")))
    stamp = (amount * Decimal("0.001")).to_integral_value(ROUND_UP)
    return [
        Charge(TIGER, "COMMISSION", "Commission", commission),
        Charge(TIGER, "PLATFORM_FEE", "Platform Fee", Decimal(15)),
        Charge(THIRD_PARTY, "STAMP_DUTY", "Stamp Duty", stamp),
        Charge(THIRD_PARTY, "TRANSACTION_LEVY", "Transaction Levy", _to_cents(amount * Decimal("0.000027"))),
        Charge(THIRD_PARTY, "EXCHANGE_FEE", "Exchange Fee", _to_cents(amount * Decimal("0.0000565"))),
        Charge(THIRD_PARTY, "SETTLEMENT_FEE", "Settlement Fee", _to_cents(amount * Decimal("0.00002"))),
    ]


def _to_cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
