"""List the endpoints from what is registered, so that a plugin's category appears by itself."""

from collections.abc import Mapping

from flask import current_app, request

from app.web.guard import get_access

# The gateway's blueprint, the category's, the view.
DEPTH = 3
# The order of the document; a plugin's category follows.
DOCUMENTED = ("health", "account_management", "market_data", "company_info", "trading")
ABOUT = frozenset({"documentation", "monitoring"})
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
    first = [name for name in DOCUMENTED if name in listing]
    return {name: listing[name] for name in [*first, *(name for name in listing if name not in DOCUMENTED)]}


def count_endpoints(listing: Mapping[str, list[str]]) -> int:
    """Return how many endpoints of the API a listing holds; pages about it, and metrics, are none."""
    return sum(len(lines) for name, lines in listing.items() if name not in ABOUT)
