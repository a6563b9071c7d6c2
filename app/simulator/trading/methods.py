"""The trading half of the wire: which method is answered by what."""

from collections.abc import Mapping

from app.simulator.readings import ReadingsInForce
from app.simulator.trading.assets import Assets
from app.simulator.trading.commands import Commands
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.lookups import Lookups
from app.simulator.wire import Handler


def get_methods(engine: TradingEngine, readings: ReadingsInForce) -> Mapping[str, Handler]:
    """Return the handlers by wire method."""
    commands = Commands(engine)
    lookups = Lookups(engine, readings)
    assets = Assets(engine)
    return {
        "order_no": commands.reserve_number,
        "preview_order": commands.preview,
        "place_order": commands.place,
        "modify_order": commands.modify,
        "cancel_order": commands.cancel,
        "estimate_tradable_quantity": commands.estimate,
        "orders": lookups.get_orders,
        "active_orders": lookups.get_active_orders,
        "inactive_orders": lookups.get_inactive_orders,
        "filled_orders": lookups.get_filled_orders,
        "order_transactions": lookups.get_transactions,
        "accounts": assets.get_accounts,
        "positions": assets.get_positions,
        "prime_assets": assets.get_prime_assets,
        "assets": assets.get_assets,
    }
