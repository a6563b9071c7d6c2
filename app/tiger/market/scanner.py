"""Find the stocks of a market that pass filters (wire method ``market_scanner`` 1.0)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tigeropen.common.consts import OPEN_API_SERVICE_VERSION_V1, SortDirection
from tigeropen.common.consts.filter_fields import FieldBelongType, FilterField, FinancialPeriod
from tigeropen.common.consts.service_types import MARKET_SCANNER
from tigeropen.quote.domain.filter import SortFilterData, StockFilter
from tigeropen.quote.request.model import MarketScannerParams

from app.errors import InvalidRequest
from app.tiger.market.numbered_pages import DIRECTIONS, NumberedPage, get_page_decoder
from app.tiger.market.scanner_fields import PERIODS, get_field, get_group
from app.tiger.paging import AtPage, Paging
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.wire import values
from app.tiger.wire.fields import fill

SCAN: Final = Kind("scan", lambda seconds: seconds.analysis_seconds)
LISTS: Final = {
    FieldBelongType.BASE: ("base_filter_list", "baseDataList"),
    FieldBelongType.ACCUMULATE: ("accumulate_filter_list", "accumulateDataList"),
    FieldBelongType.FINANCIAL: ("financial_filter_list", "financialDataList"),
    FieldBelongType.MULTI_TAG: ("multi_tags_filter_list", "multiTagDataList"),
}
"""Where a request and an answer have the fields of a group."""


@dataclass(frozen=True, slots=True)
class AtCursor(AtPage):
    """A page of a scan: Tiger takes both its number and the cursor that the page before named."""

    cursor: str | None


def fetch_scan(
    session: Session,
    market: str,
    filters: Sequence[Mapping[str, Any]],
    sort: Mapping[str, Any] | None,
    limit: int,
    page_token: str | None,
) -> dict[str, Any]:
    """Return a page of the stocks of a market (US, HK, CN, SG) that pass all filters, with the fields' values.

    A filter has a ``field`` as Tiger names it, and may have ``min``, ``max``, ``values`` and ``period``; without the
    first three the field is only shown. ``sort`` has a ``field``, a ``direction`` (asc, desc) and perhaps a ``period``.

    Raises:
        InvalidRequest: There is no such field or it does not take what is said of it, or the page token does not
            continue this list.
    """
    paging = Paging(session, "scanner", [market, filters, sort], AtCursor)
    place = paging.read(page_token) or AtCursor(0, limit, None)
    params = fill(MarketScannerParams(), version=OPEN_API_SERVICE_VERSION_V1, market=market)
    asked: dict[FieldBelongType, list[dict[str, Any]]] = {group: [] for group in LISTS}
    for number, wanted in enumerate(filters):
        asked[get_group(get_field(wanted["field"], f"filters.{number}.field"))].append(_get_filter(wanted, number))
    lists = {LISTS[group][0]: sent for group, sent in asked.items()}
    fill(params, **lists, page=place.page, page_size=place.size, cursor_id=place.cursor)
    if sort is not None:
        period = _get_period(get_field(sort["field"], "sort.field"), sort.get("period"), "sort.period")
        direction = SortDirection(DIRECTIONS[sort["direction"]])
        params.sort_field_data = SortFilterData(get_field(sort["field"], "sort.field"), direction, period)
    told = session.read(MARKET_SCANNER, params, session.read_deadline(), decode=get_scan, kind=SCAN)
    # What number a page has that is named by a cursor is not documented.
    page = NumberedPage.read(told, place, is_checked=place.cursor is None)
    following = None if page.is_last else AtCursor(place.page + 1, place.size, page.cursor)
    return {"market": market, **page.describe("stocks", paging.write(following))}


def _get_filter(wanted: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return a filter as Tiger reads it.

    Raises:
        InvalidRequest: The field does not take what is said of it.
    """
    place = f"filters.{number}"
    field = get_field(wanted["field"], f"{place}.field")
    is_tag = get_group(field) is FieldBelongType.MULTI_TAG
    bounds = [values.json_number(end) for end in (wanted.get("min"), wanted.get("max"))]
    if is_tag and bounds != [None, None]:
        raise InvalidRequest.of_fields({f"{place}.min": [f"{field.field_request_name} takes values, no range."]})
    if wanted.get("values") and not is_tag:
        raise InvalidRequest.of_fields(
            {f"{place}.values": [f"{field.field_request_name} takes a range (min, max), no values."]}
        )
    sent: dict[str, Any] = StockFilter(
        field,
        *bounds,
        is_no_filter=bounds == [None, None] and not wanted.get("values"),
        accumulate_period=_get_period(field, wanted.get("period"), f"{place}.period"),
        financial_period=FinancialPeriod.LTM,
        tag_list=list(wanted.get("values", ())),
    ).to_dict()
    return sent


def _get_period(field: FilterField, period: str | None, place: str) -> Any:
    if period is not None and get_group(field) is not FieldBelongType.ACCUMULATE:
        raise InvalidRequest.of_fields({place: [f"{field.field_request_name} takes no period: leave it out."]})
    if period is not None and period not in PERIODS:
        raise InvalidRequest.of_fields({place: [f"Send one of {', '.join(PERIODS)}."]})
    return None if period is None else PERIODS[period]


def _get_stock(row: Mapping[str, Any]) -> dict[str, Any] | None:
    symbol = values.text(row.get("symbol"))
    told = {
        _get_name(group, item): _get_value(item.get("value"))
        for group, (_, sent) in LISTS.items()
        for item in values.rows(row.get(sent))
    }
    return {"symbol": symbol, "market": values.text(row.get("market")), "values": told} if symbol else None


def _get_name(group: FieldBelongType, item: Mapping[str, Any]) -> str:
    """Return Tiger's name of a field that an answer tells by its number; by what it calls it where nobody knows it."""
    try:
        name: str = group.field_class(values.whole(item.get("index"))).field_request_name
    except ValueError:
        return f"{group.field_type}_{values.text(item.get('name')) or item.get('index')}"
    return name


def _get_value(value: Any) -> Any:
    return value if isinstance(value, bool) else values.text(value) if isinstance(value, str) else values.figure(value)


get_scan: Final = get_page_decoder(_get_stock)
