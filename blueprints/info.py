"""Company info, and lists: contracts, reports, actions, earnings, fundamentals, industries, funds, rates, futures."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.errors import SymbolNotFound
from app.request_context import current_session
from app.tiger.company.actions import fetch_corporate_actions
from app.tiger.company.earnings import fetch_earnings
from app.tiger.company.financials import fetch_financials
from app.tiger.company.fundamentals import fetch_fundamentals
from app.tiger.company.industries import fetch_industries, fetch_industry_stocks, fetch_stock_industries
from app.tiger.market.exchange_rates import fetch_exchange_rates
from app.tiger.market.funds import fetch_fund_history, fetch_fund_symbols, fetch_funds
from app.tiger.market.futures import fetch_contract, fetch_exchange, fetch_exchanges, fetch_type
from app.tiger.trading.contracts import Derivatives, fetch_contracts
from app.web.description import answers
from app.web.envelope import success
from app.web.guard import guard
from app.web.payload import takes
from schemas.answers.companies import FundamentalsAnswer, IndustriesAnswer
from schemas.answers.exchange_rates import ExchangeRatesAnswer
from schemas.answers.funds import FundHistoryAnswer, FundsAnswer
from schemas.answers.futures import FuturesAnswer
from schemas.answers.info import ActionsAnswer, ContractsAnswer, EarningsAnswer, FinancialsAnswer
from schemas.contracts import ContractsRequest
from schemas.exchange_rates import ExchangeRatesRequest
from schemas.funds import FundHistoryRequest, FundsRequest
from schemas.futures import FuturesRequest
from schemas.info import (
    ActionsRequest,
    EarningsRequest,
    FinancialsRequest,
    FundamentalsRequest,
    IndustriesRequest,
)

blueprint = Blueprint("company_info", __name__, url_prefix="/api/info")


@blueprint.post("/contracts")
@guard(Access.READ)
@takes(ContractsRequest)
@answers(ContractsAnswer, SymbolNotFound)
def contracts(body: ContractsRequest) -> Response:
    """Return the contracts of instruments, or of the derivatives of an underlying, as Tiger trades them."""
    derivatives = [Derivatives(*underlying) for underlying in body.underlyings]
    return success(fetch_contracts(current_session(), body.named, derivatives))


@blueprint.post("/financials")
@guard(Access.READ)
@takes(FinancialsRequest)
@answers(FinancialsAnswer)
def financials(body: FinancialsRequest) -> Response:
    """Return figures of financial reports, newest first."""
    session = current_session()
    return success(fetch_financials(session, body.symbols, body.fields, body.period_type, body.begin, body.end))


@blueprint.post("/corporate-actions")
@guard(Access.READ)
@takes(ActionsRequest)
@answers(ActionsAnswer)
def corporate_actions(body: ActionsRequest) -> Response:
    """Return dividends, splits and other corporate actions, newest first."""
    session = current_session()
    return success(fetch_corporate_actions(session, body.symbols, body.action_type, body.begin, body.end))


@blueprint.post("/earnings")
@guard(Access.READ)
@takes(EarningsRequest)
@answers(EarningsAnswer)
def earnings(body: EarningsRequest) -> Response:
    """Return the earnings calendar of some symbols."""
    return success(fetch_earnings(current_session(), body.symbols, body.begin, body.end))


@blueprint.post("/fundamentals")
@guard(Access.READ)
@takes(FundamentalsRequest)
@answers(FundamentalsAnswer)
def fundamentals(body: FundamentalsRequest) -> Response:
    """Return what some stocks are valued at: price to earnings, yield, market value and the like."""
    return success(fetch_fundamentals(current_session(), body.symbols))


@blueprint.post("/industries")
@guard(Access.READ)
@takes(IndustriesRequest)
@answers(IndustriesAnswer)
def industries(body: IndustriesRequest) -> Response:
    """Return the industries there are, the stocks of one, or those that a stock belongs to."""
    session = current_session()
    if body.symbol is not None:
        return success(fetch_stock_industries(session, body.symbol))
    if body.industry is not None:
        return success(fetch_industry_stocks(session, body.industry, body.market or "US"))
    return success(fetch_industries(session, body.level or "GGROUP"))


@blueprint.post("/funds")
@guard(Access.READ)
@takes(FundsRequest)
@answers(FundsAnswer)
def funds(body: FundsRequest) -> Response:
    """Return mutual funds with their latest net asset values, or the symbols of all funds."""
    session = current_session()
    return success(fetch_fund_symbols(session) if body.symbols is None else fetch_funds(session, body.symbols))


@blueprint.post("/fund-history")
@guard(Access.READ)
@takes(FundHistoryRequest)
@answers(FundHistoryAnswer)
def fund_history(body: FundHistoryRequest) -> Response:
    """Return the net asset values of mutual funds, day by day."""
    return success(fetch_fund_history(current_session(), body.symbols, body.begin, body.end, body.limit))


@blueprint.post("/exchange-rates")
@guard(Access.READ)
@takes(ExchangeRatesRequest)
@answers(ExchangeRatesAnswer)
def exchange_rates(body: ExchangeRatesRequest) -> Response:
    """Return what a dollar buys of other currencies, day by day, and the currencies that companies use."""
    session = current_session()
    return success(fetch_exchange_rates(session, body.wanted, body.symbols or (), body.begin, body.end))


@blueprint.post("/futures")
@guard(Access.READ)
@takes(FuturesRequest)
@answers(FuturesAnswer, SymbolNotFound)
def futures(body: FuturesRequest) -> Response:
    """Return the futures of an exchange or of a type, or one contract with its trading times."""
    session = current_session()
    if body.code is not None:
        return success(fetch_contract(session, body.contract, body.trading_date, body.begin, body.end))
    if body.type is not None:
        return success(fetch_type(session, body.type))
    return success(fetch_exchanges(session) if body.exchange is None else fetch_exchange(session, body.exchange))
