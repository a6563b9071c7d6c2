"""What a plugin may rely on: guard, load, answer, and the errors with a documented code.

A plugin offers a ``flask.Blueprint`` through an entry point in the group ``tiger_rest.blueprints``.
"""

from app.access.guard import guard
from app.access.permissions import Access, Identity, Permission
from app.envelope import success
from app.errors import GatewayError, InvalidRequest, NotFound
from app.gateway import current_identity, current_session
from app.payload import takes
from app.tiger.quotes import fetch_quote, fetch_quotes

__all__ = [
    "Access",
    "GatewayError",
    "Identity",
    "InvalidRequest",
    "NotFound",
    "Permission",
    "current_identity",
    "current_session",
    "fetch_quote",
    "fetch_quotes",
    "guard",
    "success",
    "takes",
]
