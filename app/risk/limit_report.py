"""What is set for a key and an account, and what is left of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.clock import get_now_ms
from app.risk.limit_refusals import spell
from app.risk.limit_rows import LimitRows
from app.risk.limits.case import NONE, Asked, AskedOrder, Case, NotKnown, Unknown
from app.risk.limits.table import LIMITS, Limit, LimitInput, Unit
from app.risk.market_inputs import MarketInputs
from app.risk.owners import OwnedLimits, Owner
from app.tiger.sessions import Session

NOTHING = Asked((AskedOrder(frozenset(), NONE, NONE, "", ()),))


class LimitReport:
    """Report the limits of one gateway; ``zone`` is the one whose days count."""

    def __init__(self, rows: LimitRows, inputs: MarketInputs, zone: ZoneInfo) -> None:
        self._rows = rows
        self._inputs = inputs
        self._zone = zone

    def fetch(self, session: Session, owners: Sequence[Owner]) -> list[dict[str, Any]]:
        """Return what is set for each owner, and what is left in the session's account; null where nobody can say."""
        found = [self._rows.read(owner) for owner in owners]
        return [self._describe(session, limits) for limits in found if limits is not None]

    def _describe(self, session: Session, limits: OwnedLimits) -> dict[str, Any]:
        case = self._read_case(session, limits)
        return {
            "of": limits.owner.kind,
            "name": limits.name,
            "currency": limits.currency,
            "limits": [_describe_limit(LIMITS[name], value, limits, case) for name, value in limits.values.items()],
        }

    def _read_case(self, session: Session, limits: OwnedLimits) -> Case:
        """Return what is used of the limits without any order."""
        needs = frozenset().union(*(LIMITS[name].needs for name in limits.values if LIMITS[name].used))
        counters = limits.counters.at(get_now_ms(), self._zone)
        losses: Sequence[tuple[Decimal, str]] | Unknown = Unknown("It was not asked for.")
        open_orders: int | Unknown = Unknown("It was not asked for.")
        if LimitInput.LOSS in needs:
            losses = self._inputs.get_losses(session)
        if "max_open_orders" in limits.values:
            holdings = self._inputs.get_holdings(session, ["STK"])
            key_id = limits.owner.id if limits.owner.kind == "key" else None
            open_orders = holdings if isinstance(holdings, Unknown) else holdings.count_open(key_id)
        lost = [] if isinstance(losses, Unknown) else [currency for _, currency in losses]
        foreign = [each for each in {*counters.values, *lost} if each != limits.currency]
        rates = self._inputs.get_rates(session, [*foreign, limits.currency]) if foreign else {}
        return Case(NOTHING, limits.currency, counters, rates, open_orders=open_orders, losses=losses)


def _describe_limit(limit: Limit, value: Any, limits: OwnedLimits, case: Case) -> dict[str, Any]:
    used, reason = None, None
    if limit.used is not None:
        try:
            used = limit.used(case)
        except NotKnown as error:
            reason = str(error)
    return {
        "limit": limit.name,
        "unit": limit.unit.value,
        "currency": limits.currency if limit.unit is Unit.AMOUNT else None,
        **_get_value(value),
        "used": spell(used),
        "left": None if used is None else spell(max(NONE, value - used)),
        "reason": reason,
    }


def _get_value(value: Any) -> dict[str, Any]:
    """Return a value as what it is: a number, or all the words that pass."""
    words = [value] if isinstance(value, str) else value if isinstance(value, tuple) else ()
    return {"value": spell(value) if isinstance(value, Decimal) else None, "words": list(words)}
