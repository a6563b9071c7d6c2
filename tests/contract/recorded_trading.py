"""Which fields of the SDK's are which members of ours, in reads and commands of an account."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.tiger.trading import exercises, position_transfers
from app.tiger.trading.contract_rows import get_contract
from app.tiger.trading.order_commands import _command_data
from app.tiger.trading.orders import get_order
from app.tiger.trading.transactions import get_transactions
from app.tiger.wire import values
from tests.contract.comparison import Comparison, Row, get_members, get_rows, read_by_sdk

TRADED: Final = ("symbol", "sec_type", "market", "currency", "identifier", "expiry", "strike", "put_call", "multiplier")
ORDER: Final = (
    f"{' '.join(TRADED)} id=order_id order_id=account_order_id order_time trade_time update_time action quantity filled"
    " avg_fill_price commission realized_pnl status limit_price trailing_percent order_type time_in_force outside_rth"
    " expire_time can_modify combo_type=strategy contract_legs=legs total_cash_amount=cash_amount filled_cash_amount"
    " trading_session_type=trading_session user_mark reason=status_details parent_id=parent_order_id"
)
ORDER_LEFT: Final = (
    # Inside the gateway alone, or in another member: an algorithm's terms, the trigger, what was attached.
    "account contract aux_price trail_stop_price percent_offset adjust_limit algo_params algo_strategy order_legs"
    " sub_ids orders display_size min_display_size check_intervals price_type start_time end_time quantity_scale"
    " filled_scale"
    # What the SDK leaves out of its arithmetic, or never fills from an answer.
    " remaining secret_key"
    # Not told: another program's tags, fees in parts, the market's price, the shown text of what is told as a word.
    " liquidation discount attr_desc attr_list source external_id combo_type_desc is_open refund_cash_amount"
    " latest_price gst charges"
)
ORDER_ADDED: Final = (
    # The SDK drops these from an order's answer.
    "name cancel_status replace_status can_cancel"
    " remaining stop_price trailing_amount algorithm related_orders missing_orders"
)
LEG: Final = {"total_quantity": "quantity", "filled_quantity": "filled", "avg_filled_price": "avg_fill_price"}
LEG_LEFT: Final = frozenset({"market", "currency", "multiplier", "created_at", "updated_at"})
OPTION: Final = "contract_id stk_symbol=symbol symbol=option_class expire_date=expiry strike call_put=put_call"
TRANSFER: Final = (
    "id account_id=account counterparty_account_id=counterparty_account method direction status memo finished_at"
    " updated_at created_at"
)


def get_legs(legs: list[Any]) -> list[Row]:
    """Return the SDK's legs under our names; it leaves the strike as text."""
    told = [{LEG.get(name, name): value for name, value in get_members(leg).items()} for leg in legs]
    return [
        {**{name: leg[name] for name in leg if name not in LEG_LEFT}, "strike": float(leg["strike"])} for leg in told
    ]


def get_steps(steps: list[Mapping[str, Any]]) -> list[Row]:
    """Return the SDK's price steps; it leaves their bounds as text, Infinity among them."""
    return [
        {**step, **{name: None if math.isinf(float(step[name])) else float(step[name]) for name in ("begin", "end")}}
        for step in steps
    ]


def flatten_traded(result: Any) -> Iterator[Row]:
    """Yield rows of the SDK's with what they trade."""
    for row in get_rows(result):
        traded = get_members(row.contract)
        yield {**{name: traded[name] for name in TRADED}, **get_members(row)}


def flatten_orders(result: Any) -> Iterator[Row]:
    """Yield the SDK's orders; one without legs has None in their place."""
    for row in flatten_traded(result):
        yield {**row, "contract_legs": row["contract_legs"] or []}


def compare_orders(read: str, decode: Any, flatten: Any, **more: Any) -> Comparison:
    """Compare orders."""
    return Comparison(
        read,
        decode,
        ORDER,
        left=ORDER_LEFT,
        added=ORDER_ADDED,
        convert={
            "id": str,
            # 0 is how Tiger writes that there is none.
            "order_id": lambda number: str(number) if number else None,
            "avg_fill_price": lambda price: price or None,
            "contract_legs": get_legs,
        },
        flatten=flatten,
        **more,
    )


