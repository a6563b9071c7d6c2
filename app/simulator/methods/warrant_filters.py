"""Which warrants a filter lets pass, and between which bounds it may be set."""

from collections.abc import Callable
from typing import Any

from app.simulator.methods.requests import refused

_LISTS = {"warrant_type": "type", "lot_size": "lotSize", "entitlement_ratio": "entitlementRatio"}
_RANGES = {
    "strike": "strike",
    "effective_leverage": "effectiveLeverage",
    "leverage_ratio": "leverageRatio",
    "call_price": "callPrice",
    "volume": "volume",
    "premium": "premium",
    "outstanding_ratio": "outstandingRatio",
    "implied_volatility": "impliedVolatility",
}
_SINGLES = {"issuer_name": "issuerName", "state": "state"}
_EVERY = 0

Row = dict[str, Any]


def read_filter(biz: dict[str, Any]) -> Callable[[Row], bool]:
    """Return what says whether a row passes; a row without a figure fails a bound on it."""
    conditions = [_is_one_of(name, wanted) for field, name in _LISTS.items() if (wanted := _read_list(biz, field))]
    conditions += [
        _is_within(name, *_read_range(biz[field], field))
        for field, name in _RANGES.items()
        if biz.get(field) is not None
    ]
    conditions += [_is_one_of(name, [biz[field]]) for field, name in _SINGLES.items() if biz.get(field)]
    sides = set(_read_list(biz, "in_out_price"))
    if len(sides) == 1:
        conditions.append(lambda row: (row["inOutPrice"] > 0) is (sides == {1}))
    if biz.get("expire_ym"):
        conditions.append(lambda row: str(row["expireDate"]).startswith(str(biz["expire_ym"])))
    return lambda row: all(condition(row) for condition in conditions)


def get_bounds(rows: list[Row], issuers: list[str]) -> dict[str, Any]:
    """Return the bounds of each field of a filter over all rows."""
    bounds: dict[str, Any] = {
        "issuerName": issuers,
        "expireDate": sorted({row["expireDate"][:7] for row in rows}),
        "lotSize": sorted({row["lotSize"] for row in rows}),
        "entitlementRatio": sorted({row["entitlementRatio"] for row in rows}),
    }
    for name in _RANGES.values():
        values = [float(row[name]) for row in rows if name in row]
        if values and name != "volume":
            bounds[name] = {"min": min(values), "max": max(values)}
    return bounds


def _is_one_of(name: str, wanted: list[Any]) -> Callable[[Row], bool]:
    return lambda row: row[name] in wanted


def _is_within(name: str, low: float | None, high: float | None) -> Callable[[Row], bool]:
    def admits(row: Row) -> bool:
        if name not in row:
            return False
        value = float(row[name])
        return (low is None or value >= low) and (high is None or value <= high)

    return admits


def _read_list(biz: dict[str, Any], field: str) -> list[Any]:
    """Return a list of wanted values, empty where every value is wanted."""
    wanted = biz.get(field) or []
    if not isinstance(wanted, list):
        raise refused(f"field '{field}' must be a list")
    return [] if _EVERY in wanted else wanted


def _read_range(value: object, field: str) -> tuple[float | None, float | None]:
    if not isinstance(value, dict):
        raise refused(f"the range of '{field}' must be an object")
    ends = value.get("min"), value.get("max")
    if any(end is not None and not isinstance(end, int | float) for end in ends):
        raise refused(f"the range of '{field}' must be numbers")
    return ends
