"""The caller's accounts, and the tokens behind them."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.operations.accounts import describe_accounts
from app.request_context import current_gateway, current_identity, current_session
from app.web.description import answers
from app.web.envelope import success
from app.web.guard import guard
from app.web.payload import takes
from schemas.accounts import TokenRefreshRequest
from schemas.answers.accounts import AccountsAnswer, TokenRefreshAnswer, TokenStatusAnswer

blueprint = Blueprint("account_management", __name__)


@blueprint.get("/api/accounts")
@guard(Access.KEY)
@answers(AccountsAnswer)
def accounts() -> Response:
    """List the accounts this API key may use."""
    return success(describe_accounts(current_gateway().credentials, current_identity()))


@blueprint.post("/api/token/refresh")
@guard(Access.ADMIN)
@takes(TokenRefreshRequest)
@answers(TokenRefreshAnswer)
def refresh_token(_body: TokenRefreshRequest) -> Response:
    """Refresh the Tiger token of the credential behind an account."""
    return success(current_gateway().tokens.refresh(current_session(), current_identity()))


@blueprint.get("/api/token/status")
@guard(Access.ADMIN)
@answers(TokenStatusAnswer)
def token_status() -> Response:
    """Show the state of the Tiger tokens: when each ends, its last refresh and its next."""
    return success(current_gateway().tokens.describe(current_identity()))
