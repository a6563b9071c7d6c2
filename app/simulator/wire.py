"""The words that every part of the simulator shares: a request as read, a refusal, a handler."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SUCCESS = 0
SERVER_ERROR = 1
ACCESS_FORBIDDEN = 4
RATE_LIMITED = 5
COMMON_PARAMETER_ERROR = 1000
BUSINESS_PARAMETER_ERROR = 1010
GLOBAL_ACCOUNT_ERROR = 1100
STANDARD_ACCOUNT_ERROR = 1200
USER_TOKEN_ERROR = 2400


@dataclass(frozen=True, slots=True)
class WireRequest:
    """Hold one request whose signature and envelope have been found good.

    ``biz`` is the decoded ``biz_content``: an object, an array (``option_trade_tick``), or an empty object
    when the request has none. ``now_ms`` is the simulator's clock at arrival, epoch milliseconds. ``device_id`` is
    empty where the sender names none.
    """

    method: str
    version: str
    biz: Any
    tiger_id: str
    lang: str
    now_ms: int
    device_id: str = ""


class WireRefusal(Exception):
    """Refuse a request with Tiger's code and text; raised by handlers, written by the server.

    ``http_status`` is 200 for nearly all refusals, as with Tiger; 429 goes with code 5.
    """

    def __init__(self, code: int, message: str, http_status: int = 200) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http_status = http_status


class BareRefusal(WireRefusal):
    """Refuse as Tiger's front does before an account is asked: without a time, with ``data`` null."""


Handler = Callable[[WireRequest], Any]
"""Answers one wire method: returns the JSON-able ``data``, or raises WireRefusal."""
