"""Turn every exception into the standard error: ours, Werkzeug's, and those nobody expected."""

import logging
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Flask, Response, current_app, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, default_exceptions

from app.config.credentials import ConfigurationError
from app.errors import (
    GatewayError,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from app.request_context import find_context, get_context, get_request
from app.server.names import REFUSAL
from app.web.envelope import failure

READS = frozenset({"GET", "HEAD"})

logger = logging.getLogger(__name__)

NEAREST: Mapping[int, GatewayError] = MappingProxyType(
    {
        404: NotFound("Nothing is here; GET /api/endpoints lists what there is."),
        405: MethodNotAllowed("This path takes another method; the header Allow names it."),
        413: PayloadTooLarge("The body is too large."),
        415: UnsupportedMediaType("Send the body as JSON, with the header Content-Type: application/json."),
    }
)
MISUNDERSTOOD = InvalidRequest("The request cannot be understood; check its headers and its body.")
OUR_FAULT = InternalError("Something went wrong in the gateway; report it with the request id.")


def register_error_handlers(target: Flask | Blueprint) -> None:
    """Make the target answer every error in the standard envelope."""
    _answer(target, GatewayError, _answer_ours)
    _answer(target, HTTPException, _answer_http)
    # A handler that a host application has for a status would come before ours for all of them.
    for status in default_exceptions:
        _answer(target, status, _answer_http)
    _answer(target, Exception, _answer_unexpected)


def _answer(
    target: Flask | Blueprint, what: type[Exception] | int, answer: Callable[[Any], ResponseReturnValue]
) -> None:
    """Let this answer what is raised once a request has come to us; what was raised before is the host's."""

    def answer_whose_it_is(error: Exception) -> ResponseReturnValue:
        return _leave_to_host(error) if find_context() is None else answer(error)

    target.register_error_handler(what, answer_whose_it_is)


def _leave_to_host(error: Exception) -> ResponseReturnValue:
    """Answer as the host would if the path were one of its own: Flask asks a blueprint's handlers before those."""
    handlers = current_app.error_handler_spec[None]
    status = error.code if isinstance(error, HTTPException) else None
    for by_class in (handlers.get(status, {}), handlers.get(None, {})):
        for kind in type(error).__mro__:
            if handler := by_class.get(kind):
                return current_app.ensure_sync(handler)(error)  # type: ignore[no-any-return]
    if isinstance(error, HTTPException):
        return error
    # Flask comes back with it as the cause of a 500.
    raise error


def answer_refusals(target: Flask) -> None:
    """Answer what our server could not read as a request, with the status that says why."""

    @target.before_request
    def answer_refusal() -> Response | None:
        refusal: tuple[int, str] | None = get_request().environ.get(REFUSAL)
        if refusal is None:
            return None
        status, message = refusal
        kind = PayloadTooLarge if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else InvalidRequest
        response = failure(kind(message))
        response.status_code = status
        return response


def _answer_ours(error: GatewayError) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.warning("%s %s: %s (%s)", request.method, request.path, error.code, error.message)
    return failure(error)


def _answer_http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    if status == HTTPStatus.NOT_FOUND and _is_a_visitor():
        # Relative at the root, so that it stays within whatever prefix a proxy takes away.
        return redirect("docs" if request.path == "/" else f"{request.script_root}{request.path}docs")
    nearest = MISUNDERSTOOD if status < HTTPStatus.INTERNAL_SERVER_ERROR else OUR_FAULT
    response = failure(NEAREST.get(status, nearest))
    if allowed := dict(error.get_headers()).get("Allow"):
        response.headers["Allow"] = allowed
    return response


def _is_a_visitor() -> bool:
    """Return whether a browser asks for the root, of the gateway or of its part of a host, as people try first."""
    rule, types = request.url_rule, request.accept_mimetypes
    is_root = request.path == "/" or (rule is not None and rule.rule == request.path)
    return is_root and request.method in READS and types.quality("text/html") > types.quality("application/json")


def _answer_unexpected(error: Exception) -> Response:
    # The text of an exception may quote a request or a token: only its type and the lines it passed are logged, and
    # the sentence of one that is ours and made to be read.
    logger.error(
        "%s %s: unexpected %s in request %s\n%s",
        request.method,
        request.path,
        f"{type(error).__name__}: {error}" if isinstance(error, ConfigurationError) else type(error).__name__,
        get_context().request_id,
        "".join(traceback.format_tb(error.__traceback__)),
    )
    return failure(OUR_FAULT)
