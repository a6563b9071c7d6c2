"""Market data: quotes, order books, trades, minutes, bars, search, option chains, market states, trading calendars."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.errors import SymbolNotFound
from app.request_context import current_gateway, current_session
from app.tiger.market.bars import fetch_bars
from app.tiger.market.depth import fetch_depth
from app.tiger.market.market_status import fetch_market_status
from app.tiger.market.options import fetch_option_chain
from app.tiger.market.quotes import fetch_quote, fetch_quotes
from app.tiger.market.search import fetch_search
from app.tiger.market.ticks import fetch_ticks
from app.tiger.market.timeline import fetch_timeline
from app.tiger.market.trading_calendar import fetch_trading_calendar
from app.web.description import answers
from app.web.envelope import success
from app.web.guard import guard
from app.web.payload import takes
from schemas.answers.market import (
    BarsAnswer,
    DepthAnswer,
    OptionChainAnswer,
    SearchAnswer,
    StatusAnswer,
    TradingCalendarAnswer,
)
from schemas.answers.permissions import PermissionsAnswer
from schemas.answers.quotes import BatchAnswer, QuoteAnswer
from schemas.answers.ticks import TicksAnswer, TimelineAnswer
from schemas.market import (
    BarsRequest,
    DepthRequest,
    OptionChainRequest,
    PermissionsRequest,
    SearchRequest,
    StatusRequest,
    TradingCalendarRequest,
)
from schemas.quotes import BatchRequest, QuoteRequest
from schemas.ticks import TicksRequest, TimelineRequest

blueprint = Blueprint("market_data", __name__, url_prefix="/api/market")


@blueprint.post("/quote")
@guard(Access.READ)
@takes(QuoteRequest)
@answers(QuoteAnswer, SymbolNotFound)
def quote(body: QuoteRequest) -> Response:
    """Return the latest quote of an instrument."""
    return success(fetch_quote(current_session(), body.instrument, extended_hours=body.extended_hours))


@blueprint.post("/kline")
@guard(Access.READ)
@takes(BarsRequest)
@answers(BarsAnswer)
def kline(body: BarsRequest) -> Response:
    """Return bars of an instrument, oldest first."""
    return success(
        fetch_bars(
            current_session(),
            body.instrument,
            body.period,
            body.begin_ms,
            body.end_ms,
            body.limit,
            adjusted=body.adjusted,
            trading_session=body.session,
            page_token=body.page_token,
        )
    )


@blueprint.post("/batch")
@guard(Access.READ)
@takes(BatchRequest)
@answers(BatchAnswer)
def batch(body: BatchRequest) -> Response:
    """Return the latest quotes of up to 200 instruments."""
    return success(fetch_quotes(current_session(), body.named, body.fields, extended_hours=body.extended_hours))


@blueprint.post("/search")
@guard(Access.READ)
@takes(SearchRequest)
@answers(SearchAnswer)
def search(body: SearchRequest) -> Response:
    """Find stocks, options, futures and funds by symbol or by words of the name."""
    return success(fetch_search(current_session(), body.keyword, body.market, body.limit, body.sec_type))


@blueprint.post("/option-chain")
@guard(Access.READ)
@takes(OptionChainRequest)
@answers(OptionChainAnswer)
def option_chain(body: OptionChainRequest) -> Response:
    """Return the expirations of an underlying, and the chain of one of them."""
    return success(fetch_option_chain(current_session(), body.symbol, body.expiry))


@blueprint.post("/permissions")
@guard(Access.READ)
@takes(PermissionsRequest)
@answers(PermissionsAnswer)
def permissions(_body: PermissionsRequest) -> Response:
    """Show what market data the Tiger user may read and how often, and which device has it."""
    session = current_session()
    return success(current_gateway().quote_permissions[session.credential.tiger_id].describe(session))


@blueprint.post("/status")
@guard(Access.READ)
@takes(StatusRequest)
@answers(StatusAnswer)
def status(body: StatusRequest) -> Response:
    """Show whether a market is trading."""
    return success(fetch_market_status(current_session(), body.market))


@blueprint.post("/trading-calendar")
@guard(Access.READ)
@takes(TradingCalendarRequest)
@answers(TradingCalendarAnswer)
def trading_calendar(body: TradingCalendarRequest) -> Response:
    """Return the days on which a market trades."""
    return success(fetch_trading_calendar(current_session(), body.market, body.begin, body.end))


@blueprint.post("/depth")
@guard(Access.READ)
@takes(DepthRequest)
@answers(DepthAnswer, SymbolNotFound)
def depth(body: DepthRequest) -> Response:
    """Return the order book of a stock, an option or a future."""
    return success(fetch_depth(current_session(), body.instrument, body.levels))


@blueprint.post("/ticks")
@guard(Access.READ)
@takes(TicksRequest)
@answers(TicksAnswer, SymbolNotFound)
def ticks(body: TicksRequest) -> Response:
    """Return the newest trades of an instrument, or those that follow on one."""
    session, continued = current_session(), (body.after, body.after_ms)
    return success(fetch_ticks(session, body.instrument, body.limit, *continued, body.session))


@blueprint.post("/timeline")
@guard(Access.READ)
@takes(TimelineRequest)
@answers(TimelineAnswer, SymbolNotFound)
def timeline(body: TimelineRequest) -> Response:
    """Return the minutes of a trading day."""
    return success(fetch_timeline(current_session(), body.instrument, body.date, body.sessions))
