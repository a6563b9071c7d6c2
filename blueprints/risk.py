"""How much may be ordered: the limits of accounts and API keys."""

from typing import Any

from flask import Blueprint, Response

from app.access.permissions import Access
from app.web.description import answers
from app.web.envelope import success
from app.web.guard import guard
from app.web.limit_requests import change_limits, fetch_limits
from app.web.payload import takes
from schemas.answers.risk import LimitsAnswer
from schemas.risk import LimitsRequest, SetLimitsRequest

blueprint = Blueprint("risk", __name__, url_prefix="/api/trade")


@blueprint.post("/limits")
@guard(Access.READ)
@takes(LimitsRequest)
@answers(LimitsAnswer)
def limits(_body: LimitsRequest) -> Response:
    """List the limits of your API key and of an account, with what is left of each."""
    return success(fetch_limits())


@blueprint.post("/set-limits")
@guard(Access.ADMIN)
@takes(SetLimitsRequest)
@answers(LimitsAnswer)
def set_limits(body: Any) -> Response:
    """Set limits of an account or of an API key, and end others; they hold from the next order on."""
    return success(change_limits(body))
