"""Name the fields by which the scanner filters and sorts (the SDK's enumerations, and ``market_scanner_tags``)."""

import difflib
from collections.abc import Mapping
from typing import Any, Final

from tigeropen.common.consts.filter_fields import AccumulatePeriod, FieldBelongType, FilterField, MultiTagField
from tigeropen.common.consts.service_types import MARKET_SCANNER_TAGS
from tigeropen.quote.request.model import MarketScannerParams

from app.errors import InvalidRequest
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.wire import values
from app.tiger.wire.fields import fill, get_decoder

TAGS: Final = Kind("scanner_tags", lambda seconds: seconds.list_seconds, is_shared=True)
TAGGED: Final = (MultiTagField.Industry, MultiTagField.Concept)
"""The fields of whose values Tiger has a list [docs: get_market_scanner_tags]."""
FIELDS: Final[Mapping[str, FilterField]] = {
    field.field_request_name: field for group in FieldBelongType for field in group.field_class
}
"""Tiger's name of each field, such as StockField_MarketValue, to the field."""
PERIODS: Final[Mapping[str, AccumulatePeriod]] = {period.name: period for period in AccumulatePeriod}
_decode_tag: Final = get_decoder((values.identifier, "tag"), (values.text, "name=value"))


def fetch_scanner_fields(session: Session, market: str) -> dict[str, Any]:
    """Return the fields of the scanner, with the tags of a market (US, HK, CN, SG) where Tiger lists them."""
    params = fill(MarketScannerParams(), market=market, multi_tags_fields=list(TAGGED))
    tags = session.read(MARKET_SCANNER_TAGS, params, session.read_deadline(), decode=get_tags, kind=TAGS)
    fields = [
        {
            "field": name,
            "group": get_group(field).name.lower(),
            "tiger_name": field.field,
            "takes": "values" if isinstance(field, MultiTagField) else "range",
            "takes_period": get_group(field) is FieldBelongType.ACCUMULATE,
            "tags": tags.get(name),
        }
        for name, field in FIELDS.items()
    ]
    return {"market": market, "count": len(fields), "fields": fields, "periods": list(PERIODS)}


def get_tags(data: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the tags of an answer by the name of their field; a tag without a code is left out."""
    listed = ((values.text(row.get("multiTagField")), row.get("tagList")) for row in values.rows(data))
    return {name: [tag for tag in map(_decode_tag, values.rows(sent)) if tag["tag"]] for name, sent in listed if name}


def get_group(field: FilterField) -> FieldBelongType:
    """Return the group that a field belongs to."""
    return FieldBelongType(field.field_type)


def get_field(name: str, place: str) -> FilterField:
    """Return the field of a name; ``place`` is where the request has it, such as "filters.0.field".

    Raises:
        InvalidRequest: There is no such field; ``details`` names near ones.
    """
    if name in FIELDS:
        return FIELDS[name]
    near = difflib.get_close_matches(name, FIELDS, cutoff=0.5) or [
        known for known in FIELDS if name.lower() in known.lower()
    ]
    hint = f"Near it are {', '.join(near[:3])}." if near else "scanner-fields lists them all."
    raise InvalidRequest.of_fields({place: [f"The scanner has no field of this name. {hint}"]})