def compare_command(read: str) -> Comparison:
    """Compare the id that a command is answered with."""
    return Comparison(
        read,
        lambda data: {"order_id": values.identifier(_command_data(data)["id"])},
        "id=order_id",
        convert={"id": str},
        flatten=lambda result: [{"id": result}],
    )


TRADING: Final[tuple[Comparison, ...]] = (
    compare_orders("get_order", lambda data: get_order(data).to_dict(), flatten_orders),
    compare_orders(
        "place_order",
        lambda data: [get_order(item).to_dict() for item in data["orders"]],
        # The SDK leaves the orders of this answer as they came: its own list reads them.
        lambda orders: flatten_orders(read_by_sdk("get_orders", {"items": orders})),
        told="orders",
    ),
    *map(compare_command, ("place_order", "modify_order", "cancel_order")),
    Comparison(
        "get_contract",
        lambda data: [get_contract(row) for row in data],
        "contract_id symbol sec_type currency primary_exchange=exchange name market lot_size tick_sizes min_tick"
        " multiplier identifier local_symbol trading_class expiry strike put_call contract_month last_trading_date"
        " first_notice_date continuous trade=tradable close_only marginable long_initial_margin long_maintenance_margin"
        " shortable shortable_count short_fee_rate short_initial_margin short_maintenance_margin is_etf"
        " support_fractional_share=supports_fractions support_overnight_trading=supports_overnight",
        left="exchange origin_symbol short_margin status last_bidding_close_time etf_leverage categories"
        " discounted_day_initial_margin discounted_day_maintenance_margin discounted_time_zone_code"
        " discounted_start_at discounted_end_at underlying_contract_name",
        convert={"contract_id": str, "tick_sizes": get_steps},
    ),
    Comparison(
        "get_transactions",
        lambda data: get_transactions("402901", data),
        "id order_id symbol sec_type market currency action filled_price=price filled_amount=amount"
        " filled_quantity=quantity transaction_time expiry strike multiplier put_call",
        left="account contract identifier filled_quantity_scale transacted_at",
        added="identifier",
        convert={"id": str, "order_id": str},
        flatten=flatten_traded,
    ),
    Comparison(
        "get_option_exercise_positions",
        lambda data: exercises.get_rows(data, exercises._decode_position),
        f"{OPTION} market position=quantity available_quantity",
        left="account_id",
        convert={"contract_id": str, "strike": float},
        flatten=lambda result: result.items,
    ),
    Comparison(
        "get_option_exercise_records",
        lambda data: exercises.get_rows(data, exercises._decode_record),
        f"{OPTION} id type status request_quantity=requested_quantity quantity executing_date itm_rate is_force",
        left="account_id reason",
        convert={
            "id": str,
            "contract_id": str,
            "strike": float,
            "executing_date": lambda day: f"{day[:4]}-{day[4:6]}-{day[6:]}",
        },
        flatten=lambda result: result.items,
    ),
    Comparison(
        "check_option_exercise",
        exercises._decode_check,
        "symbol position=quantity available_quantity stk_position_before=stock_before"
        " stk_position_change=stock_change stk_position_after=stock_after",
        left="stk_position",
    ),
    Comparison(
        "get_position_transfer_records",
        lambda data: [position_transfers._decode(row) for row in data],
        TRANSFER,
        left="user_id user_name",
        added="positions",
    ),
    Comparison(
        "get_position_transfer_external_records",
        lambda data: [
            {**position, "transfer": transfer["id"], "transfer_status": transfer["status"]}
            for transfer in map(position_transfers._decode, data)
            for position in transfer["positions"]
        ],
        "transfer transfer_status id symbol market quantity",
        left="sec_type stock_name average_cost status cancelable updated_at",
        flatten=lambda result: [
            {**get_members(position), "transfer": record.id, "transfer_status": record.status}
            for record in result
            for position in record.transfer_property_infos
        ],
    ),
    Comparison(
        "get_position_transfer_detail",
        position_transfers._decode,
        TRANSFER,
        left="user_id user_name detail",
        added="positions",
    ),
    Comparison(
        "get_position_transfer_detail",
        lambda data: position_transfers._get_positions(data["detail"]),
        "symbol market quantity",
        left="transfer_id direction formatted_symbol status message updated_at created_at",
        added="id",
        flatten=lambda result: result.detail,
    ),
)
