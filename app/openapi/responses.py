"""The responses of an operation: its success in the envelope, and every error, grouped by HTTP status."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from app.access.permissions import Access
from app.errors import GatewayError, MethodNotAllowed, NotFound
from app.openapi.advice import ADVICE
from app.openapi.examples import Examples
from app.openapi.headers import LIMITS, refer_to_headers
from app.openapi.json_schemas import Components, JSONSchema
from app.openapi.routes import Route
from app.web.description import JSON, Answers
from schemas.envelope import ErrorEnvelope, SuccessEnvelope

HEADERS_OF_STATUS: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        202: ("Retry-After",),
        401: ("WWW-Authenticate",),
        405: ("Allow",),
        429: ("Retry-After", *LIMITS),
        502: ("Retry-After",),
        503: ("Retry-After",),
        504: ("Retry-After",),
    }
)
"""Status of an error → the headers that come with it, some of them only where they apply."""


class Responses:
    """Describe responses; those of errors are shared by the operations that have the same ones."""

    def __init__(self, components: Components, examples: Examples) -> None:
        self._components = components
        self._examples = examples
        self.shared: dict[str, dict[str, Any]] = {}
        # These belong to no operation: they answer for paths and methods that are none.
        for error in (NotFound, MethodNotAllowed):
            self._refer_to_error([error], is_replayable=False)

    def describe(self, route: Route) -> dict[str, Any]:
        """Return the responses of a route by status."""
        by_status: dict[int, list[type[GatewayError]]] = {}
        for error in route.errors:
            by_status.setdefault(error.status, []).append(error)
        described = {str(status): self._describe_success(route) for status in route.answers.statuses}
        for status, errors in sorted(by_status.items()):
            # A status that is also an answer's own, such as readiness with 503, keeps the answer's schema.
            if status not in route.answers.statuses:
                described[str(status)] = self._refer_to_error(errors, is_replayable=route.is_idempotent)
        return described

    def _describe_success(self, route: Route) -> dict[str, Any]:
        content: dict[str, Any] = {"schema": self._get_schema(route.answers)}
        if (example := self._examples.answers.get(route.line)) is not None:
            content["example"] = example
        names: tuple[str, ...] = LIMITS if route.access is not Access.PUBLIC else ()
        names += ("Age",) if route.access is Access.READ else ()
        names += ("Idempotent-Replayed",) if route.is_idempotent else ()
        described = {"description": "The answer.", "headers": refer_to_headers(*names)}
        return {**described, "content": {route.answers.media_type: content}}

    def _get_schema(self, answers: Answers) -> JSONSchema:
        if answers.media_type != JSON:
            return {"type": "string"} if answers.media_type.startswith("text/") else {}
        data = self._components.refer(answers.schema) if answers.schema else {}
        if answers.is_bare:
            return data
        envelope = self._components.describe(SuccessEnvelope)
        envelope["properties"] = {**envelope["properties"], "data": data}
        envelope["required"] = sorted({*envelope["required"], "success"})
        return {**envelope, "additionalProperties": False}

    def _refer_to_error(self, errors: Sequence[type[GatewayError]], *, is_replayable: bool) -> dict[str, Any]:
        """Return a reference to the response that describes these errors, all of one status."""
        ordered = sorted(errors, key=lambda error: error.code)
        name = f"{ordered[0].status}.{'.'.join(error.code for error in ordered)}"
        name += ".replayable" if is_replayable else ""
        if name not in self.shared:
            self.shared[name] = self._describe_errors(ordered, is_replayable=is_replayable)
        return {"$ref": f"#/components/responses/{name}"}

    def _describe_errors(self, errors: Sequence[type[GatewayError]], *, is_replayable: bool) -> dict[str, Any]:
        names = HEADERS_OF_STATUS.get(errors[0].status, ()) + (("Idempotent-Replayed",) if is_replayable else ())
        codes = [error.code for error in errors]
        narrowed = {"properties": {"code": {"enum": codes}}}
        content: dict[str, Any] = {"schema": {"allOf": [self._components.refer(ErrorEnvelope), narrowed]}}
        recorded = self._examples.errors
        if examples := {code: {"value": recorded[code]} for code in codes if code in recorded}:
            content["examples"] = examples
        return {
            "description": "\n".join(f"- `{error.code}`: {error.__doc__} {ADVICE[error.code]}" for error in errors),
            "headers": refer_to_headers(*names),
            "content": {JSON: content},
        }
