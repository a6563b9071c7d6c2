"""The table of Tiger's codes: which error of ours each one becomes, and where we know it from.

A code may mean several things; its rows are tried in order and the last one of a code always matches. Sources:
"page" is Tiger's page of error codes, "Java" the enum TigerApiCode of Tiger's Java SDK, "limits" Tiger's page of rate
limits, "SDK" a text quoted in issues of tigerfintech/openapi-python-sdk.
"""

import re
from dataclasses import dataclass
from typing import Final

from app.errors import (
    GatewayError,
    InvalidSymbol,
    OrderNotFound,
    OrderRejected,
    SymbolNotFound,
    TigerCredentialsRejected,
    TigerError,
    TigerPermissionDenied,
    TigerRateLimited,
    TigerTimeout,
    TigerTokenRejected,
)
from app.tiger.reasons import get_reason

WINDOW_SECONDS: Final = 60.0
"""Tiger counts over a rolling minute: after this the budget is certainly free again."""

_CREDENTIALS = "Tiger refuses this gateway's credential; its operator has to check tiger_id, private key and IP list"
_STALE = "Tiger refuses the token of this gateway; it has to be refreshed"
_LIMIT = "Tiger's rate limit for this method is used up"
_SYMBOL = "Tiger refuses the symbol"
_PARAMETER = "Tiger refuses a parameter of the request"
_ERROR = "Tiger could not answer the request"
_REJECTED = "Tiger rejected the order"
_NO_ORDER = "Tiger has no such order in this account"
_DEVICE = (
    "Tiger gives {market} market data to one device at a time, and at present to another one; "
    "close Tiger's apps there or have the operator grab the quote permission for this gateway"
)
_UNENTITLED = "The Tiger user has no permission for {market} market data; buy or activate it in Tiger's app"
_FORBIDDEN = "Tiger does not allow this for this user or account{where}; check the permission in Tiger's app"


@dataclass(frozen=True, slots=True)
class Row:
    """Map one code, where its text matches, to an error for a read and one for an order command.

    ``sentence`` is ours; with ``tells_reason`` Tiger's own text follows it, cleaned. ``leaves_open`` says that a
    command answered so may still have been carried out.
    """

    code: int
    pattern: str
    read: type[GatewayError]
    command: type[GatewayError]
    sentence: str
    source: str
    tells_reason: bool = False
    leaves_open: bool = False
    retry_after: float | None = None

    def matches(self, text: str) -> bool:
        """Tell whether the text of an answer is one that this row is about."""
        return re.search(self.pattern, text, re.IGNORECASE) is not None


_ANY = ""
_IS_LIMIT = r"rate limit|current limiting|too many requests|times per minute"
_IS_IP = r"white ?list|black ?list|blocklist|\bIP\b"
_IS_DEVICE = r"current device does not|other device|another device"
_IS_PERMISSION = r"permission|not authori[sz]ed|not entitled"
_IS_MARKET_DATA = r"(permission|entitle).*(market|quote)|(market|quote).*(permission|entitle)"
_IS_CREDENTIAL = r"\bsign|tiger_?id|developer|private key|public key"
_IS_NO_SYMBOL = r"(symbol|contract|code).*(not (be )?found|not exist)|(no such|unknown) (symbol|contract)|不存在"
_IS_PARAMETER = r"invalid|illegal|param|format"
# Between "order" and "not found" only an id may stand: "order contract not found" says nothing about the order.
_IS_NO_ORDER = (
    r"\border(?:[ _]?(?:id|no\.?|number))?[\s:=#(]*\d*\)?\s*"
    r"(?:(?:does|do|is|was|could|can)\s+)?(?:not (?:be )?found|not exist)"
    r"|(?:no such|cannot find(?: the)?) order(?=[\s:=#(]*(?:\d|[.,;)]|$))|订单不存在"
)

# What a backend behind Tiger's gateway did not say in time: it may have carried the command out all the same.
_IS_OPEN = r"\btime[ -]?out\b|\btimed out\b|internal (server )?error|超时"


def _both(code: int, pattern: str, error: type[GatewayError], sentence: str, source: str, **more: object) -> Row:
    return Row(code, pattern, error, error, sentence, source, **more)  # type: ignore[arg-type]


def _limited(code: int, pattern: str, source: str) -> Row:
    return _both(code, pattern, TigerRateLimited, _LIMIT, source, retry_after=WINDOW_SECONDS)


def _permissions(code: int) -> tuple[Row, ...]:
    return (
        _both(code, _IS_DEVICE, TigerPermissionDenied, _DEVICE, "page, SDK #34"),
        _both(code, _IS_MARKET_DATA, TigerPermissionDenied, _UNENTITLED, "page, SDK #50"),
    )


