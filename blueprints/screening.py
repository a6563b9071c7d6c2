"""Market screening: the scanner, warrants, holdings of brokers, lists of all symbols."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.request_context import current_session
from app.tiger.market.broker_holdings import fetch_broker_holdings
from app.tiger.market.scanner import fetch_scan
from app.tiger.market.scanner_fields import fetch_scanner_fields
from app.tiger.market.symbol_lists import fetch_symbols
from app.tiger.market.warrants import fetch_warrants
from app.web.description import answers
from app.web.envelope import success
from app.web.guard import guard
from app.web.payload import takes
from schemas.answers.screening import (
    BrokerHoldingsAnswer,
    ScannerAnswer,
    ScannerFieldsAnswer,
    SymbolsAnswer,
    WarrantsAnswer,
)
from schemas.screening import (
    BrokerHoldingsRequest,
    ScannerFieldsRequest,
    ScannerRequest,
    SymbolsRequest,
    WarrantsRequest,
)

blueprint = Blueprint("market_screening", __name__, url_prefix="/api/market")


@blueprint.post("/scanner")
@guard(Access.READ)
@takes(ScannerRequest)
@answers(ScannerAnswer)
def scanner(body: ScannerRequest) -> Response:
    """Find the stocks of a market that pass filters."""
    session = current_session()
    return success(fetch_scan(session, body.market, body.sent_filters, body.sent_sort, body.limit, body.page_token))


@blueprint.post("/scanner-fields")
@guard(Access.READ)
@takes(ScannerFieldsRequest)
@answers(ScannerFieldsAnswer)
def scanner_fields(body: ScannerFieldsRequest) -> Response:
    """Return the fields by which the scanner filters and sorts."""
    return success(fetch_scanner_fields(current_session(), body.market))


@blueprint.post("/warrants")
@guard(Access.READ)
@takes(WarrantsRequest)
@answers(WarrantsAnswer)
def warrants(body: WarrantsRequest) -> Response:
    """Find warrants and bull/bear contracts on a Hong Kong stock."""
    sort = (body.sort.field, body.sort.direction) if body.sort else None
    session = current_session()
    return success(fetch_warrants(session, body.symbol, body.sent_filters, sort, body.limit, body.page_token))


@blueprint.post("/broker-holdings")
@guard(Access.READ)
@takes(BrokerHoldingsRequest)
@answers(BrokerHoldingsAnswer)
def broker_holdings(body: BrokerHoldingsRequest) -> Response:
    """Return what the organisations of Hong Kong's market hold."""
    order = body.order_by, body.direction
    return success(fetch_broker_holdings(current_session(), body.market, *order, body.limit, body.page_token))


@blueprint.post("/symbols")
@guard(Access.READ)
@takes(SymbolsRequest)
@answers(SymbolsAnswer)
def symbols(body: SymbolsRequest) -> Response:
    """List everything of a kind that Tiger knows."""
    chosen = body.sec_type, body.market, body.limit, body.page_token
    return success(fetch_symbols(current_session(), *chosen, with_otc=body.include_otc))
