"""Read what a scan asks for: its filters, and the field that the answer is sorted by."""

from dataclasses import dataclass
from typing import Any

from app.simulator.market.scan_facts import ScanFacts, Value
from app.simulator.market.scan_fields import FIELDS, ScanField
from app.simulator.methods.requests import missing, refused

_LISTS = ("base_filter_list", "accumulate_filter_list", "financial_filter_list", "multi_tags_filter_list")
_PERIODS = (
    "Five_Minutes", "Five_Days", "Ten_Days", "Twenty_Days", "Beginning_Of_The_Year_To_Now", "Half_Year", "Last_Year",
    "Last_Two_Year", "Last_Five_Year", "Listing_Date_To_Now", "ANNUAL", "QUARTERLY", "QUARTERLY_Recent_Third",
    "SEMIANNUAL",
)  # fmt: skip
"""The periods of accumulating fields, as they are numbered."""


@dataclass(frozen=True, slots=True)
class ScanFilter:
    """Hold one field that is asked for, over a period where it has one, with the values that pass."""

    field: ScanField
    period: str | None = None
    low: float | None = None
    high: float | None = None
    tags: tuple[str, ...] = ()
    descending: bool = False

    def value(self, facts: ScanFacts) -> Value:
        """Return what a listing answers."""
        return self.field.answer(facts, self.period)

    def admits(self, facts: ScanFacts) -> bool:
        """Say whether a listing passes; one without a figure fails a bound on it."""
        if self.tags:
            return str(self.value(facts)) in self.tags
        if self.low is None and self.high is None:
            return True
        value = self.value(facts)
        if not isinstance(value, int | float):
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def read_filters(biz: dict[str, Any]) -> tuple[ScanFilter, ...]:
    """Return the filters of all four lists."""
    filters = []
    for name in _LISTS:
        asked = biz.get(name) or []
        if not isinstance(asked, list) or not all(isinstance(one, dict) for one in asked):
            raise refused(f"{name} must be a list of objects")
        filters += [_read_filter(one) for one in asked]
    return tuple(filters)


def _read_filter(asked: dict[str, Any]) -> ScanFilter:
    name = asked.get("field_name")
    if not name:
        raise missing("field_name")
    kind, _, own = str(name).partition("_")
    field = FIELDS.get((kind, own))
    if field is None:
        raise refused(f"field_name '{name}' is not supported")
    tags = asked.get("tag_list") or []
    if not isinstance(tags, list):
        raise refused("tag_list must be a list")
    if asked.get("is_no_filter"):
        return ScanFilter(field, _read_period(asked.get("period")))
    ends = [asked.get("filter_min"), asked.get("filter_max")]
    if any(end is not None and not isinstance(end, int | float) for end in ends):
        raise refused(f"the range of '{name}' must be numbers")
    return ScanFilter(field, _read_period(asked.get("period")), ends[0], ends[1], tuple(map(str, tags)))


def read_sort(biz: dict[str, Any]) -> ScanFilter | None:
    """Return the field to sort by, which is named by its number."""
    asked = biz.get("sort_field_data")
    if not asked:
        return None
    if not isinstance(asked, dict):
        raise refused("sort_field_data must be an object")
    kind = str(asked.get("field_type") or "").removesuffix("_Type")
    number = asked.get("field_name")
    field = next((one for one in FIELDS.values() if one.kind == kind and one.index == number), None)
    if field is None:
        raise refused(f"field_name '{number}' of '{kind}' is not supported")
    descending = asked.get("sort_dir") == "SortDir_Descend"
    return ScanFilter(field, _read_period(asked.get("period")), descending=descending)


def _read_period(value: object) -> str | None:
    """Return a period by its name; a sort names it by its number."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(_PERIODS):
        return _PERIODS[value]
    if value is None or value in _PERIODS:
        return value if isinstance(value, str) else None
    raise refused(f"period '{value}' is not supported")
