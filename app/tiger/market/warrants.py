"""Find warrants and bull/bear contracts on a Hong Kong stock (wire method ``warrant_filter``)."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import WARRANT_FILTER
from tigeropen.quote.request.model import WarrantFilterParams

from app.tiger.market.numbered_pages import DIRECTIONS, NumberedPage, get_page_decoder
from app.tiger.paging import AtPage, Paging
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES, get_symbol
from app.tiger.vocabulary import WARRANT_RANGES, WARRANT_STATES, WARRANT_TYPES
from app.tiger.wire import values
from app.tiger.wire.dates import get_day_text
from app.tiger.wire.fields import fill, get_decoder

WARRANTS: Final = Kind("warrants", lambda seconds: seconds.analysis_seconds)
MONEYNESS: Final = {"IN": 1, "OUT": -1}
SORT_NAMES: Final = {"expiry": "expire_date"}
"""Fields by which can be sorted that Tiger names otherwise than we do."""
NAMES: Final = {
    "issuer": "issuer_name",
    "expiry_month": "expire_ym",
    "lot_sizes": "lot_size",
    "entitlement_ratios": "entitlement_ratio",
}


def _get_word(words: tuple[str, ...], code: Any) -> str | None:
    """Return the word for a code that counts from 1; one that nobody knows is shown as it came."""
    number = values.whole(code)
    return words[number - 1] if number is not None and 0 < number <= len(words) else values.identifier(code)


def _get_upper(value: Any) -> str | None:
    return (values.text(value) or "").upper() or None


_decode: Final = get_decoder(
    (values.text, "symbol name"),
    (_get_upper, "sec_type market"),
    (lambda code: _get_word(WARRANT_TYPES, code), "type"),
    (lambda code: _get_word(WARRANT_STATES, code), "state"),
    (values.text, "issuer=issuerName"),
    (lambda sent: (get_day_text(sent, MARKET_ZONES["HK"]) or "").replace("-", "") or None, "expiry=expireDate"),
    (partial(get_day_text, zone=MARKET_ZONES["HK"]), "last_trading_date"),
    (values.number, "strike call_price entitlement_ratio entitlement_price"),
    (values.figure, "lot_size"),
    (values.price, "latest_price"),
    (values.number, "change change_rate"),
    (values.figure, "volume amount"),
    (values.number, "premium breakeven_point outstanding_ratio in_out_price leverage_ratio effective_leverage"),
    (values.number, "delta implied_volatility before_call_level"),
)
_decode_range: Final = get_decoder((values.number, "min max"))


def fetch_warrants(
    session: Session,
    symbol: str,
    filters: Mapping[str, Any],
    sort: tuple[str, str] | None,
    limit: int,
    page_token: str | None,
) -> dict[str, Any]:
    """Return a page of the warrants and bull/bear contracts on a stock that pass the filters, with their bounds.

    ``filters`` has what ``WarrantFilters`` has, a range as (min, max); ``sort`` is a field and asc or desc.

    Raises:
        InvalidRequest: The page token does not continue this list.
        TigerError: Tiger answered another page.
    """
    symbol = get_symbol(symbol)
    paging = Paging(session, "warrants", [symbol, filters, sort], AtPage)
    place = paging.read(page_token) or AtPage(0, limit)
    field, direction = sort or ("expiry", "asc")
    params = fill(
        WarrantFilterParams(),
        symbol=symbol,
        page=place.page,
        page_size=place.size,
        sort_field_name=SORT_NAMES.get(field, field),
        sort_dir=DIRECTIONS[direction],
        **_get_members(filters),
    )
    told = session.read(WARRANT_FILTER, params, session.read_deadline(), decode=get_warrants, kind=WARRANTS)
    page = NumberedPage.read(told, place)
    following = None if page.is_last else AtPage(place.page + 1, place.size)
    return {"symbol": symbol, **page.describe("warrants", paging.write(following)), "bounds": told["bounds"]}


def get_warrants(data: Any) -> dict[str, Any]:
    """Return a page of warrants and the bounds between which filters may be set."""
    sent = values.mapping(values.mapping(data).get("bounds"))
    names = {"issuers": "issuerName", "expiries": "expireDate"}
    texts = {
        name: [text for one in _list(sent.get(tiger)) if (text := values.text(one))] for name, tiger in names.items()
    }
    names = {"lot_sizes": "lotSize", "entitlement_ratios": "entitlementRatio"}
    sizes = {
        name: [size for one in _list(sent.get(tiger)) if (size := values.figure(one)) is not None]
        for name, tiger in names.items()
    }
    ranges = get_decoder((lambda told: _decode_range(values.mapping(told)), " ".join(WARRANT_RANGES)))(sent)
    return {**_get_page(data), "bounds": {**texts, **sizes, **ranges}}


_get_page: Final = get_page_decoder(lambda row: _decode(row) if values.text(row.get("symbol")) else None)


def _get_members(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return filters as the SDK's request has them; its own attributes are sets, which JSON cannot write."""
    members = {NAMES.get(name, name): _get_written(value) for name, value in filters.items()}
    if types := members.pop("types", None):
        members["warrant_type"] = [WARRANT_TYPES.index(kind) + 1 for kind in types]
    if state := members.pop("state", None):
        members["state"] = WARRANT_STATES.index(state) + 1
    if moneyness := members.pop("moneyness", None):
        members["in_out_price"] = [MONEYNESS[moneyness]]
    return members


def _get_written(value: Any) -> Any:
    """Return numbers as JSON has them."""
    if isinstance(value, (list, tuple)):
        return [_get_written(one) for one in value]
    return values.json_number(value) if isinstance(value, Decimal) else value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
