"""Turn what went wrong between the gateway and Tiger into our errors.

Only a command whose request may have arrived is in doubt; everything else certainly changed nothing.
"""

import json
from typing import Final

from app.errors import GatewayError, TigerError, TigerRateLimited, TigerTimeout, TigerUnavailable, TooBusy
from app.tiger.wire import values
from app.tiger.wire.codes import WINDOW_SECONDS, get_error
from app.tiger.wire.http_connection import HttpAnswer
from app.tiger.wire.transport import TransportFailure

UNAVAILABLE_SECONDS: Final = 5.0
BUSY_SECONDS: Final = 1.0
HTTP_TOO_MANY_REQUESTS: Final = 429
HTTP_CLIENT_ERRORS: Final = range(400, 500)


def get_failure(failure: TransportFailure, *, command: bool) -> GatewayError:
    """Return the error for a request that got no answer."""
    in_doubt = command and failure.sent
    match failure.kind:
        case "busy":
            return TooBusy("All connections to Tiger are in use.", retry_after=BUSY_SECONDS)
        case "timeout":
            return TigerTimeout("Tiger did not answer in time.", in_doubt=in_doubt)
        case "oversized":
            return TigerError("Tiger's answer is too large to be read.", in_doubt=in_doubt)
        case "cut":
            sentence = "The connection to Tiger broke before it answered."
        case "unreachable":
            fault = failure.tls_fault
            sentence = f"Tiger cannot be reached safely: {fault}." if fault else "Tiger cannot be reached."
    return TigerUnavailable(sentence, retry_after=UNAVAILABLE_SECONDS, in_doubt=in_doubt)


def get_unreadable(*, command: bool) -> GatewayError:
    """Return the error for an answer that cannot be understood or trusted."""
    return TigerError("Tiger's answer cannot be read.", in_doubt=command)


def get_status_error(answer: HttpAnswer, *, command: bool, market: str | None, places: bool = False) -> GatewayError:
    """Return the error for an HTTP status other than 200: the code in the body of a 4xx counts, where it has one."""
    if answer.status == HTTP_TOO_MANY_REQUESTS:
        sentence = "Tiger's rate limit for this method is used up."
        return TigerRateLimited(sentence, tiger_code=_refusal(answer)[0], retry_after=WINDOW_SECONDS)
    code, text = _refusal(answer)
    if code and answer.status in HTTP_CLIENT_ERRORS:
        return get_error(code, text, command=command, market=market, places=places)
    return TigerError(f"Tiger answered with HTTP status {answer.status}.", tiger_code=code, in_doubt=command)


def _refusal(answer: HttpAnswer) -> tuple[int | None, str]:
    try:
        content = values.mapping(json.loads(answer.body))
    except (ValueError, RecursionError):
        return None, ""
    return values.whole(content.get("code")) or None, values.text(content.get("message")) or ""
