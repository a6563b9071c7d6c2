"""What a plugin may rely on: guard, load, answer, and the errors with a documented code.

A plugin offers a ``flask.Blueprint`` through an entry point in the group ``tiger_rest.blueprints``.
"""

from app.access.permissions import Access, Identity, Permission
from app.errors import GatewayError, InvalidRequest, InvalidSymbol, NotFound, SymbolNotFound
from app.request_context import current_identity, current_session
from app.tiger.market.bars import fetch_bars
from app.tiger.market.quotes import fetch_quote, fetch_quotes
from app.tiger.trading.positions import fetch_positions
from app.web.description import answers
from app.web.envelope import success
from app.web.guard import guard
from app.web.payload import takes
from schemas.answers.fields import Answer
from schemas.fields import Symbol, Symbols
from schemas.requests import Request

__all__ = [
    "Access",
    "Answer",
    "GatewayError",
    "Identity",
    "InvalidRequest",
    "InvalidSymbol",
    "NotFound",
    "Permission",
    "Request",
    "Symbol",
    "SymbolNotFound",
    "Symbols",
    "answers",
    "current_identity",
    "current_session",
    "fetch_bars",
    "fetch_positions",
    "fetch_quote",
    "fetch_quotes",
    "guard",
    "success",
    "takes",
]
