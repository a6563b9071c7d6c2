"""A scan finds what its filters say, by figures that the other methods tell as well."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tigeropen.common.consts.filter_fields import AccumulateField, FinancialField, MultiTagField, StockField

from app.simulator.market.scan_fields import FIELDS
from app.simulator.wire import WireRefusal
from tests.simulator.asking import FIRST_MS, Asker, moments

ask = Asker()
EXAMPLES = settings(deadline=None, max_examples=10)
KINDS = {cls.__name__: cls for cls in (StockField, AccumulateField, FinancialField, MultiTagField)}
LISTS = {
    "StockField": ("base_filter_list", "baseDataList"),
    "AccumulateField": ("accumulate_filter_list", "accumulateDataList"),
    "FinancialField": ("financial_filter_list", "financialDataList"),
}
fields = st.sampled_from([field for field in FIELDS.values() if field.kind in LISTS and field.name != "Exchange"])


def _scan(at_ms: int, **asked: Any) -> Any:
    return ask(at_ms, "market_scanner", **({"market": "US", "page_size": 200} | asked))


def _values(answer: dict[str, Any], name: str, index: int) -> list[float]:
    found = (row["value"] for item in answer["items"] for row in item[name] if row["index"] == index)
    return list(found)


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: f"{field.kind}.{field.name}")
def test_fields_are_numbered_and_named_as_the_sdk_does(field: Any) -> None:
    theirs = KINDS[field.kind][field.name]

    assert (theirs.index, theirs.field) == (field.index, field.wire_name)


@given(fields, moments, st.booleans())
@EXAMPLES
def test_a_range_keeps_what_lies_within_it_in_order(field: Any, at_ms: int, descending: bool) -> None:
    asked_list, told_list = LISTS[field.kind]
    name = f"{field.kind}_{field.name}"
    every = _scan(at_ms, **{asked_list: [{"field_name": name, "is_no_filter": True}]})
    values = sorted(_values(every, told_list, field.index))
    if not values:
        return
    low, high = values[len(values) // 4], values[len(values) * 3 // 4]
    some = _scan(
        at_ms,
        **{asked_list: [{"field_name": name, "is_no_filter": False, "filter_min": low, "filter_max": high}]},
        sort_field_data={
            "field_name": field.index,
            "field_type": f"{field.kind}_Type",
            "sort_dir": "SortDir_Descend" if descending else "SortDir_Ascend",
        },
    )

    found = _values(some, told_list, field.index)
    assert found == sorted((value for value in values if low <= value <= high), reverse=descending)
    assert some["totalCount"] == len(found)


@given(moments)
@EXAMPLES
def test_figures_are_those_of_quotes_and_fundamentals(at_ms: int) -> None:
    names = ("CurPrice", "Volume", "MarketValue", "PeTTM", "current_ChangeRate")
    asked = [{"field_name": f"StockField_{name}", "is_no_filter": True} for name in names]
    answer = _scan(at_ms, base_filter_list=asked, page_size=20)
    symbols = [item["symbol"] for item in answer["items"]]
    quotes = {row["symbol"]: row for row in ask(at_ms, "quote_real_time", symbols=symbols)}
    ratios = {row["symbol"]: row for row in ask(at_ms, "stock_fundamental", symbols=symbols)["items"]}

    for item in answer["items"]:
        told = {row["name"]: row["value"] for row in item["baseDataList"]}
        quote, ratio = quotes[item["symbol"]], ratios[item["symbol"]]
        assert (told["latestPrice"], told["volume"]) == (quote["latestPrice"], quote["volume"])
        assert told["marketValue"] == ratio["marketCap"]
        assert told.get("peRate") == ratio.get("ttmPeRate")
        assert told["curChangeRate"] == pytest.approx(quote["latestPrice"] / quote["preClose"] - 1, abs=1e-6)


@given(moments, st.integers(3, 40))
@EXAMPLES
def test_pages_and_cursors_lead_through_one_list(at_ms: int, size: int) -> None:
    asked: dict[str, Any] = {
        "page_size": size,
        "sort_field_data": {"field_name": 17, "field_type": "StockField_Type", "sort_dir": "SortDir_Descend"},
    }
    whole = [item["symbol"] for item in _scan(at_ms, **(asked | {"page_size": 200}))["items"]]
    first = _scan(at_ms, **asked)
    numbered, followed = [], first["items"]
    for page in range(first["totalPage"]):
        numbered += _scan(at_ms, page=page, **asked)["items"]
    cursor = first["cursorId"]
    while cursor:
        answer = _scan(at_ms, cursor_id=cursor, **asked)
        followed, cursor = followed + answer["items"], answer["cursorId"]

    assert [item["symbol"] for item in numbered] == [item["symbol"] for item in followed] == whole


def test_tags_keep_what_bears_them() -> None:
    (options, currency) = ask(
        FIRST_MS,
        "market_scanner_tags",
        market="US",
        multi_tag_field_list=["MultiTagField_OptionsAvailable", "MultiTagField_TradeCurrency"],
    )
    asked = [{"field_name": "MultiTagField_OptionsAvailable", "is_no_filter": False, "tag_list": ["0"]}]
    without = _scan(FIRST_MS, multi_tags_filter_list=asked)

    assert options["tagList"] == [{"tag": "0", "value": "0"}, {"tag": "1", "value": "1"}]
    assert currency["tagList"] == [{"tag": "USD", "value": "USD"}]
    assert [item["symbol"] for item in without["items"]] == ["TLRY"]


def test_changes_over_a_period_are_those_of_the_bars() -> None:
    asked = [{"field_name": "AccumulateField_ChangeRate", "is_no_filter": True, "period": "Twenty_Days"}]
    answer = _scan(FIRST_MS, accumulate_filter_list=asked, page_size=5)
    for item in answer["items"]:
        (bars,) = ask(FIRST_MS, "kline", symbols=[item["symbol"]], limit=21)
        change = bars["items"][-1]["close"] / bars["items"][0]["close"] - 1

        assert item["accumulateDataList"][0]["value"] == pytest.approx(change, abs=1e-6)


@pytest.mark.parametrize(
    ("biz", "code"),
    [
        ({}, 1000),
        ({"market": "ALL"}, 1010),
        ({"market": "US", "page_size": 0}, 1010),
        ({"market": "US", "page": -1}, 1010),
        ({"market": "US", "base_filter_list": "x"}, 1010),
        ({"market": "US", "base_filter_list": [{}]}, 1000),
        ({"market": "US", "base_filter_list": [{"field_name": "StockField_Colour"}]}, 1010),
        ({"market": "US", "base_filter_list": [{"field_name": "StockField_CurPrice", "filter_min": "a"}]}, 1010),
        ({"market": "US", "sort_field_data": {"field_name": 999, "field_type": "StockField_Type"}}, 1010),
        ({"market": "US", "cursor_id": "bm9wZQ=="}, 1010),
    ],
)
def test_a_wrong_scan_is_refused(biz: dict[str, Any], code: int) -> None:
    with pytest.raises(WireRefusal) as refusal:
        ask(FIRST_MS, "market_scanner", biz)

    assert refusal.value.code == code
