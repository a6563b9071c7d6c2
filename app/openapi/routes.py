"""Read the routes of one gateway: what the application registered, and what each view carries as data."""

import inspect
import re
import sys
from collections.abc import Mapping

from flask import Flask
from marshmallow import Schema

from app import errors
from app.access.permissions import Access
from app.operations.endpoints import Endpoint, find_endpoints
from app.web.description import Answers, get_answers

VARIABLE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
UNDESCRIBED = Answers(schema=None)

Errors = tuple[type[errors.GatewayError], ...]

OF_EVERY_ROUTE: Errors = (errors.InternalError, errors.TooBusy)
OF_KEYS: Errors = (errors.Unauthorized, errors.RateLimited, errors.StorageUnavailable)
OF_BODIES: Errors = (
    (errors.InvalidJSON, errors.InvalidRequest, errors.PayloadTooLarge, errors.UnsupportedMediaType)
)  # fmt: skip
OF_ACCOUNTS: Errors = (errors.AccountForbidden, errors.AccountNotFound)
OF_TIGER: Errors = (
    (errors.InvalidSymbol, errors.TigerPermissionDenied, errors.TigerRateLimited, errors.TigerError)
    + (errors.TigerCredentialsRejected, errors.TigerTokenRejected, errors.TigerUnavailable, errors.TigerTimeout)
)  # fmt: skip


class Route(Endpoint):
    """An endpoint with what its view says about itself; ``path`` is as OpenAPI writes it."""

    __slots__ = ()

    @property
    def operation(self) -> str:
        """Return the id of the operation."""
        return f"{self.category}_{self.name}"

    @property
    def documentation(self) -> str:
        """Return the view's docstring."""
        return inspect.getdoc(self.view) or ""

    @property
    def summary(self) -> str:
        """Return the first sentence of the docstring, or the view's name where it has none."""
        first = " ".join(self.documentation.split("\n\n")[0].split()).removesuffix(".")
        return first or self.name.replace("_", " ").capitalize()

    @property
    def request(self) -> type[Schema] | None:
        """Return the schema of the body, or None where it takes none."""
        return getattr(self.view, "request_schema", None)

    @property
    def query(self) -> type[Schema] | None:
        """Return the schema of the query of the address, or None where it takes none."""
        return getattr(self.view, "query_schema", None)

    @property
    def answers(self) -> Answers:
        """Return what the view says that it answers."""
        return get_answers(self.view) or UNDESCRIBED

    @property
    def is_idempotent(self) -> bool:
        """Tell whether an Idempotency-Key makes a repeat safe."""
        return errors.IdempotencyConflict in self.answers.errors

    @property
    def errors(self) -> Errors:
        """Return every error the route can answer with."""
        found = OF_EVERY_ROUTE
        if self.access is not Access.PUBLIC:
            found += OF_KEYS
        if self.access.permission:
            found += (errors.PermissionRequired,)
        if self.request is not None:
            found += OF_BODIES
        if self.query is not None:
            found += (errors.InvalidRequest,)
        if (self.method == "POST" or self.query is not None) and self.access is not Access.PUBLIC:
            found += OF_ACCOUNTS + OF_TIGER
        return tuple(dict.fromkeys(found + self.answers.errors))


def get_routes(app: Flask, outer: str, prefix: str = "") -> list[Route]:
    """Return the routes that one gateway registered under its outer blueprint; paths are without the prefix."""
    return [
        Route(*each._replace(path=VARIABLE.sub(r"{\1}", each.path.removeprefix(prefix))))
        for each in find_endpoints(app, outer)
    ]


def get_categories(app: Flask, routes: list[Route], outer: str) -> Mapping[str, str]:
    """Return each category with the first sentence of its module."""
    found: dict[str, str] = {}
    for route in routes:
        module = sys.modules.get(app.blueprints[f"{outer}.{route.category}"].import_name)
        found.setdefault(route.category, (inspect.getdoc(module) or "").split("\n\n")[0].replace("\n", " "))
    return found
