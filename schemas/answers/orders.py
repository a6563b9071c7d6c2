"""Answers about orders."""

from marshmallow import fields

from app.tiger.order_kinds import KINDS
from schemas.answers.fields import Answer, by_name, flag, many, moment, number, one, text, texts, whole
from schemas.answers.instruments import InstrumentAnswer
from schemas.answers.paging import PageAnswer

ROLES = ("take_profit", "stop_loss", "oca_partner")

STATUSES = (
    "Initial, Submitted, PartiallyFilled, Filled, Cancelled, PendingCancel, Inactive or Invalid (refused, expired)"
)


class AlgorithmAnswer(Answer):
    """What an order goes by that is filled little by little."""

    start_time = moment("When it begins")
    end_time = moment("When it ends")
    participation_rate = number("The largest share of the market's volume.")
    no_take_liquidity = flag("Whether it trades as rarely as possible.")
    allow_past_end_time = flag("Whether what is left may be filled after the end.")
    display_size = whole("How many are shown at a time.")
    min_display_size = whole("The least that is shown.")
    check_interval_seconds = whole("After how many seconds the price is looked at again.")
    price_type = text("The price it follows.")


class RelatedOrderAnswer(Answer):
    """An order that came with another one; null what Tiger does not show, such as what sleeps until that is filled."""

    order_id = text("Tiger's global id of the order.", nullable=False)
    role = text("As what it came; null where Tiger does not say which is which.", choices=ROLES)
    account_order_id = text("The account's own number of the order.")
    action = text("BUY or SELL.")
    order_type = text("The order type.")
    status = text("Its status.")
    quantity = number("The quantity ordered.")
    filled = number("The quantity filled so far.")
    limit_price = number("The limit price.")
    stop_price = number("The price that triggers it.")
    trailing_percent = number("The distance of a trailing stop, in percent.")
    trailing_amount = number("The distance of a trailing stop, as an amount.")
    time_in_force = text("How long it lasts.")


class LegAnswer(Answer):
    """One leg of a combination."""

    symbol = text("The symbol; of an option, the underlying.")
    sec_type = text("OPT or STK.")
    expiry = text("The expiration of an option, YYYYMMDD.")
    strike = number("The strike price of an option.")
    put_call = text("The side of an option: PUT or CALL.")
    action = text("BUY or SELL, where the combination is bought.")
    ratio = whole("How many of it belong to each unit of the combination.")
    quantity = number("How many of it are ordered.")
    filled = number("How many of them are filled.")
    avg_fill_price = number("The average price of those.")


class OrderAnswer(Answer):
    """An order as Tiger shows it; prices and amounts are in the currency of the contract."""

    order_id = text("Tiger's global id of the order.")
    account_order_id = text("The account's own number of the order; null where it was not placed through the API.")
    symbol = text("The symbol; of an option, the underlying.")
    action = text("BUY or SELL.")
    order_type = text(f"{', '.join(KINDS)}; others for orders that were placed elsewhere.")
    quantity = number("The quantity ordered.")
    status = text(f"{STATUSES}; one that is not known is passed through.")
    filled = number("The quantity filled so far.")
    remaining = number("The quantity not filled yet.")
    avg_fill_price = number("The average price of the fills; by some of Tiger's pages commissions are in it.")
    limit_price = number("The limit price; null where the type has none.")
    stop_price = number("The price that triggers the order; null where the type has none.")
    time_in_force = text("How long the order lasts: DAY, GTC, GTD, OPG, IOC or FOK.")
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
    expire_time = moment("When a GTD order ends")
    trading_session = text("The sessions it may fill in.")
    algorithm = one(AlgorithmAnswer, "What a TWAP, VWAP or ICEBERG order goes by.", nullable=True)
    parent_order_id = text("The order that this one is attached to.")
    related_orders = many(RelatedOrderAnswer, "Orders that came with this one, such as its take_profit.")
    missing_orders = texts("The orders that should have come with it and that Tiger does not show.", choices=ROLES)
    strategy = text("What the legs of a combination make.")
    legs = many(LegAnswer, "The legs of a combination.")


class PlacedOrderAnswer(OrderAnswer):
    """An order with the client's own name for it."""

    client_order_id = text("The client's own id, as client_order_id or Idempotency-Key gave it.")


class ClosedPositionAnswer(PlacedOrderAnswer):
    """The order that closes a position, and what it was decided on."""

    held = number("What was held as Tiger showed it; negative when short.")
    closing = number("How much of that other orders close already: open ones, and such as are in doubt.")


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


class MaxQuantityAnswer(InstrumentAnswer):
    """How much an order could be for; what Tiger leaves out is null, such as credit of an account that has none."""

    action = text("BUY or SELL.", nullable=False)
    order_type = text("The order type asked for.", nullable=False)
    limit_price = number("The limit price asked for.")
    stop_price = number("The stop price asked for.")
    tradable_quantity = number("How many can be bought with cash alone, or sold.")
    financing_quantity = number("How many more on credit, or sold short.")
    position_quantity = number("How many are held.")
    tradable_position_quantity = number("How many of those can be traded now.")
