"""Halts: stop the trading of an account or of all, let it go on, and see what is in force."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.request_context import current_account, current_gateway
from app.web.description import answers
from app.web.envelope import success
from app.web.guard import guard
from app.web.order_requests import get_asker
from app.web.payload import takes
from schemas.answers.halts import HaltAnswer, HaltsAnswer, ResumedAnswer
from schemas.halts import HaltRequest, HaltsRequest, ResumeRequest

blueprint = Blueprint("halts", __name__, url_prefix="/api/trade")


@blueprint.post("/halt")
@guard(Access.ADMIN, all_accounts=True, unlimited=True)
@takes(HaltRequest)
@answers(HaltAnswer)
def halt(body: HaltRequest) -> Response:
    """Stop placing and changing orders of an account, or of all (*), until somebody resumes it."""
    halting, asker = current_gateway().halting, get_asker()
    return success(halting.halt(current_account(), body.mode, body.reason, asker, cancels=body.cancel_open))


@blueprint.post("/resume")
@guard(Access.ADMIN, all_accounts=True)
@takes(ResumeRequest)
@answers(ResumedAnswer)
def resume(body: ResumeRequest) -> Response:
    """Lift the halt of an account, or the one of all (*)."""
    return success(current_gateway().halting.resume(current_account(), body.reason, get_asker()))


@blueprint.post("/halts")
@guard(Access.READ, all_accounts=True)
@takes(HaltsRequest)
@answers(HaltsAnswer)
def halts(_body: HaltsRequest) -> Response:
    """List the halts in force for an account, or for all (*)."""
    return success(current_gateway().halting.list(current_account()))
