"""The only makers of response bodies."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from flask import Response

from app.errors import GatewayError, Unauthorized
from app.request_context import get_context
from schemas.envelope import ErrorEnvelope, SuccessEnvelope

SYSTEM_ACCOUNT = "system"
JSON = "application/json"
_success_schema = SuccessEnvelope()
_error_schema = ErrorEnvelope()


def success(data: object) -> Response:
    """Answer 200 with the data in the standard envelope, and ``Age`` where it came from a cache."""
    context = get_context()
    account = SYSTEM_ACCOUNT if context.account is None else context.account
    response = bare(_success_schema.dump({"data": data, "account": account, "timestamp": get_timestamp()}))
    session = context.session
    if session is not None and session.age_seconds is not None:
        response.headers.add("Age", str(int(session.age_seconds)))
    if context.allowance is not None:
        response.headers.update(context.allowance.get_headers())
    return response


def failure(error: GatewayError) -> Response:
    """Answer with the error's status, in the standard envelope, and the headers that go with it."""
    context = get_context()
    body: dict[str, object] = {
        "error": error.message,
        "code": error.code,
        "account": context.account,
        "timestamp": get_timestamp(),
        "request_id": context.request_id,
    }
    if error.details is not None:
        body["details"] = error.details
    if error.tiger_code is not None:
        body["tiger_code"] = error.tiger_code
    if error.retryable or error.tiger_code is not None:
        body["retryable"] = error.retryable
    retry_after = _get_retry_after(error)
    if retry_after is not None:
        body["retry_after"] = retry_after
    if error.data is not None:
        body["data"] = error.data
    response = bare(_error_schema.dump(body), error.status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if context.allowance is not None:
        response.headers.update(context.allowance.get_headers())
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def bare(body: Mapping[str, object], status: int = 200) -> Response:
    """Answer with this object as JSON; a number that is not finite is a bug and raises."""
    return Response(_encoder.encode(body), status, content_type=JSON)


def get_timestamp() -> str:
    """Return the present moment as RFC 3339 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _get_retry_after(error: GatewayError) -> int | None:
    """Return whole seconds, rounded up; those who must wait always learn how long."""
    if error.retry_after is not None:
        return max(1, math.ceil(error.retry_after))
    return 1 if error.status in {429, 503} else None


def _encode(value: object) -> int | float | str:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


# Made once: json.dumps with options makes one for each call.
_encoder = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=_encode)
