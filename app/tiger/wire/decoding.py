"""Decode the content of an answer: its data, or the error that it stands for."""

import json
from typing import Any, Final

from tigeropen.common.model import BaseParams

from app.tiger.wire import values
from app.tiger.wire.asked import get_asked_market
from app.tiger.wire.client import WireAnswer
from app.tiger.wire.codes import get_error
from app.tiger.wire.errors import get_unreadable

SUCCESS: Final = 0


def get_data(answer: WireAnswer, params: BaseParams | None, *, command: bool, places: bool) -> Any:
    """Return the data of a success: NaN and Infinity are None, nested JSON text is decoded.

    Raises:
        GatewayError: Tiger refused, or its answer cannot be read; ``in_doubt`` where a command may have been done.
    """
    content = answer.content
    code = values.whole(content.get("code"))
    if code is None:
        raise get_unreadable(command=command)
    if code != SUCCESS:
        text, market = values.text(content.get("message")) or "", get_asked_market(params)
        raise get_error(code, text, command=command, market=market, places=places)
    data = content.get("data")
    try:
        if isinstance(data, str) and data:
            data = json.loads(data)
        return _finite(data) if answer.has_constants else data
    except (ValueError, RecursionError):
        raise get_unreadable(command=command) from None


def _finite(data: Any) -> Any:
    """Return the same data with None in the place of NaN and Infinity."""
    if isinstance(data, dict):
        return {name: _finite(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_finite(value) for value in data]
    return values.number(data) if isinstance(data, float) else data
