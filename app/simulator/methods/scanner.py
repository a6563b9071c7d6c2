"""Wire methods for finding stocks by their figures: market_scanner and market_scanner_tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.simulator.market.companies import Companies
from app.simulator.market.exchange import Exchange
from app.simulator.market.instruments import STOCK
from app.simulator.market.listings import LISTINGS
from app.simulator.market.noise import seed_of
from app.simulator.market.scan_facts import ScanFacts, Value
from app.simulator.market.scan_fields import FIELDS, ScanField
from app.simulator.methods.page_tokens import read_page_token, write_page_token
from app.simulator.methods.requests import fields_of, missing, read_integer, read_markets, refused
from app.simulator.methods.scan_filters import ScanFilter, read_filters, read_sort
from app.simulator.wire import Handler, WireRequest

_LISTS = {
    "StockField": "baseDataList",
    "AccumulateField": "accumulateDataList",
    "FinancialField": "financialDataList",
    "MultiTagField": "multiTagDataList",
}
_ALWAYS = (FIELDS["MultiTagField", "StockCode"], FIELDS["MultiTagField", "Market_Name"])
_DEFAULT_PAGE, _LARGEST_PAGE = 100, 200


@dataclass(frozen=True, slots=True)
class _Found:
    facts: ScanFacts
    sorted_by: Value


class ScannerMethods:
    """Answer the stocks of a market that pass every filter."""

    def __init__(self, exchange: Exchange, companies: Companies) -> None:
        self._exchange = exchange
        self._companies = companies

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {"market_scanner": self.scan, "market_scanner_tags": self.tags}

    def _facts(self, market: str, now_ms: int) -> list[ScanFacts]:
        return [
            ScanFacts(instrument, self._exchange, self._companies, now_ms)
            for instrument in LISTINGS.values()
            if instrument.market == market and instrument.sec_type == STOCK
        ]

    def scan(self, request: WireRequest) -> dict[str, Any]:
        """Answer a page of what was found, by number or by the cursor of the page before."""
        biz = fields_of(request)
        market = _read_market(biz)
        size = read_integer(biz, "page_size", _DEFAULT_PAGE)
        if not 1 <= size <= _LARGEST_PAGE:
            raise refused("page_size is out of range")
        filters, sort = read_filters(biz), read_sort(biz)
        question = f"scanner|{seed_of(market, size, filters, sort)}"
        start = read_integer(biz, "page", 0) * size
        if biz.get("cursor_id"):
            start = read_page_token(biz["cursor_id"], question)
        if start < 0:
            raise refused("page is out of range")
        found = [
            _Found(facts, sort.value(facts) if sort else None)
            for facts in self._facts(market, request.now_ms)
            if all(one.admits(facts) for one in filters)
        ]
        if sort:
            have = [one for one in found if one.sorted_by is not None]
            have.sort(key=lambda one: (isinstance(one.sorted_by, str), one.sorted_by), reverse=sort.descending)
            found = have + [one for one in found if one.sorted_by is None]
        shown = (*filters, sort) if sort else filters
        following = start + size
        return {
            "page": start // size,
            "totalPage": -(-len(found) // size),
            "totalCount": len(found),
            "pageSize": size,
            "cursorId": write_page_token(question, following) if following < len(found) else None,
            "items": [_item(one.facts, shown) for one in found[start:following]],
        }

    def tags(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer which values the tags of a market have."""
        biz = fields_of(request)
        market = _read_market(biz)
        names = biz.get("multi_tag_field_list")
        if not names:
            raise missing("multi_tag_field_list")
        if not isinstance(names, list):
            raise refused("multi_tag_field_list must be a list")
        facts = self._facts(market, request.now_ms)
        answer = []
        for name in names:
            field = FIELDS.get(("MultiTagField", str(name).removeprefix("MultiTagField_")))
            if field is None:
                continue
            values = sorted({str(value) for one in facts if (value := field.answer(one, None)) is not None})
            tags = [{"tag": value, "value": value} for value in values]
            answer.append({"market": market, "multiTagField": name, "tagList": tags})
        return answer


def _read_market(biz: dict[str, Any]) -> str:
    if not biz.get("market"):
        raise missing("market")
    (market, *others) = read_markets(biz)
    if others:
        raise refused("one market at a time")
    return market


def _item(facts: ScanFacts, shown: tuple[ScanFilter, ...]) -> dict[str, Any]:
    rows: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in _LISTS.values()}
    for field in _ALWAYS:
        rows["multiTagDataList"][field.index] = _data(field, field.answer(facts, None))
    for one in shown:
        value = one.value(facts)
        if value is not None:
            rows[_LISTS[one.field.kind]][one.field.index] = _data(one.field, value)
    head = {"symbol": facts.instrument.symbol, "market": facts.instrument.market}
    return head | {name: list(found.values()) for name, found in rows.items()}


def _data(field: ScanField, value: Value) -> dict[str, Any]:
    return {"index": field.index, "name": field.wire_name, "value": value}
