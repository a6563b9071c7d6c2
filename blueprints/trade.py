"""Trading: positions, balances, how an account did, orders, and the commands that place, change and cancel them."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.errors import (
    ConfirmationRequired,
    EarlierOutcomeUnknown,
    IdempotencyConflict,
    LimitExceeded,
    NotClosable,
    NothingHeld,
    OrderNotFound,
    OrderRejected,
    OrderStateUnknown,
    SymbolNotFound,
    TradingHalted,
)
from app.request_context import current_gateway, current_identity, current_session
from app.tiger.trading.assets import fetch_assets
from app.tiger.trading.cash_movements import MovementFilter, fetch_cash_movements
from app.tiger.trading.managed_accounts import fetch_managed_accounts
from app.tiger.trading.performance import fetch_performance
from app.tiger.trading.tradable_quantity import fetch_tradable_quantity
from app.web.description import answers
from app.web.envelope import success
from app.web.guard import guard
from app.web.order_requests import (
    answered,
    fetch_orders,
    fetch_preview,
    fetch_transactions,
    get_asker,
    get_changes,
    get_closing,
    get_group_ticket,
    get_open_orders,
    get_quantity_question,
    get_requester,
    get_ticket,
)
from app.web.payload import takes
from app.web.spans import get_closed_days, get_days
from schemas.account_history import (
    CashMovementsRequest,
    ManagedAccountsRequest,
    PerformanceRequest,
    TransactionsRequest,
)
from schemas.answers.account_history import (
    CashMovementsAnswer,
    ManagedAccountsAnswer,
    PerformanceAnswer,
    TransactionsAnswer,
)
from schemas.answers.order_commands import (
    CancelledOrdersAnswer,
    OrderEventsAnswer,
    OrderStatusAnswer,
    PreviewAnswer,
)
from schemas.answers.orders import (
    CancelledOrderAnswer,
    ClosedPositionAnswer,
    MaxQuantityAnswer,
    ModifiedOrderAnswer,
    OrdersAnswer,
    PlacedOrderAnswer,
)
from schemas.answers.portfolio import AccountInfoAnswer, PositionsAnswer
from schemas.closing import ClosePositionRequest
from schemas.oca_orders import PlaceOCAOrderRequest
from schemas.orders import MaxQuantityRequest, ModifyOrderRequest, PlaceOrderRequest, PreviewOrderRequest
from schemas.trade import (
    AccountInfoRequest,
    CancelAllOrdersRequest,
    CancelOrderRequest,
    OrderEventsRequest,
    OrdersRequest,
    OrderStatusRequest,
    PositionsRequest,
)

DEFAULT_DAYS = 30
COMMAND_ERRORS = (EarlierOutcomeUnknown, IdempotencyConflict, OrderRejected, OrderStateUnknown)
GATED_ERRORS = (*COMMAND_ERRORS, LimitExceeded, TradingHalted, ConfirmationRequired)

blueprint = Blueprint("trading", __name__, url_prefix="/api/trade")


@blueprint.post("/positions")
@guard(Access.READ)
@takes(PositionsRequest)
@answers(PositionsAnswer)
def positions(body: PositionsRequest) -> Response:
    """List the positions of an account."""
    history = current_gateway().orders.history
    return success(history.fetch_positions(current_session(), body.asked_type, body.wanted))


@blueprint.post("/account-info")
@guard(Access.READ)
@takes(AccountInfoRequest)
@answers(AccountInfoAnswer)
def account_info(_body: AccountInfoRequest) -> Response:
    """Return the balances of an account."""
    return success(fetch_assets(current_session()))


@blueprint.post("/transactions")
@guard(Access.READ)
@takes(TransactionsRequest)
@answers(TransactionsAnswer, OrderNotFound)
def transactions(body: TransactionsRequest) -> Response:
    """List the executions of an account's orders, newest first."""
    return success(fetch_transactions(body))


@blueprint.post("/performance")
@guard(Access.READ)
@takes(PerformanceRequest)
@answers(PerformanceAnswer)
def performance(body: PerformanceRequest) -> Response:
    """Show how an account has done: profit and worth, day by day."""
    days = get_closed_days(body, DEFAULT_DAYS)
    return success(fetch_performance(current_session(), *days, body.segment, body.currency))


@blueprint.post("/cash-movements")
@guard(Access.READ)
@takes(CashMovementsRequest)
@answers(CashMovementsAnswer)
def cash_movements(body: CashMovementsRequest) -> Response:
    """List what moved the cash of an account, newest first: trades, fees, deposits, dividends."""
    wanted = MovementFilter(*get_days(body), body.type, body.segment, body.currency)
    return success(fetch_cash_movements(current_session(), wanted, limit=body.limit, page_token=body.page_token))


@blueprint.post("/managed-accounts")
@guard(Access.READ)
@takes(ManagedAccountsRequest)
@answers(ManagedAccountsAnswer)
def managed_accounts(_body: ManagedAccountsRequest) -> Response:
    """List the accounts that Tiger has for the developer id of an account, as far as the API key may use them."""
    return success(fetch_managed_accounts(current_session(), current_identity().may_use))


