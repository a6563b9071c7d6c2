"""Answers about what an order would cost, and about what became of an order command."""

from marshmallow import fields

from schemas.answers.fields import Answer, by_name, flag, many, moment, number, one, text, texts, whole
from schemas.answers.orders import OrderAnswer

OUTCOMES = ("accepted", "denied", "rejected", "unknown", "absent")
COMMANDS = ("place", "modify", "cancel", "cancel_all")


class PreviewAnswer(Answer):
    """What an order would need and cost; nothing was ordered."""

    symbol = text("The symbol.", nullable=False)
    outside_rth = flag("What would be sent for outside_rth.")
    is_pass = flag("Whether Tiger would take the order.")
    message = text("Why not, or a warning, in Tiger's words.")
    init_margin_before = number("Initial margin in use now.")
    init_margin = number("Initial margin in use after the order.")
    maint_margin_before = number("Maintenance margin in use now.")
    maint_margin = number("Maintenance margin in use after the order.")
    margin_currency = text("The currency of the margins.")
    equity_with_loan_before = number("Equity with loan value now.")
    equity_with_loan = number("Equity with loan value after the order.")
    min_commission = number("The least that the commission comes to.")
    max_commission = number("The most that the commission comes to.")
    commission = number("The commission, where Tiger names one figure.")
    commission_currency = text("The currency of the commission.")
    init_margin_change = number("By how much the initial margin in use would change.")
    maint_margin_change = number("By how much the maintenance margin in use would change.")
    buying_power_effect = number("By how much buying power would change, at its initial margin.")
    warnings = texts("What Tiger warns of, in its words.")
    gst = number("Goods and services tax.")
    available_ee = number("Buying power left after the order.")
    excess_liquidity = number("Equity above the maintenance margin after the order.")
    confirm_token = text("What a key that asks for confirmation places this order with, once; null for other keys.")
    confirm_expires_at = moment("When the confirm_token ends")


class CancelledOrder(Answer):
    """One open order, and how its cancellation ended."""

    order_id = text("Tiger's global id of the order; null where Tiger does not show the order yet.")
    account_order_id = text("The account's own number of the order.")
    client_order_id = text("The client_order_id or Idempotency-Key that it was placed with.")
    symbol = text("The symbol; of an option, the underlying.")
    action = text("BUY or SELL.")
    outcome = text(
        "What became of the cancellation; denied was not sent, unknown is neither success nor failure.",
        nullable=False,
        choices=("accepted", "rejected", "unknown", "denied"),
    )
    code = text("The error code where it was not accepted.")
    reason = text("Why it was not accepted.")
    placed_by_gateway = flag("Whether the gateway placed the order; null where Tiger does not show its mark.")
    may_be_open = flag("Whether the order may be open with no cancellation under way.", nullable=False)
    order = one(OrderAnswer, "The order as it stood afterwards; null where it could not be read.", nullable=True)


class CancelledOrdersAnswer(Answer):
    """All open orders that were meant, each with what became of its cancellation."""

    orders = many(CancelledOrder, "The orders, newest first; those that Tiger does not show yet come last.")
    count = whole("How many orders there are.", nullable=False, minimum=0)
    outcomes = by_name(fields.Integer(), "How many cancellations ended so, by outcome.")
    may_be_open = whole(
        "How many orders may be open with no cancellation under way: send another request until it is 0.",
        nullable=False,
        minimum=0,
    )


class OrderStatusAnswer(Answer):
    """What became of an order command, and how the order stands now."""

    order_id = text("Tiger's global id of the order.")
    account_order_id = text("The account's own number of the order.")
    client_order_id = text("The client_order_id or Idempotency-Key of the command.")
    command = text("The command in question.", nullable=False, choices=COMMANDS)
    outcome = text(
        "What became of it; unknown is neither success nor failure, absent was sent and never arrived.",
        nullable=False,
        choices=OUTCOMES,
    )
    reason = text("Why it was denied or rejected.")
    code = text("The error code that the client was given.")
    order = one(OrderAnswer, "The order as Tiger has it now.", nullable=True)


class OrderEvent(Answer):
    """One step that the gateway took for an order."""

    at = moment("When", nullable=False)
    event = text("The step, such as prepared, sending, accepted or rejected.", nullable=False)
    command = text("The command it belongs to.", nullable=False, choices=COMMANDS)
    command_id = text("The gateway's own id of the command.", nullable=False)
    api_key_name = text("The API key that gave the command.", nullable=False)
    details = fields.Dict(required=True, metadata={"description": "What else is known of the step."})


class OrderEventsAnswer(Answer):
    """What the gateway did for an order."""

    order_id = text("Tiger's global id of the order.")
    account_order_id = text("The account's own number of the order.")
    client_order_id = text("The client_order_id or Idempotency-Key that it was placed with.")
    events = many(OrderEvent, "The steps, oldest first.")
    count = whole("How many steps there are.", nullable=False, minimum=0)
