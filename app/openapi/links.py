"""Which member of an answer another operation takes: an order's id after it was placed, a chain's expiry."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """A member of one answer (a JSON pointer into the body) that a field of another operation's request takes."""

    pointer: str
    operation: str
    field: str


_OF_AN_ORDER = tuple(
    Link("/data/order_id", f"trading_{operation}", "order_id")
    for operation in ("order_status", "order_events", "modify_order", "cancel_order")
)
LINKS: Mapping[str, tuple[Link, ...]] = MappingProxyType(
    {
        "POST /api/market/option-chain": (Link("/data/expirations/0", "market_data_option_chain", "expiry"),),
        "POST /api/trade/place-order": _OF_AN_ORDER,
        "POST /api/trade/place-oca-order": _OF_AN_ORDER,
    }
)
"""Route → the links of its success."""


def get_links(line: str, operations: Collection[str]) -> dict[str, Any]:
    """Return the links of a route to operations that exist, as OpenAPI writes them."""
    return {
        link.operation: {
            "operationId": link.operation,
            "requestBody": {link.field: f"$response.body#{link.pointer}"},
            "description": f"{link.field} of this answer, for the same account.",
        }
        for link in LINKS.get(line, ())
        if link.operation in operations
    }
