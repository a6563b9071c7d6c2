"""What is pushed about an account: orders, executions, positions, assets [SDK: push/pb/*.proto]."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from google.protobuf.message import Message
from tigeropen.push.pb.AssetData_pb2 import AssetData
from tigeropen.push.pb.OrderStatusData_pb2 import OrderStatusData
from tigeropen.push.pb.OrderTransactionData_pb2 import OrderTransactionData
from tigeropen.push.pb.PositionData_pb2 import PositionData

from app.tiger.push.fields import Moment, Price, Scaled, make_reader


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """An order as it stands; ``id`` is Tiger's global one, ``status`` Tiger's own word.

    Tiger pushes it when an order is submitted, cancelled, inactive or filled, and does not tell the account's own
    number of it; ``user_mark`` is the journal's.
    """

    id: int
    account: str | None
    symbol: str | None
    expiry: str | None
    strike: str | None
    right: str | None
    identifier: str | None
    multiplier: int
    action: str | None
    market: str | None
    currency: str | None
    seg_type: str | None
    sec_type: str | None
    order_type: str | None
    is_long: bool
    total_quantity: Scaled
    filled_quantity: Scaled
    avg_fill_price: Price
    limit_price: Price
    stop_price: Price
    realized_pnl: Decimal | None
    status: str | None
    replace_status: str | None
    cancel_status: str | None
    outside_rth: bool
    can_modify: bool
    can_cancel: bool
    liquidation: bool
    name: str | None
    source: str | None
    error_msg: str | None
    attr_desc: str | None
    commission_and_fee: Decimal | None
    open_time: Moment
    timestamp: Moment
    user_mark: str | None
    total_cash_amount: Decimal | None
    filled_cash_amount: Decimal | None
    gst: Decimal | None
    attr_list: tuple[str, ...]
    time_in_force: str | None
    update_time: Moment
    latest_time: Moment


@dataclass(frozen=True, slots=True)
class OrderTransaction:
    """An execution of an order; ``filled_quantity`` is whole, whatever fraction was filled: the order tells that."""

    id: int
    order_id: int
    account: str | None
    symbol: str | None
    identifier: str | None
    multiplier: int
    action: str | None
    market: str | None
    currency: str | None
    seg_type: str | None
    sec_type: str | None
    filled_price: Price
    filled_quantity: int
    create_time: Moment
    update_time: Moment
    transact_time: Moment
    timestamp: Moment


@dataclass(frozen=True, slots=True)
class Position:
    """A position, of quantity 0 once it is closed; ``saleable`` is told of mainland shares."""

    account: str | None
    symbol: str | None
    expiry: str | None
    strike: str | None
    right: str | None
    identifier: str | None
    multiplier: int
    market: str | None
    currency: str | None
    seg_type: str | None
    sec_type: str | None
    position: Scaled
    average_cost: Decimal | None
    latest_price: Price
    market_value: Decimal | None
    unrealized_pnl: Decimal | None
    name: str | None
    timestamp: Moment
    saleable: int | None
    position_qty: Decimal | None
    salable_qty: Decimal | None


@dataclass(frozen=True, slots=True)
class Asset:
    """What a segment of an account is worth; ``seg_type`` is S for securities, C for futures."""

    account: str | None
    currency: str | None
    seg_type: str | None
    available_funds: Decimal | None
    excess_liquidity: Decimal | None
    net_liquidation: Decimal | None
    equity_with_loan: Decimal | None
    buying_power: Decimal | None
    cash_balance: Decimal | None
    gross_position_value: Decimal | None
    init_margin_req: Decimal | None
    maint_margin_req: Decimal | None
    timestamp: Moment


AccountData = OrderStatus | OrderTransaction | Position | Asset

READERS: Final[Mapping[str, Callable[[Message], AccountData]]] = {
    "orderStatusData": make_reader(OrderStatus, OrderStatusData.DESCRIPTOR),
    "orderTransactionData": make_reader(OrderTransaction, OrderTransactionData.DESCRIPTOR),
    "positionData": make_reader(Position, PositionData.DESCRIPTOR),
    "assetData": make_reader(Asset, AssetData.DESCRIPTOR),
}
"""By the field of ``PushData`` that carries it."""
