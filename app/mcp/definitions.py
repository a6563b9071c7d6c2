"""Define the tools for a client: which it may use, and their schemas."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from app.access.permissions import Identity
from app.mcp.schemas import describe_input, describe_output
from app.mcp.tools import TOOLS, Tool
from app.openapi.routes import Route, get_routes

MOST_NAMED_ACCOUNTS = 3
"""More of them in each tool would take the room that a model thinks in; list_accounts names them all."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A tool of one gateway: its route there, and what a client is given of it."""

    tool: Tool
    route: Route
    takes: frozenset[str]
    needs: frozenset[str]
    described: Mapping[str, Any]

    def is_for(self, identity: Identity) -> bool:
        """Return whether a caller may use the tool at all."""
        permission = self.route.access.permission
        if self.tool.is_unconfirmed and identity.requires_confirmation:
            return False
        return permission is None or identity.has(permission)

    def describe_for(self, accounts: list[str]) -> Mapping[str, Any]:
        """Return the definition, with the accounts of a caller in the place of any."""
        if "account" not in self.takes or len(accounts) > MOST_NAMED_ACCOUNTS:
            return self.described
        described = copy.deepcopy(dict(self.described))
        described["inputSchema"]["properties"]["account"]["enum"] = accounts
        return described


def get_definitions(outer: str, prefix: str, *, confirmed: bool) -> Mapping[str, Definition]:
    """Return the tools of a gateway of the running application by name; they are made once.

    Args:
        outer: The name of the gateway's outer blueprint.
        prefix: What stands before its paths, where it is a part of a host; else nothing.
        confirmed: Whether orders are placed by their confirmation alone.
    """
    kept: dict[tuple[str, bool], Mapping[str, Definition]]
    kept = current_app.extensions.setdefault("tiger_rest.tools", {})
    if (outer, confirmed) not in kept:
        routes = {f"{route.method} {route.path}": route for route in get_routes(current_app, outer)}
        found = {tool: routes[tool.route.replace(" ", f" {prefix}", 1)] for tool in TOOLS}
        kept[outer, confirmed] = {tool.name: define(tool, found[tool], confirmed=confirmed) for tool in TOOLS}
    return kept[outer, confirmed]


def list_for(
    identity: Identity, accounts: Iterable[str], definitions: Mapping[str, Definition]
) -> list[Mapping[str, Any]]:
    """Return the definitions of the tools that a caller may use, always in the same order."""
    names = list(accounts)
    return [
        each.describe_for(names)
        for each in definitions.values()
        if each.is_for(identity) and (names or "account" not in each.takes)
    ]


def define(tool: Tool, route: Route, *, confirmed: bool) -> Definition:
    """Return the definition of a tool."""
    accepted = describe_input(tool, route, confirmed=confirmed)
    described = {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": accepted,
        "outputSchema": describe_output(tool, route),
        "annotations": tool.effect.hints,
    }
    takes, needs = frozenset(accepted["properties"]), frozenset(accepted.get("required", ()))
    return Definition(tool, route, takes, needs, described)
