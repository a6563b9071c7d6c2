"""Read the routes of one gateway: what the application registered, and what each view carries as data."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from marshmallow import Schema

from app.access.permissions import Access
from app.errors import (
    AccountForbidden,
    AccountNotFound,
    GatewayError,
    IdempotencyConflict,
    InternalError,
    InvalidJSON,
    InvalidRequest,
    InvalidSymbol,
    PayloadTooLarge,
    PermissionRequired,
    RateLimited,
    StorageUnavailable,
    TigerCredentialsRejected,
    TigerError,
    TigerPermissionDenied,
    TigerRateLimited,
    TigerTimeout,
    TigerTokenRejected,
    TigerUnavailable,
    TooBusy,
    Unauthorized,
    UnsupportedMediaType,
)
from app.operations.endpoints import HIDDEN_METHODS
from app.web.description import Answers, get_answers
from app.web.guard import get_access

CATEGORY_DEPTH = 3
"""An endpoint is named by the outer blueprint, its category and its view."""

Errors = tuple[type[GatewayError], ...]

OF_EVERY_ROUTE: Errors = (InternalError, TooBusy)
OF_KEYS: Errors = (Unauthorized, RateLimited, StorageUnavailable)
OF_BODIES: Errors = (InvalidJSON, InvalidRequest, PayloadTooLarge, UnsupportedMediaType)
OF_ACCOUNTS: Errors = (AccountForbidden, AccountNotFound)
OF_TIGER: Errors = (
    (InvalidSymbol, TigerPermissionDenied, TigerRateLimited, TigerError, TigerCredentialsRejected)
    + (TigerTokenRejected, TigerUnavailable, TigerTimeout)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path, with what its view says about itself."""

    method: str
    path: str
    category: str
    name: str
    access: Access
    documentation: str
    request: type[Schema] | None
    answers: Answers | None

    @property
    def line(self) -> str:
        """Return the route as ``/api/endpoints`` writes it."""
        return f"{self.method} {self.path}"

    @property
    def operation(self) -> str:
        """Return the id of the operation."""
        return f"{self.category}_{self.name}"

    @property
    def summary(self) -> str:
        """Return the first sentence of the docstring, or the view's name where it has none."""
        first = " ".join(self.documentation.split("\n\n")[0].split()).removesuffix(".")
        return first or self.name.replace("_", " ").capitalize()

    @property
    def is_idempotent(self) -> bool:
        """Tell whether an Idempotency-Key makes a repeat safe."""
        return IdempotencyConflict in self.own_errors

    @property
    def own_errors(self) -> Errors:
        """Return the errors that are this route's own."""
        return self.answers.errors if self.answers else ()

    @property
    def errors(self) -> Errors:
        """Return every error the route can answer with."""
        found = OF_EVERY_ROUTE
        if self.access is not Access.PUBLIC:
            found += OF_KEYS
        if self.access.permission:
            found += (PermissionRequired,)
        if self.request is not None:
            found += OF_BODIES
        if self.method == "POST" and self.access is not Access.PUBLIC:
            found += OF_ACCOUNTS + OF_TIGER
        return tuple(dict.fromkeys(found + self.own_errors))


def get_routes(app: Flask, outer: str, prefix: str = "") -> list[Route]:
    """Return the routes that one gateway registered under its outer blueprint; paths are without the prefix."""
    return list(_walk(app, outer, prefix))


def get_categories(app: Flask, routes: list[Route], outer: str) -> Mapping[str, str]:
    """Return each category with the first sentence of its module."""
    found: dict[str, str] = {}
    for route in routes:
        blueprint = app.blueprints[f"{outer}.{route.category}"]
        module = sys.modules.get(blueprint.import_name)
        found.setdefault(route.category, (inspect.getdoc(module) or "").split("\n\n")[0].replace("\n", " "))
    return found


def _walk(app: Flask, outer: str, prefix: str) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        names = rule.endpoint.split(".")
        view: Callable[..., Any] = app.view_functions[rule.endpoint]
        access = get_access(view)
        # A route of the outer blueprint itself belongs to no category: it answers for paths that lead nowhere.
        if names[0] != outer or len(names) < CATEGORY_DEPTH or access is None:
            continue
        for method in sorted((rule.methods or set()) - HIDDEN_METHODS):
            yield Route(
                method=method,
                path=_write_path(rule.rule.removeprefix(prefix)),
                category=names[1],
                name="_".join(names[2:]),
                access=access,
                documentation=inspect.getdoc(view) or "",
                request=getattr(view, "request_schema", None),
                answers=get_answers(view),
            )


def _write_path(rule: str) -> str:
    """Write the variables of a rule as OpenAPI does: ``<path:file>`` becomes ``{file}``."""
    return "".join(
        "{" + part.split(">")[0].rpartition(":")[2] + "}" + part.split(">", 1)[1] if ">" in part else part
        for part in rule.split("<")
    )
