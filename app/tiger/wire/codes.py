"""The table of Tiger's codes: which error of ours each one becomes, and where we know it from.

A code may mean several things; its rows are tried in order and the last one of a code always matches. Those of the
accounts (1100, 1200, 1300) carry a second code in their text: ``standard account response error(bad_request:…)``.
What follows for an order command is the row's: ``OrderRejected`` is final and kept as the command's outcome, any other
error says that nothing was done and leaves the idempotency key free, ``leaves_open`` has the order looked up.

Sources: "page" is Tiger's page of error codes, "FAQ" its pages of questions, "Java" the enum TigerApiCode of Tiger's
Java SDK, "Java tests" its integration tests, "limits" Tiger's page of rate limits, "SDK" a text quoted in issues of
tigerfintech/openapi-python-sdk, "protocol" a log of a paper account that its user published.
"""

import re
from dataclasses import dataclass
from typing import Final

from app.errors import (
    GatewayError,
    InvalidRequest,
    InvalidSymbol,
    OrderNotFound,
    OrderRejected,
    QuotePermissionElsewhere,
    SymbolNotFound,
    TigerCredentialsRejected,
    TigerError,
    TigerPermissionDenied,
    TigerRateLimited,
    TigerTimeout,
    TigerTokenRejected,
)
from app.tiger.wire import reasons
from app.tiger.wire.parameters import get_field
from app.tiger.wire.reasons import explain

WINDOW_SECONDS: Final = 60.0
"""Tiger counts over a rolling minute: after this the budget is certainly free again."""

SPEED_SECONDS: Final = 1.0
"""Order commands are counted by the second, too."""

