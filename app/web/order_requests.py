"""Between the trading views and the order service: who asks, ticket and changes, and the response to a result."""

import hashlib
import re
from dataclasses import fields, replace
from typing import Any

from flask import Response, request

from app.errors import InvalidRequest
from app.orders.cancelling_all import OpenOrders
from app.orders.closing import Closing
from app.orders.records import NewCommand
from app.orders.requester import Requester
from app.orders.results import CommandResult
from app.request_context import current_gateway, current_identity, current_session, get_context
from app.tiger.trading.order_listing import OrderFilter
from app.tiger.trading.order_tickets import OrderChanges, OrderTicket, StopLoss, TakeProfit, TicketLeg, get_names
from app.tiger.trading.tradable_quantity import QuantityQuestion
from app.tiger.trading.transactions import TransactionFilter
from app.web.envelope import failure, success
from app.web.spans import get_span_ms, get_zone
from schemas.account_history import TransactionsRequest
from schemas.closing import ClosePositionRequest
from schemas.oca_orders import PlaceOCAOrderRequest
from schemas.orders import MaxQuantityRequest, ModifyOrderRequest, PlaceOrderRequest, PreviewOrderRequest
from schemas.trade import CancelAllOrdersRequest, OrdersRequest

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
SAID = tuple(field.name for field in fields(OrderTicket) if field.name != "partners")
"""What a ticket and the body of a placement call alike."""


def get_requester(client_order_id: str | None = None, confirm_token: str | None = None) -> Requester:
    """Return who gives the command, with the key that makes its repeat safe.

    Raises:
        InvalidRequest: The key is unreadable, given twice and not alike, or missing where the API key requires one.
    """
    identity = current_identity()
    header = request.headers.get(HEADER)
    if header is not None and not re.fullmatch(r"[\x21-\x7e]{1,255}", header):
        raise _invalid(HEADER, "Send 1 to 255 visible ASCII characters.")
    if header and client_order_id and header != client_order_id:
        raise _invalid(HEADER, "It differs from client_order_id: send one of them, or both alike.")
    key = header or client_order_id
    if key is None and identity.requires_idempotency:
        raise _invalid(HEADER, "This API key requires it with every order command.")
    if key is None and confirm_token is not None:
        # What was confirmed is one order: a repeat without a key of its own is a repeat of that.
        key = get_confirmed_key(confirm_token)
    return Requester(
        identity.key_id, identity.name, get_context().request_id, key, confirm_token, identity.requires_confirmation
    )


def get_confirmed_key(confirm_token: str) -> str:
    """Return the idempotency key of the order that a token confirms, where its client names none."""
    return f"mcp-{hashlib.sha256(confirm_token.encode(errors='surrogatepass')).hexdigest()[:40]}"


def get_asker() -> Requester:
    """Return who asks about a command."""
    identity = current_identity()
    return Requester(identity.key_id, identity.name, get_context().request_id)


def get_ticket(body: PlaceOrderRequest) -> OrderTicket:
    """Return the order that a body describes, its moments read in the zone of ``gateway.timezone``.

    Raises:
        InvalidRequest: What it goes by ends before it starts.
    """
    said = {name: getattr(body, name) for name in SAID}
    said["start_time"], said["end_time"] = get_span_ms(body.start_time, body.end_time, "start_time")
    said["expire_time"] = body.expire_time.end_ms(get_zone()) if body.expire_time else None
    legs = tuple(TicketLeg(**get_names(leg.instrument), action=leg.action, ratio=leg.ratio) for leg in body.legs or ())
    parts = {**_get_attached(body), "legs": legs}
    return OrderTicket(**{**said, **get_names(body.instrument), **parts})