def _account_errors(code: int, source: str) -> tuple[Row, ...]:
    return (
        _both(code, _IS_NO_ORDER, OrderNotFound, _NO_ORDER, "inferred"),
        _both(code, _IS_OPEN, TigerError, _ERROR, "inferred", tells_reason=True, leaves_open=True),
        Row(code, _ANY, TigerError, OrderRejected, "", source, tells_reason=True),
    )


def _data_errors(code: int) -> tuple[Row, ...]:
    return (
        _limited(code, _IS_LIMIT, "limits"),
        _both(code, _IS_PERMISSION, TigerPermissionDenied, _UNENTITLED, "inferred"),
        _both(code, _IS_NO_SYMBOL, SymbolNotFound, _SYMBOL, "page", tells_reason=True),
        _both(code, _IS_PARAMETER, InvalidSymbol, _PARAMETER, "page", tells_reason=True),
        _both(code, _ANY, TigerError, _ERROR, "page", tells_reason=True),
    )


TABLE: Final[tuple[Row, ...]] = (
    _both(1, _ANY, TigerError, _ERROR, "page", tells_reason=True, leaves_open=True),
    _both(2, _ANY, TigerTimeout, "Tiger's own servers timed out", "page", leaves_open=True),
    _both(3, _ANY, TigerError, _ERROR, "Java", leaves_open=True),
    _limited(4, _IS_LIMIT, "limits"),
    _both(4, _IS_IP, TigerCredentialsRejected, _CREDENTIALS, "page"),
    *_permissions(4),
    _both(4, _IS_PERMISSION, TigerPermissionDenied, _FORBIDDEN, "page"),
    _both(4, _IS_CREDENTIAL, TigerCredentialsRejected, _CREDENTIALS, "page"),
    _both(4, _ANY, TigerPermissionDenied, _FORBIDDEN, "page", tells_reason=True),
    _limited(5, _ANY, "page, limits"),
    _both(6, _ANY, TigerError, "Tiger's answer holds no data", "Java", leaves_open=True),
    _limited(1000, _IS_LIMIT, "limits"),
    _both(1000, r"invalid symbol", InvalidSymbol, _SYMBOL, "page", tells_reason=True),
    _both(1000, rf"{_IS_IP}|{_IS_CREDENTIAL}", TigerCredentialsRejected, _CREDENTIALS, "page, SDK #5"),
    _both(1000, r"\btoken\b", TigerTokenRejected, _STALE, "inferred"),
    _both(1000, _ANY, TigerError, _ERROR, "page", tells_reason=True),
    _both(1010, _ANY, InvalidSymbol, _PARAMETER, "page", tells_reason=True),
    *_account_errors(1100, "page (global accounts)"),
    *_account_errors(1200, "page (standard accounts), SDK #75"),
    *_account_errors(1300, "page (paper accounts)"),
    *_data_errors(2000),
    *_data_errors(2100),
    *_data_errors(2200),
    *_data_errors(2300),
    _both(2400, _ANY, TigerTokenRejected, _STALE, "page"),
    *(_both(code, _ANY, TigerError, _ERROR, "page (push)", tells_reason=True) for code in range(3000, 3009)),
    *_permissions(4000),
    _both(4000, _ANY, TigerPermissionDenied, _FORBIDDEN, "page, SDK #34", tells_reason=True),
    _both(4001, _ANY, TigerError, "Tiger ended the connection in favour of another one", "page (push)"),
    _both(40013, _ANY, TigerCredentialsRejected, _CREDENTIALS, "Java"),
)


def get_row(code: int, text: str, *, places: bool = False) -> Row:
    """Return the row for an answer; a code that the table does not have is told as Tiger's error, its outcome open.

    ``places`` says that the request placed an order: no text then means that Tiger lacks one.
    """
    for row in TABLE:
        if row.code == code and row.matches(text) and not (places and row.command is OrderNotFound):
            return row
    return _both(code, _ANY, TigerError, _ERROR, "not documented", tells_reason=True, leaves_open=True)


def get_error(code: int, text: str, *, command: bool, market: str | None = None, places: bool = False) -> GatewayError:
    """Return the error to raise for an answer that is no success.

    ``market`` is the one that the request was about, named where the text names none. What Tiger wrote, cleaned, is
    a note of the error even where clients are not told it: the operator has to know why a credential is refused.
    ``places`` says that the request placed an order.
    """
    row = get_row(code, text, places=places)
    sentence = row.sentence or (_REJECTED if command else _ERROR)
    named = re.search(r"in the (\S{1,20}) market", text)
    market = named[1] if named else market
    where = f" (market: {market})" if market else ""
    sentence = sentence.replace("{market}", market or "this").replace("{where}", where)
    reason = get_reason(text)
    error = (row.command if command else row.read)(
        f"{sentence}: {reason}" if reason and row.tells_reason else f"{sentence}.",
        tiger_code=code,
        retry_after=row.retry_after,
        in_doubt=command and row.leaves_open,
    )
    if reason:
        error.add_note(f"Tiger wrote: {reason}")
    return error
