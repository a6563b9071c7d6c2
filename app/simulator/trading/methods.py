"""The trading half of the wire: which method is answered by what."""

from collections.abc import Mapping
from typing import Any

from app.simulator.readings import ReadingsInForce
from app.simulator.trading.assets import Assets
from app.simulator.trading.cash_methods import CashMethods
from app.simulator.trading.commands import Commands
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.exercises import Exercises
from app.simulator.trading.lookups import Lookups
from app.simulator.trading.openings import Openings
from app.simulator.trading.performance import Performance
from app.simulator.trading.refusals import BusinessRefusal
from app.simulator.trading.transfers import Transfers
from app.simulator.wire import Handler, WireRequest


def get_methods(engine: TradingEngine, readings: ReadingsInForce, openings: Openings) -> Mapping[str, Handler]:
    """Return the handlers by wire method."""
    commands = Commands(engine, readings)
    lookups = Lookups(engine, readings)
    assets = Assets(engine)
    performance = Performance(engine, openings)
    cash = CashMethods(engine, openings)
    exercises = Exercises(engine)
    transfers = Transfers(engine)
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
        "analytics_asset": performance.get_analytics,
        "aggregate_assets": performance.get_aggregate,
        "fund_details": cash.get_fund_details,
        "transfer_fund": cash.get_transfers,
        "segment_fund_available": cash.get_available,
        "segment_fund_history": cash.get_segment_history,
        "option_exercise_position": exercises.get_positions,
        "option_exercise_check": exercises.check,
        "option_exercise_record": exercises.get_records,
        "position_transfer_records": transfers.get_records,
        "position_transfer_external_records": transfers.get_records,
        "position_transfer_detail": transfers.get_detail,
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