@blueprint.post("/orders")
@guard(Access.READ)
@takes(OrdersRequest)
@answers(OrdersAnswer)
def orders(body: OrdersRequest) -> Response:
    """List the orders of an account, newest first."""
    return success(fetch_orders(body))


@blueprint.post("/place-order")
@guard(Access.TRADE)
@takes(PlaceOrderRequest)
@answers(PlacedOrderAnswer, *GATED_ERRORS, SymbolNotFound)
def place_order(body: PlaceOrderRequest) -> Response:
    """Place an order, once, however often the request is repeated with the same Idempotency-Key."""
    requester = get_requester(body.client_order_id, body.confirm_token)
    return answered(current_gateway().orders.place(current_session(), requester, get_ticket(body)))


@blueprint.post("/close-position")
@guard(Access.TRADE)
@takes(ClosePositionRequest)
@answers(ClosedPositionAnswer, *GATED_ERRORS, SymbolNotFound, NothingHeld, NotClosable)
def close_position(body: ClosePositionRequest) -> Response:
    """Close a position, or a part of it, by one order that never closes more than is held."""
    requester = get_requester(body.client_order_id)
    return answered(current_gateway().orders.close(current_session(), requester, get_closing(body)))


@blueprint.post("/place-oca-order")
@guard(Access.TRADE)
@takes(PlaceOCAOrderRequest)
@answers(PlacedOrderAnswer, *GATED_ERRORS, SymbolNotFound)
def place_oca_order(body: PlaceOCAOrderRequest) -> Response:
    """Place two orders of which one fill ends the other, once; the answer is the first, with its partner."""
    requester = get_requester(body.client_order_id)
    return answered(current_gateway().orders.place(current_session(), requester, get_group_ticket(body)))


@blueprint.post("/modify-order")
@guard(Access.TRADE)
@takes(ModifyOrderRequest)
@answers(ModifiedOrderAnswer, *GATED_ERRORS, OrderNotFound)
def modify_order(body: ModifyOrderRequest) -> Response:
    """Change quantity or prices of an open order."""
    service = current_gateway().orders
    return answered(service.modify(current_session(), get_requester(), body.order_id, get_changes(body)))


@blueprint.post("/cancel-order")
@guard(Access.TRADE, without_storage=True)
@takes(CancelOrderRequest)
@answers(CancelledOrderAnswer, *COMMAND_ERRORS, OrderNotFound)
def cancel_order(body: CancelOrderRequest) -> Response:
    """Cancel an open order."""
    return answered(current_gateway().orders.cancel(current_session(), get_requester(), body.order_id))


@blueprint.post("/cancel-all-orders")
@guard(Access.TRADE, without_storage=True)
@takes(CancelAllOrdersRequest)
@answers(CancelledOrdersAnswer, EarlierOutcomeUnknown, IdempotencyConflict, OrderStateUnknown)
def cancel_all_orders(body: CancelAllOrdersRequest) -> Response:
    """Cancel all open orders, or those of one symbol or side, and tell how each cancellation ended."""
    service = current_gateway().orders
    return answered(service.cancel_all(current_session(), get_requester(), get_open_orders(body)))


@blueprint.post("/preview-order")
@guard(Access.TRADE)
@takes(PreviewOrderRequest)
@answers(PreviewAnswer, OrderRejected, SymbolNotFound)
def preview_order(body: PreviewOrderRequest) -> Response:
    """Return what an order would need and cost, without placing it."""
    return success(fetch_preview(body))


@blueprint.post("/max-quantity")
@guard(Access.READ)
@takes(MaxQuantityRequest)
@answers(MaxQuantityAnswer, SymbolNotFound)
def max_quantity(body: MaxQuantityRequest) -> Response:
    """Return how much of an instrument an account could buy or sell by one order."""
    return success(fetch_tradable_quantity(current_session(), get_quantity_question(body)))


@blueprint.post("/order-status")
@guard(Access.READ)
@takes(OrderStatusRequest)
@answers(OrderStatusAnswer, OrderNotFound)
def order_status(body: OrderStatusRequest) -> Response:
    """Show what became of an order command, and how the order stands."""
    history = current_gateway().orders.history
    return success(
        history.fetch_status(
            current_session(), get_asker(), order_id=body.order_id, client_order_id=body.client_order_id
        )
    )


@blueprint.post("/order-events")
@guard(Access.READ)
@takes(OrderEventsRequest)
@answers(OrderEventsAnswer, OrderNotFound)
def order_events(body: OrderEventsRequest) -> Response:
    """List what the gateway did for an order, oldest first."""
    history = current_gateway().orders.history
    return success(
        history.fetch_events(
            current_session(), get_asker(), order_id=body.order_id, client_order_id=body.client_order_id
        )
    )
