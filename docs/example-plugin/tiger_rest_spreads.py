"""The spread between bid and ask, as a category of its own."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response
from marshmallow import fields
from tiger_rest.plugin import (
    Access,
    Answer,
    Request,
    Symbol,
    SymbolNotFound,
    answers,
    current_session,
    fetch_quote,
    guard,
    success,
    takes,
)

blueprint = Blueprint("spreads", __name__, url_prefix="/api/spreads")


class SpreadRequest(Request):
    """Ask for the spread of a symbol."""

    symbol = Symbol(required=True)


class SpreadAnswer(Answer):
    """The spread of a symbol, in its currency."""

    symbol = fields.String(required=True, metadata={"description": "The symbol."})
    spread = fields.Float(required=True, allow_none=True, metadata={"description": "Ask less bid; null without both."})


@blueprint.post("/latest")
@guard(Access.READ)
@takes(SpreadRequest)
@answers(SpreadAnswer, SymbolNotFound)
def latest(body: dict[str, Any]) -> Response:
    """Return the spread between the best bid and the best ask."""
    quote = fetch_quote(current_session(), body["symbol"])
    bid, ask = quote["bid_price"], quote["ask_price"]
    spread = None if bid is None or ask is None else Decimal(str(ask)) - Decimal(str(bid))
    return success({"symbol": quote["symbol"], "spread": spread})