_CREDENTIALS = "Tiger refuses this gateway's credential; its operator has to check tiger_id, private key and IP list"
_STALE = "Tiger refuses the token of this gateway; it has to be refreshed"
_LIMIT = "Tiger's rate limit for this method is used up"
_SPEED = "Tiger takes so many requests of an account in one second, and these were more"
_SYMBOL = "Tiger refuses the symbol"
_PARAMETER = "Tiger refuses {field}"
_ERROR = "Tiger could not answer the request"
_REJECTED = "Tiger rejected the order"
_NO_ORDER = "Tiger has no such order in this account"
_NO_CONTRACT = "Tiger knows no such symbol or contract"
_LIFETIME = "Tiger refuses the time_in_force; it takes DAY, GTC, GTD and OPG, not each of them for every order"
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
    command answered so may still have been carried out, ``names_field`` that the text names one of the request's.
    """

    code: int
    pattern: str
    read: type[GatewayError]
    command: type[GatewayError]
    sentence: str
    source: str
    tells_reason: bool = False
    leaves_open: bool = False
    names_field: bool = False
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
_IS_NO_SYMBOL = (
    r"(?:symbol|contract|strike|(?:stock|option) code)s?(?:[\s:=]+\S{1,32})? (?:(?:is|was|does|could|can|are)\s+)?"
    r"not (?:be )?(?:found|exist|correct)|(?:no such|unknown) (?:symbol|contract|strike)"
)
_IS_NO_CONTRACT = (
    rf"{_IS_NO_SYMBOL}|(?:invalid|incorrect|wrong) (?:symbol|contract|strike)|{reasons.SAYS_NO_CONTRACT}"
    r"|(?:symbol|contract|strike)s?(?:[\s:=]+\S{1,32})? (?:is |are )?(?:invalid|incorrect|unknown|wrong)\b"
)
_IS_PARAMETER = r"invalid|illegal|param|format"
_IS_SYMBOL = r"\bsymbols?\b|标的|股票代码"
_IS_LIFETIME = rf"time[ _]?in[ _]?force|\btif\b|{reasons.SAYS_LIFETIME}"
# Between "order" and "not found" only an id may stand: "order contract not found" says nothing about the order.
_IS_NO_ORDER = (
    r"\border(?:[ _]?(?:id|no\.?|number))?[\s:=#(]*\d*\)?\s*"
    r"(?:(?:does|do|is|was|could|can)\s+)?(?:not (?:be )?found|not exist)"
    r"|(?:no such|cannot find(?: the)?) order(?=[\s:=#(]*(?:\d|[.,;)]|$))"
    rf"|\bnot_found\s*:\s*order[\s:=#(]*\d*\)*$|{reasons.SAYS_NO_ORDER}"
)
_IS_SPEED = rf"\btoo_many_requests\s*:|requestRateExceedLimit|{_IS_LIMIT}"
_IS_LOGIN = r"\bunauthori[sz]ed\s*:|please log ?in\b|not authori[sz]ed to the api user"

# Only "TRADE DUPLICATE ORDER ID" is documented, and for 1100 alone. Told too often it costs a lookup; told too seldom
# an order that exists would be told as refused.
_IS_DUPLICATE = (
    r"duplicated?[ _]order|(?:duplicate|repeat)\w*[ _](?:id|no|number)\b|\border already exist"
    r"|\border[ _]?(?:id|no\.?|number)\b.*(?:duplicate|repeat|already (?:exist|used)|in use|been used)"
    rf"|{reasons.SAYS_DUPLICATE}"
)

# What a backend behind Tiger's gateway did not say in time, or broke at: it may have carried the command out.
_IS_OPEN = (
    r"\btime[ -]?out\b|\btimed out\b|\binternal\w*\s*:|internal (server )?error"
    rf"|\bsystem (?:error|exception|busy)|{reasons.SAYS_TIMEOUT}|{reasons.SAYS_FAULT}"
)
_IS_BAD = r"\bbad_request\s*:"


def _both(code: int, pattern: str, error: type[GatewayError], sentence: str, source: str, **more: object) -> Row:
    return Row(code, pattern, error, error, sentence, source, **more)  # type: ignore[arg-type]


def _limited(code: int, pattern: str, source: str) -> Row:
    return _both(code, pattern, TigerRateLimited, _LIMIT, source, retry_after=WINDOW_SECONDS)


def _permissions(code: int) -> tuple[Row, ...]:
    return (
        _both(code, _IS_DEVICE, QuotePermissionElsewhere, _DEVICE, "page, SDK #34"),
        _both(code, _IS_MARKET_DATA, TigerPermissionDenied, _UNENTITLED, "page, SDK #50"),
    )


def _account_errors(code: int, source: str) -> tuple[Row, ...]:
    return (
        _both(code, _IS_SPEED, TigerRateLimited, _SPEED, "Java tests", retry_after=SPEED_SECONDS),
        _both(code, _IS_LOGIN, TigerCredentialsRejected, _CREDENTIALS, "FAQ"),
        Row(code, _IS_DUPLICATE, TigerError, OrderRejected, "", "page, inferred but for 1100", tells_reason=True),
        _both(code, _IS_NO_ORDER, OrderNotFound, _NO_ORDER, "protocol"),
        _both(code, _IS_NO_CONTRACT, SymbolNotFound, _NO_CONTRACT, "SDK #75, protocol", tells_reason=True),
        _both(code, _IS_OPEN, TigerError, _ERROR, "Java tests, inferred", tells_reason=True, leaves_open=True),
        Row(code, _IS_LIFETIME, InvalidRequest, OrderRejected, _LIFETIME, "page", tells_reason=True, names_field=True),
        Row(code, _IS_BAD, InvalidRequest, OrderRejected, "", "page, FAQ", tells_reason=True),
        Row(code, _ANY, TigerError, OrderRejected, "", source, tells_reason=True),
    )


def _parameters(code: int, pattern: str) -> tuple[Row, ...]:
    more = {"tells_reason": True, "names_field": True}
    about_symbol = rf"(?=.*(?:{_IS_SYMBOL})).*(?:{pattern})"
    return (
        Row(code, about_symbol, InvalidSymbol, InvalidRequest, _SYMBOL, "page", **more),
        _both(code, pattern, InvalidRequest, _PARAMETER, "page", **more),
    )


def _data_errors(code: int) -> tuple[Row, ...]:
    return (
        _limited(code, _IS_LIMIT, "limits"),
        _both(code, _IS_PERMISSION, TigerPermissionDenied, _UNENTITLED, "inferred"),
        _both(code, rf"{_IS_NO_SYMBOL}|不存在", SymbolNotFound, _SYMBOL, "page", tells_reason=True),
        *_parameters(code, _IS_PARAMETER),
        _both(code, _ANY, TigerError, _ERROR, "page", tells_reason=True),
    )


TABLE: Final[tuple[Row, ...]] = (
    _both(1, _ANY, TigerError, _ERROR, "page", tells_reason=True, leaves_open=True),
    _both(2, _ANY, TigerTimeout, "Tiger's own servers timed out", "page", leaves_open=True),
    _both(3, _ANY, TigerError, _ERROR, "Java", leaves_open=True),
    _limited(4, _IS_LIMIT, "limits"),
    _both(4, _IS_IP, TigerCredentialsRejected, _CREDENTIALS, "page"),
    _both(4, _IS_LOGIN, TigerCredentialsRejected, _CREDENTIALS, "FAQ"),
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
    _both(1010, rf"secret_key|{_IS_LOGIN}", TigerCredentialsRejected, _CREDENTIALS, "page, FAQ"),
    # IOC and FOK are in no SDK: that Tiger does not take them is its answer to the order, not a mistake in the request.
    Row(1010, _IS_LIFETIME, InvalidRequest, OrderRejected, _LIFETIME, "inferred", tells_reason=True, names_field=True),
    *_parameters(1010, _ANY),
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
    _both(40012, _ANY, TigerCredentialsRejected, _CREDENTIALS, "Java"),
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
    field = get_field(text) if row.names_field else None
    for name, value in (("market", market or "this"), ("where", where), ("field", field or "a parameter")):
        sentence = sentence.replace(f"{{{name}}}", value)
    reason = explain(text)
    message = f"{sentence}: {reason}" if reason and row.tells_reason else f"{sentence}."
    error = (row.command if command else row.read)(
        message,
        details=None if field is None else {field: [message]},
        tiger_code=code,
        retry_after=row.retry_after,
        in_doubt=command and row.leaves_open,
    )
    if reason:
        error.add_note(f"Tiger wrote: {reason}")
    return error


def says_duplicate(error: GatewayError) -> bool:
    """Tell whether Tiger refused an order because it already has one under that number."""
    return isinstance(error, OrderRejected) and re.search(_IS_DUPLICATE, error.message, re.IGNORECASE) is not None
