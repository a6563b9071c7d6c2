"""Answers about orders."""

from marshmallow import fields

from schemas.answers.fields import Answer, by_name, flag, many, moment, number, text
from schemas.answers.paging import PageAnswer

STATUSES = (
    "Initial, Submitted, PartiallyFilled, Filled, Cancelled, PendingCancel, Inactive or Invalid (refused, expired)"
)


class OrderAnswer(Answer):
    """An order as Tiger shows it; prices and amounts are in the currency of the contract."""

    order_id = text("Tiger's global id of the order.")
    account_order_id = text("The account's own number of the order; null where it was not placed through the API.")
    symbol = text("The symbol; of an option, the underlying.")
    action = text("BUY or SELL.")
    order_type = text("MKT, LMT, STP, STP_LMT or TRAIL; others for orders that were placed elsewhere.")
    quantity = number("The quantity ordered.")
    status = text(f"{STATUSES}; one that is not known is passed through.")
    filled = number("The quantity filled so far.")
    remaining = number("The quantity not filled yet.")
    avg_fill_price = number("The average price of the fills.")
    limit_price = number("The limit price; null where the type has none.")
    stop_price = number("The price that triggers the order; null where the type has none.")
    time_in_force = text("How long the order lasts: DAY, GTC, IOC or FOK.")
    outside_rth = flag("Whether it may fill outside regular trading hours.")
    order_time = moment("When Tiger took the order")
    update_time = moment("When Tiger last changed the order")
    commission = number("The commission so far.")
    realized_pnl = number("The profit or loss realised by the fills.")
    filled_cash_amount = number("The money that the fills came to.")
    status_details = text("Why the order is in its status, in Tiger's words.")
    sec_type = text("The kind of contract, such as STK.")
    market = text("The market.")
    currency = text("The currency.")
    identifier = text("Tiger's name of the contract.")
    expiry = text("The expiration of a derivative, YYYYMMDD.")
    strike = number("The strike price of an option.")
    put_call = text("The side of an option: PUT or CALL.")
    multiplier = number("Units of the underlying in one contract.")
    name = text("The name of the contract.")
    trailing_percent = number("The distance of a trailing stop, in percent.")
    trailing_amount = number("The distance of a trailing stop, as an amount.")
    cash_amount = number("The money ordered for, where the order names money instead of a quantity.")
    trade_time = moment("Time of the latest fill")
    user_mark = text("The gateway's mark on the order.")
    cancel_status = text("How a cancellation stands, in Tiger's words.")
    replace_status = text("How a change stands, in Tiger's words.")
    can_modify = flag("Whether it can be changed.")
    can_cancel = flag("Whether it can be cancelled.")


class PlacedOrderAnswer(OrderAnswer):
    """An order with the client's own name for it."""

    client_order_id = text("The client's own id, as client_order_id or Idempotency-Key gave it.")


class OrdersAnswer(PageAnswer):
    """A page of orders."""

    orders = many(PlacedOrderAnswer, "The orders, newest first.")


class ModifiedOrderAnswer(OrderAnswer):
    """The order after a change."""

    requested_order_id = text("The id as the request named it.", nullable=False)
    modified_fields = by_name(fields.Float(), "The fields that were changed, with their new values.")
    modify_reference_id = text("Tiger's id of the change.")
    result = text("The same as modify_reference_id.")


class CancelledOrderAnswer(OrderAnswer):
    """The order after a cancellation; PendingCancel while the exchange is asked."""

    requested_order_id = text("The id as the request named it.", nullable=False)
    cancel_reference_id = text("Tiger's id of the cancellation.")
