"""How the wire tells one segment of an account: securities, or futures."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.simulator.market.currencies import DOLLARS_PER_UNIT
from app.simulator.trading.decimals import ZERO, to_money
from app.simulator.trading.valuation import AccountValue

CAPABILITY = "RegTMargin"
CONSOLIDATED = {"S": ["SEC", "FUND"], "C": []}
"""Which segments' money each tells: that of funds is kept with securities."""


def get_segment_document(
    category: str, value: AccountValue, cash: Mapping[str, Decimal], currency: str
) -> dict[str, Any]:
    """Return a segment, reckoned in ``currency``."""
    rate = DOLLARS_PER_UNIT[currency]

    def to_base(dollars: Decimal) -> float:
        return to_money(dollars / rate)

    leverage = value.exposure / value.net_liquidation if value.net_liquidation > 0 else ZERO
    return {
        "category": category,
        "capability": CAPABILITY,
        "currency": currency,
        "cashBalance": to_base(value.cash),
        "cashAvailableForTrade": to_base(max(ZERO, value.available)),
        "cashAvailableForWithdrawal": to_base(max(ZERO, min(value.cash, value.available))),
        "grossPositionValue": to_base(value.gross),
        "equityWithLoan": to_base(value.net_liquidation),
        "netLiquidation": to_base(value.net_liquidation),
        "initMargin": to_base(value.initial_margin),
        "maintainMargin": to_base(value.maintenance_margin),
        "overnightMargin": to_base(value.maintenance_margin),
        "unrealizedPL": to_base(value.unrealized),
        "unrealizedPLByCostOfCarry": to_base(value.unrealized),
        "realizedPL": to_base(value.realized),
        "totalTodayPL": to_base(value.today),
        "excessLiquidation": to_base(value.excess),
        "overnightLiquidation": to_base(value.excess),
        "buyingPower": to_base(value.buying_power if category == "S" else max(ZERO, value.available)),
        "lockedFunds": to_base(value.locked),
        "leverage": to_money(leverage),
        "uncollected": 0.0,
        "consolidatedSegTypes": CONSOLIDATED[category],
        "currencyAssets": [
            {
                "currency": name,
                "cashBalance": to_money(amount),
                "cashAvailableForTrade": to_money(max(ZERO, amount)),
                "forexRate": float(DOLLARS_PER_UNIT[name] / rate),
            }
            for name, amount in sorted(cash.items())
        ],
    }