def fetch_preview(body: PreviewOrderRequest) -> dict[str, Any]:
    """Return what the order of a body would need and cost, with a confirmation for a key that places only with one."""
    gateway, session, identity, ticket = current_gateway(), current_session(), current_identity(), get_ticket(body)
    expected = gateway.orders.preview(session, ticket)
    confirmation = None
    if identity.requires_confirmation and expected["is_pass"] is not False:
        command = NewCommand.placing(session.account.account, get_asker(), ticket)
        confirmation = gateway.confirmations.give(identity.key_id, command.account, command.digest, identity.name)
    return {
        **expected,
        "confirm_token": confirmation and confirmation.token,
        "confirm_expires_at": confirmation and confirmation.expires_at,
    }


def get_group_ticket(body: PlaceOCAOrderRequest) -> OrderTicket:
    """Return the first of the orders that a body describes, with the others as its partners."""
    names = ("action", "order_type", "quantity", "limit_price", "stop_price", "time_in_force", "outside_rth")
    first, *others = (
        OrderTicket(**get_names(each.instrument), **{name: getattr(each, name) for name in names})
        for each in body.orders
    )
    return replace(first, partners=tuple(others))


def get_quantity_question(body: MaxQuantityRequest) -> QuantityQuestion:
    """Return the order that a body thinks of."""
    return QuantityQuestion(body.instrument, body.action, body.order_type, body.limit_price, body.stop_price)


def get_open_orders(body: CancelAllOrdersRequest) -> OpenOrders:
    """Return the open orders that a body means."""
    return OpenOrders(body.wanted, body.side)


def get_closing(body: ClosePositionRequest) -> Closing:
    """Return the position that a body closes, and by what kind of order."""
    own = ("order_type", "limit_price", "stop_price", "trailing_percent", "trailing_amount", "time_in_force")
    said = {name: getattr(body, name) for name in (*own, "outside_rth")}
    # Which side it is, and how much, is decided by what is held.
    ticket = OrderTicket(**said, **get_names(body.instrument), action="", quantity=None)
    return Closing(body.instrument, body.quantity, ticket)


def get_changes(body: ModifyOrderRequest) -> OrderChanges:
    """Return the changes that a body asks for."""
    return OrderChanges(body.quantity, body.limit_price, body.stop_price, **_get_attached(body))


def fetch_orders(body: OrdersRequest) -> dict[str, Any]:
    """Return the orders that a body asks for, its moments read in the zone of ``gateway.timezone``.

    Raises:
        InvalidRequest: The range ends before it starts.
    """
    start_ms, end_ms = get_span_ms(body.start_date, body.end_date, "start_date")
    wanted = OrderFilter(body.status, start_ms, end_ms, body.wanted, body.segment)
    history = current_gateway().orders.history
    return history.fetch_orders(current_session(), wanted, limit=body.limit, page_token=body.page_token)


def fetch_transactions(body: TransactionsRequest) -> dict[str, Any]:
    """Return the executions that a body asks for, its moments read in the zone of ``gateway.timezone``.

    Raises:
        InvalidRequest: The range ends before it starts.
    """
    wanted = TransactionFilter(body.order_id, body.wanted, *get_span_ms(body.begin_date, body.end_date, "begin_date"))
    history = current_gateway().orders.history
    return history.fetch_transactions(current_session(), wanted, limit=body.limit, page_token=body.page_token)


def answered(answer: CommandResult) -> Response:
    """Return the response for a result of the order service, marked where it is a repeat of an earlier one."""
    response = failure(answer.error) if answer.error else success(answer.data)
    if answer.is_replayed:
        response.headers[REPLAYED_HEADER] = "true"
    return response


def _get_attached(body: PlaceOrderRequest | ModifyOrderRequest) -> dict[str, Any]:
    """Return the attached orders that a body describes."""
    profit, loss = body.take_profit, body.stop_loss
    return {
        "take_profit": None if profit is None else TakeProfit(**_get_members(profit, TakeProfit)),
        "stop_loss": None if loss is None else StopLoss(**_get_members(loss, StopLoss)),
    }


def _get_members(part: Any, kind: type[TakeProfit | StopLoss]) -> dict[str, Any]:
    return {field.name: getattr(part, field.name) for field in fields(kind)}


def _invalid(name: str, reason: str) -> InvalidRequest:
    return InvalidRequest.of_fields({name: [reason]})
