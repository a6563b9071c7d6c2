"""List the endpoints from what is registered, so that a plugin's category appears by itself."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from flask import Flask, current_app, request

from app.access.permissions import Access
from app.web.guard import get_access, speaks_rest

# The order of the document; a plugin's category follows.
DOCUMENTED = ("health", "account_management", "market_data", "company_info", "trading")
ABOUT = frozenset({"documentation", "monitoring"})
HIDDEN_METHODS = frozenset({"HEAD", "OPTIONS"})


class Endpoint(NamedTuple):
    """One method of one path, with its view and who may call it."""

    method: str
    path: str
    category: str
    name: str
    access: Access
    view: Callable[..., Any]

    @property
    def line(self) -> str:
        """Return the endpoint as ``/api/endpoints`` writes it."""
        return f"{self.method} {self.path}"


def find_endpoints(app: Flask, outer: str) -> Iterator[Endpoint]:
    """Yield what a gateway registered in a category under its outer blueprint, in that order.

    A route of the outer blueprint itself belongs to no category: it answers for paths that lead nowhere. What speaks
    another protocol is no endpoint of this API.
    """
    for rule in app.url_map.iter_rules():
        gateway, *names = rule.endpoint.split(".")
        view = app.view_functions[rule.endpoint]
        access = get_access(view)
        if gateway == outer and len(names) > 1 and access is not None and speaks_rest(view):
            for method in sorted((rule.methods or set()) - HIDDEN_METHODS):
                yield Endpoint(method, rule.rule, names[0], "_".join(names[1:]), access, view)


def list_endpoints() -> dict[str, list[str]]:
    """Return category to its ``METHOD /path`` lines, in the order of registration."""
    listing: dict[str, list[str]] = {name: [] for name in DOCUMENTED}
    for endpoint in find_endpoints(current_app, request.blueprints[-1]):
        listing.setdefault(endpoint.category, []).append(endpoint.line)
    return {name: lines for name, lines in listing.items() if lines}


def count_endpoints(listing: Mapping[str, list[str]]) -> int:
    """Return how many endpoints of the API a listing holds; pages about it, and metrics, are none."""
    return sum(len(lines) for name, lines in listing.items() if name not in ABOUT)
