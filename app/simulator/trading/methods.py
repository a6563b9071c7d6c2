"""The trading half of the wire: which method is answered by what."""

from collections.abc import Mapping
from typing import Any

from app.simulator.readings import ReadingsInForce
from app.simulator.trading.assets import Assets
from app.simulator.trading.commands import Commands
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.lookups import Lookups
from app.simulator.trading.refusals import BusinessRefusal
from app.simulator.wire import Handler, WireRequest


def get_methods(engine: TradingEngine, readings: ReadingsInForce) -> Mapping[str, Handler]:
    """Return the handlers by wire method."""
    commands = Commands(engine, readings)
    lookups = Lookups(engine, readings)
    assets = Assets(engine)
    handlers: dict[str, Handler] = {
        "order_no": commands.tell_number,
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
    return {method: _tell_as_read(handler, readings) for method, handler in handlers.items()}


def _tell_as_read(handler: Handler, readings: ReadingsInForce) -> Handler:
    """Return the handler with its business reasons told in the language that is read at the time."""

    def answer(request: WireRequest) -> Any:
        try:
            return handler(request)
        except BusinessRefusal as refusal:
            raise refusal.under(readings.now) from None

    return answer
