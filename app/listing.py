"""List the endpoints from what is registered, so that a plugin's category appears by itself."""

from collections.abc import Mapping

from flask import current_app, request

from app.access.guard import get_access

# The gateway's blueprint, the category's, the view.
DEPTH = 3
HIDDEN_METHODS = frozenset({"HEAD", "OPTIONS"})


def list_endpoints() -> dict[str, list[str]]:
    """Return category to its ``METHOD /path`` lines, in the order of registration."""
    outer = request.blueprints[-1]
    listing: dict[str, list[str]] = {}
    for rule in current_app.url_map.iter_rules():
        names = rule.endpoint.split(".")
        if names[0] != outer or len(names) < DEPTH or get_access(current_app.view_functions[rule.endpoint]) is None:
            continue
        methods = sorted((rule.methods or set()) - HIDDEN_METHODS)
        listing.setdefault(names[1], []).extend(f"{method} {rule.rule}" for method in methods)
    return listing


def count_endpoints(listing: Mapping[str, list[str]]) -> int:
    """Return how many endpoints a listing holds."""
    return sum(map(len, listing.values()))
