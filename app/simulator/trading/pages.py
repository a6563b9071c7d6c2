"""Cuts lists into pages with an opaque token that names where the next one starts."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from app.simulator.trading.decimals import get_invalid, read_integer

Item = TypeVar("Item")
Key = tuple[int, int]


def read_limit(biz: Mapping[str, Any], default: int, largest: int) -> int:
    """Return the wished length of a page; refuses what Tiger's caps refuse."""
    limit = read_integer("limit", biz.get("limit"))
    if limit is None:
        return default
    if not 1 <= limit <= largest:
        name = "limit"
        raise get_invalid(name)
    return limit


def cut_page(
    items: Sequence[Item], get_key: Callable[[Item], Key], limit: int, token: Any
) -> tuple[list[Item], str | None]:
    """Return one page and the token of the next, None on the last.

    ``items`` come in falling order of their keys, so new ones do not shift a page that is being walked.
    """
    start = _read_token(token)
    rest = [item for item in items if start is None or get_key(item) < start]
    page = rest[:limit]
    if len(rest) <= limit:
        return page, None
    first, second = get_key(page[-1])
    return page, base64.b64encode(f"{first}|{second}".encode()).decode()


def _read_token(token: Any) -> Key | None:
    if token is None or token == "":
        return None
    try:
        first, second = base64.b64decode(str(token), validate=True).decode().split("|")
        return int(first), int(second)
    except (binascii.Error, ValueError) as error:
        name = "page_token"
        raise get_invalid(name) from error
