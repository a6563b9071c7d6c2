"""Market analysis: volatility, details of stocks, flows of capital, brokers, short interest, ranks."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.errors import SymbolNotFound
from app.request_context import current_session
from app.tiger.market.brokers import fetch_brokers
from app.tiger.market.capital import fetch_capital_distribution, fetch_capital_flow
from app.tiger.market.details import fetch_details
from app.tiger.market.rank import fetch_rank
from app.tiger.market.short_interest import fetch_short_interest
from app.tiger.market.volatility import fetch_option_analysis
from app.web.description import answers
from app.web.envelope import success
from app.web.guard import guard
from app.web.payload import takes
from schemas.analysis import (
    BrokersRequest,
    CapitalDistributionRequest,
    CapitalFlowRequest,
    DetailsRequest,
    OptionAnalysisRequest,
    RankRequest,
    ShortInterestRequest,
)
from schemas.answers.analysis import (
    BrokersAnswer,
    CapitalDistributionAnswer,
    CapitalFlowAnswer,
    DetailsAnswer,
    OptionAnalysisAnswer,
    RankAnswer,
    ShortInterestAnswer,
)

blueprint = Blueprint("market_analysis", __name__, url_prefix="/api/market")


@blueprint.post("/option-analysis")
@guard(Access.READ)
@takes(OptionAnalysisRequest)
@answers(OptionAnalysisAnswer)
def option_analysis(body: OptionAnalysisRequest) -> Response:
    """Show how volatile underlyings of options are, and are taken to be."""
    return success(fetch_option_analysis(current_session(), body.symbols, body.period, with_days=body.days))


@blueprint.post("/details")
@guard(Access.READ)
@takes(DetailsRequest)
@answers(DetailsAnswer)
def details(body: DetailsRequest) -> Response:
    """Return what is known of stocks beside their prices."""
    return success(fetch_details(current_session(), body.symbols))


@blueprint.post("/capital-flow")
@guard(Access.READ)
@takes(CapitalFlowRequest)
@answers(CapitalFlowAnswer, SymbolNotFound)
def capital_flow(body: CapitalFlowRequest) -> Response:
    """Return what capital flowed into a stock over time, less what flowed out."""
    session = current_session()
    return success(fetch_capital_flow(session, body.symbol, body.period, body.begin_ms, body.end_ms, body.limit))


@blueprint.post("/capital-distribution")
@guard(Access.READ)
@takes(CapitalDistributionRequest)
@answers(CapitalDistributionAnswer, SymbolNotFound)
def capital_distribution(body: CapitalDistributionRequest) -> Response:
    """Return what capital flowed into a stock and out of it today, by the size of orders."""
    return success(fetch_capital_distribution(current_session(), body.symbol))


@blueprint.post("/brokers")
@guard(Access.READ)
@takes(BrokersRequest)
@answers(BrokersAnswer, SymbolNotFound)
def brokers(body: BrokersRequest) -> Response:
    """Return which brokers queue in the book of a Hong Kong stock."""
    return success(fetch_brokers(current_session(), body.symbol, body.levels))


@blueprint.post("/short-interest")
@guard(Access.READ)
@takes(ShortInterestRequest)
@answers(ShortInterestAnswer)
def short_interest(body: ShortInterestRequest) -> Response:
    """Return what is sold short of United States stocks."""
    return success(fetch_short_interest(current_session(), body.symbols))


@blueprint.post("/rank")
@guard(Access.READ)
@takes(RankRequest)
@answers(RankAnswer)
def rank(body: RankRequest) -> Response:
    """Return the stocks of a market that are traded most."""
    return success(fetch_rank(current_session(), body.market))
