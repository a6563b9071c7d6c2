"""Account transfers: exercises of options, positions moved between accounts, money moved between segments; to read."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.request_context import current_session
from app.tiger.trading.exercises import fetch_exercise_check, fetch_exercises
from app.tiger.trading.position_transfers import fetch_position_transfer, fetch_position_transfers
from app.tiger.trading.segment_funds import fetch_segment_funds
from app.web.description import answers
from app.web.envelope import success
from app.web.guard import guard
from app.web.payload import takes
from app.web.spans import get_closed_days
from schemas.answers.transfers import (
    ExerciseCheckAnswer,
    OptionExercisesAnswer,
    PositionTransfersAnswer,
    SegmentFundsAnswer,
)
from schemas.transfers import (
    ExerciseCheckRequest,
    OptionExercisesRequest,
    PositionTransfersRequest,
    SegmentFundsRequest,
)

blueprint = Blueprint("account_transfers", __name__, url_prefix="/api/trade")
DEFAULT_DAYS = 90


@blueprint.post("/option-exercises")
@guard(Access.READ)
@takes(OptionExercisesRequest)
@answers(OptionExercisesAnswer)
def option_exercises(body: OptionExercisesRequest) -> Response:
    """Return which options can be exercised or left to expire, and what was asked for so far."""
    return success(fetch_exercises(current_session(), body.type, body.limit, body.page_token))


@blueprint.post("/exercise-check")
@guard(Access.READ)
@takes(ExerciseCheckRequest)
@answers(ExerciseCheckAnswer)
def exercise_check(body: ExerciseCheckRequest) -> Response:
    """Show what exercising an option would do, without doing it."""
    return success(fetch_exercise_check(current_session(), body.type, body.contract_id, body.quantity))


@blueprint.post("/position-transfers")
@guard(Access.READ)
@takes(PositionTransfersRequest)
@answers(PositionTransfersAnswer)
def position_transfers(body: PositionTransfersRequest) -> Response:
    """List what positions were moved between accounts, or from and to other brokers."""
    session = current_session()
    if body.transfer_id is not None:
        return success(fetch_position_transfer(session, body.transfer_id))
    return success(fetch_position_transfers(session, body.scope, *get_closed_days(body, DEFAULT_DAYS)))


@blueprint.post("/segment-funds")
@guard(Access.READ)
@takes(SegmentFundsRequest)
@answers(SegmentFundsAnswer)
def segment_funds(body: SegmentFundsRequest) -> Response:
    """Show what money can leave a segment of an account, and what was moved between segments."""
    return success(fetch_segment_funds(current_session(), body.segment, body.currency, body.limit))
