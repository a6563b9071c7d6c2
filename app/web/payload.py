"""Read the JSON body of a request, once, and load it through its schema."""

import functools
import json
import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn, TypeVar, overload

from flask import Response
from marshmallow import Schema, ValidationError
from marshmallow.exceptions import SCHEMA

from app.errors import InvalidJSON, InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from app.request_context import CARRIED, get_context, get_request
from schemas.requests import get_schema

B = TypeVar("B")
Takes = Callable[[Callable[[B], Response]], Callable[[], Response]]

IDENTITY = "identity"
OF_THE_GUARD = frozenset({"ticket"})
"""Names of a query that say who calls."""


def read_object() -> dict[str, object]:
    """Return the body as a JSON object; numbers with a fraction are decimals, exactly as sent.

    Raises:
        UnsupportedMediaType: The body is not declared as JSON.
        PayloadTooLarge: It is larger than the setting allows.
        InvalidJSON: It is no JSON object, names a member twice, or holds NaN or Infinity.
    """
    context = get_context()
    if context.payload is None:
        context.payload = _parse()
    return context.payload


def _parse() -> dict[str, object]:
    request = get_request()
    carried: dict[str, object] | None = request.environ.get(CARRIED)
    if carried is not None:
        return carried
    coding = request.headers.get("Content-Encoding", IDENTITY)
    if coding.lower() != IDENTITY:
        raise UnsupportedMediaType("Send the body as it is: a Content-Encoding such as gzip is not understood.")
    if not request.is_json:
        raise UnsupportedMediaType("Send the body as JSON, with the header Content-Type: application/json.")
    body = request.get_data(cache=False)
    # Werkzeug refuses a declared length above the limit, and cuts a body without one off at the limit.
    # A host may have read it before, however long it was.
    most = request.max_content_length or math.inf
    if len(body) > most or (request.content_length is None and len(body) == most):
        raise PayloadTooLarge("The body is too large.")
    try:
        text = body.decode(json.detect_encoding(body))
        payload = _decoder.decode(text)
        if "\\u" in text:
            # Half a character, which an escape can write, could be neither stored nor sent back.
            json.dumps(payload, ensure_ascii=False, default=str).encode()
    except InvalidJSON:
        raise
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise InvalidJSON("The body is not valid JSON.") from error
    if not isinstance(payload, dict):
        raise InvalidJSON('The body must be a JSON object, such as {"account": "67686635"}.')
    return payload


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidJSON(f"JSON has no {name}: send a finite number or null.")


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidJSON("The body names a member twice; send each once.")
    return members


# Made once: json.loads with options makes one for each body.
_decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_refuse_repeats)


@overload
def takes(kind: type[Schema]) -> Takes[dict[str, Any]]: ...
@overload
def takes(kind: type[B]) -> Takes[B]: ...
def takes(kind: type[Any]) -> Takes[Any]:
    """Call the view with the body as this request; of a marshmallow schema, as a plugin may have it, with its members.

    A body that does not fit is answered 400, with ``details`` naming each wrong field. The guard stands above, so that
    nobody learns about fields who may not use the account.
    """
    schema = kind if issubclass(kind, Schema) else get_schema(kind)
    loader = schema()

    def decorate(view: Callable[[Any], Response]) -> Callable[[], Response]:
        @functools.wraps(view)
        def loaded() -> Response:
            try:
                body = loader.load(read_object())
            except ValidationError as error:
                raise InvalidRequest.of_fields(dict(_flatten(error.messages))) from error
            if isinstance(body, dict):
                # The guard has read it, and the session stands for it.
                body.pop("account", None)
            return view(body)

        loaded.request_schema = schema  # type: ignore[attr-defined] # Read where the API is described.
        return loaded

    return decorate


def takes_query(kind: type[B]) -> Takes[B]:
    """Call the view with the query of the address as this request; each name stands there once.

    What does not fit is answered 400, as with a body.
    """
    schema = get_schema(kind)
    loader = schema()

    def decorate(view: Callable[[Any], Response]) -> Callable[[], Response]:
        @functools.wraps(view)
        def loaded() -> Response:
            sent = get_request().args
            if repeated := [name for name, values in sent.lists() if len(values) > 1]:
                raise InvalidRequest.of_fields({name: ["Send it once."] for name in repeated})
            try:
                body = loader.load({name: value for name, value in sent.items() if name not in OF_THE_GUARD})
            except ValidationError as error:
                raise InvalidRequest.of_fields(dict(_flatten(error.messages))) from error
            return view(body)

        loaded.query_schema = schema  # type: ignore[attr-defined] # Read where the API is described.
        return loaded

    return decorate


def _flatten(messages: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield a path such as ``symbols.3`` and its messages."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            # What is wrong with an object as a whole stands under a name of marshmallow's.
            yield from _flatten(inner, path if path and name == SCHEMA else f"{path}.{name}" if path else str(name))
    else:
        yield path, [str(message) for message in messages]
