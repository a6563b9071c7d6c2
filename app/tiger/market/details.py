"""Fetch what is known of stocks beside their prices (wire method ``stock_detail``)."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import STOCK_DETAIL
from tigeropen.quote.request.model import MultipleQuoteParams

from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol, get_zone
from app.tiger.wire import values
from app.tiger.wire.by_symbol import get_by_symbol, get_found
from app.tiger.wire.dates import get_day_text
from app.tiger.wire.fields import Decode, fill, get_decoder

DETAILS: Final = Kind("details", lambda seconds: seconds.list_seconds, is_shared=True, is_by_symbol=True)
"""Tiger gives them ten times a minute. So they hold no price: a kept one would be taken for today's."""
_decode: Final = get_decoder(
    (values.text, "name sec_type market exchange"),
    (values.figure, "shares float_shares"),
    (values.number, "eps adr_rate"),
    (values.whole, "etf shortable"),
)


def fetch_details(session: Session, symbols: Sequence[str]) -> dict[str, Any]:
    """Return what is known of each stock; days are those of its exchange."""
    params = fill(MultipleQuoteParams(), symbols=[get_symbol(symbol) for symbol in symbols])
    found = session.read(STOCK_DETAIL, params, session.read_deadline(), decode=get_details, kind=DETAILS)
    return get_found("details", symbols, found)


def get_details(data: Any) -> dict[str, dict[str, Any]]:
    """Return the details of an answer by symbol."""
    return {symbol: _get_details(symbol, row) for symbol, row in get_by_symbol(data).items()}


def _get_details(symbol: str, row: Mapping[str, Any]) -> dict[str, Any]:
    day = partial(get_day_text, zone=get_zone(symbol))
    ex_date = (day, "ex_date=executeDate")
    parts: dict[str, tuple[str, Decode]] = {
        "split": ("stockSplit", get_decoder(ex_date, (values.number, "from_factor=forFactor to_factor"))),
        "rights": (
            "stockRight",
            get_decoder((values.text, "symbol rights_symbol"), (day, "first_dealing_date last_dealing_date")),
        ),
        "symbol_change": ("symbolChange", get_decoder(ex_date, (values.text, "new_symbol"))),
        "notice": ("stockNotice", get_decoder((values.text, "title content type"))),
    }
    told = {name: (values.mapping(row.get(sent)), decode) for name, (sent, decode) in parts.items()}
    return {
        **_decode(row),
        "listing_date": day(row.get("listingDate")),
        **{name: decode(part) if part else None for name, (part, decode) in told.items()},
    }
