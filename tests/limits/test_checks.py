"""Each check is a pure function: it lets pass what is at the limit, and nothing beyond."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.risk.limits.case import BUY, SELL, Asked, AskedOrder, Case, Exposure, NotKnown, Part, Unknown
from app.risk.limits.counters import Counters
from app.risk.limits.table import LIMITS, Unit, WrongLimit, read_value, write_value

ZONE = ZoneInfo("America/New_York")
NAME = "STK AAPL"
CENT = Decimal("0.01")
EMPTY = Counters()
amounts = st.decimals(min_value="0.01", max_value="1e9", places=2)
quantities = st.decimals(min_value="0.01", max_value="1e6", places=2)
signed = st.decimals(min_value="-1e6", max_value="1e6", places=2)
sides = st.sampled_from((BUY, SELL))


def get_order(quantity: Decimal = Decimal(1), value: Any = Decimal(1), side: str = BUY, **fields: Any) -> AskedOrder:
    worth = value if isinstance(value, Unknown) else value / quantity
    part = Part(NAME, "AAPL", "STK", (side,), quantity, worth)
    return AskedOrder(frozenset({side}), quantity, value, "USD", (part,), **fields)


def get_case(order: AskedOrder, *others: AskedOrder, counters: Counters = EMPTY, **fields: Any) -> Case:
    return Case(Asked((order, *others)), "USD", counters, **fields)


def passes(name: str, value: Any, case: Case) -> bool:
    return LIMITS[name].check(value, case) is None


@given(amounts)
def test_a_value_at_the_limit_passes_and_a_cent_more_does_not(value: Decimal) -> None:
    case = get_case(get_order(value=value))

    assert passes("max_order_value", value, case)
    assert not passes("max_order_value", value - CENT, case)


@given(quantities)
def test_a_quantity_at_the_limit_passes_and_a_little_more_does_not(quantity: Decimal) -> None:
    case = get_case(get_order(quantity))

    assert passes("max_order_quantity", quantity, case)
    assert not passes("max_order_quantity", quantity - CENT, case)


@given(amounts, amounts)
def test_the_values_of_a_day_add_up(before: Decimal, value: Decimal) -> None:
    counters = Counters(values={"USD": before})
    case = get_case(get_order(value=value), counters=counters)

    assert passes("value_per_day", before + value, case)
    assert not passes("value_per_day", before + value - CENT, case)


@given(st.integers(0, 50), st.integers(1, 5))
def test_what_comes_with_an_order_counts(used: int, number: int) -> None:
    counters = Counters(orders=used, seconds=((1, used),))
    case = get_case(*[get_order()] * number, counters=counters, open_orders=used)

    for name in ("orders_per_day", "orders_per_minute", "max_open_orders"):
        assert passes(name, Decimal(used + number), case)
        assert not passes(name, Decimal(used + number - 1), case)


@given(signed, quantities, quantities, quantities, sides)
def test_what_reduces_a_position_leaves_nothing_open_on_its_side(
    held: Decimal, buying: Decimal, selling: Decimal, quantity: Decimal, side: str
) -> None:
    case = get_case(get_order(quantity, side=side), exposures={NAME: Exposure(held, buying, selling)})
    after = held + buying + quantity if side == BUY else held - selling - quantity

    is_reducing = after <= 0 if side == BUY else after >= 0

    assert passes("reduce_only", True, case) == is_reducing
    assert not is_reducing or passes("max_position_value", Decimal(0), case)


@given(quantities, quantities)
def test_a_position_at_the_limit_passes_and_a_cent_more_does_not(held: Decimal, quantity: Decimal) -> None:
    case = get_case(get_order(quantity, value=quantity), exposures={NAME: Exposure(held)})

    assert passes("max_position_value", held + quantity, case)
    assert not passes("max_position_value", held + quantity - CENT, case)


@given(amounts, st.decimals(min_value="0.1", max_value="200", places=4))
def test_amounts_of_another_currency_are_converted(value: Decimal, rate: Decimal) -> None:
    order = replace(get_order(value=value), currency="HKD")
    case = get_case(order, rates={"HKD": rate})

    assert passes("max_order_value", value / rate + CENT, case)
    assert not passes("max_order_value", max(Decimal(0), value / rate - CENT), case)


def test_a_limit_in_the_currency_of_the_order_needs_no_rate() -> None:
    case = replace(get_case(replace(get_order(value=Decimal(10)), currency="HKD")), currency="HKD")

    assert passes("max_order_value", Decimal(10), case)


@pytest.mark.parametrize("name", ["max_order_value", "max_position_value", "value_per_day", "max_daily_loss"])
def test_what_is_needed_and_not_known_denies(name: str) -> None:
    case = get_case(get_order(value=Unknown("There is no price.")))

    with pytest.raises(NotKnown):
        LIMITS[name].check(Decimal(10) ** 9, case)


@given(amounts, signed, sides)
def test_from_the_largest_loss_on_only_reductions_pass(limit: Decimal, held: Decimal, side: str) -> None:
    order = get_order(abs(held) or Decimal(1), side=side)
    case = get_case(order, losses=[(limit, "USD")], exposures={NAME: Exposure(held)})
    is_reducing = held < 0 if side == BUY else held > 0

    assert passes("max_daily_loss", limit, case) == is_reducing
    assert passes("max_daily_loss", limit + CENT, case)


@given(st.decimals(min_value="0.01", max_value="100", places=2))
def test_a_price_on_the_edge_of_the_band_passes(percent: Decimal) -> None:
    case = get_case(get_order(distance=percent))

    assert passes("price_band", percent, case)
    assert not passes("price_band", percent - CENT, case)


@pytest.mark.parametrize(
    ("name", "allowed", "other"),
    [("symbols", ("AAPL",), ("MSFT",)), ("sec_types", ("STK",), ("OPT",)), ("sides", ("BUY",), ("SELL",))],
)
def test_only_words_that_are_named_pass(name: str, allowed: tuple[str, ...], other: tuple[str, ...]) -> None:
    case = get_case(get_order())

    assert passes(name, allowed, case)
    assert not passes(name, other, case)


def test_what_may_be_filled_outside_of_regular_hours_is_refused() -> None:
    assert passes("hours", "regular", get_case(get_order()))
    assert not passes("hours", "regular", get_case(get_order(may_fill_outside_hours=True)))


@given(amounts, amounts)
def test_a_change_counts_for_what_it_adds(before: Decimal, after: Decimal) -> None:
    asked = Asked((get_order(value=after),), before=(get_order(value=before),))
    case = Case(asked, "USD", Counters())
    added = max(Decimal(0), after - before)

    assert passes("value_per_day", added, case)
    assert not added or not passes("value_per_day", added - CENT, case)
    assert passes("orders_per_day", Decimal(0), case)


@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 3)), max_size=80), st.integers(1, 5))
def test_no_rolling_minute_has_more_orders_than_the_limit(steps: list[tuple[int, int]], limit: int) -> None:
    now, counters, sent = 1_700_000_000_000, Counters(), list[int]()
    for pause, number in steps:
        now += pause * 20
        counters = counters.at(now, ZONE)
        if passes("orders_per_minute", Decimal(limit), get_case(*[get_order()] * number, counters=counters)):
            counters = counters.after(counters.take(now, number))
            sent += [now] * number

    assert all(sum(start <= moment < start + 60_000 for moment in sent) <= limit for start in sent)


@given(st.lists(st.tuples(st.integers(1, 3), amounts, st.booleans()), max_size=20))
def test_what_is_given_back_was_never_counted(steps: list[tuple[int, Decimal, bool]]) -> None:
    now = 1_700_000_000_000
    kept, given_back = Counters().at(now, ZONE), Counters().at(now, ZONE)
    for number, value, is_denied in steps:
        taking = given_back.take(now, number, "USD", value)
        given_back = given_back.after(taking)
        given_back = given_back.without(taking) if is_denied else given_back
        kept = kept if is_denied else kept.after(taking)

    assert given_back.orders == kept.orders
    assert given_back.orders_in_minute == kept.orders_in_minute
    assert given_back.values.get("USD", Decimal(0)) == kept.values.get("USD", Decimal(0))


def test_a_new_day_begins_in_the_zone_of_the_gateway() -> None:
    midnight = 1_700_024_400_000  # 2023-11-15 00:00 in New York
    before = Counters().at(midnight - 1, ZONE)
    counters = before.after(before.take(midnight - 1, 1, "USD", Decimal(5)))

    assert counters.at(midnight - 1, ZONE).orders == 1
    assert (counters.at(midnight, ZONE).orders, counters.at(midnight, ZONE).values) == (0, {})


def test_a_clock_that_is_set_back_begins_no_day_anew() -> None:
    counters = Counters().at(1_700_024_400_000, ZONE)
    counted = counters.after(counters.take(1_700_024_400_000, 1))

    assert counted.at(1_700_024_300_000, ZONE).orders == 1


@given(st.builds(Counters, st.integers(0, 9), st.just("2026-11-29"), values=st.just({"USD": Decimal("1.5")})))
def test_counters_are_read_as_they_were_written(counters: Counters) -> None:
    assert Counters.from_json(counters.to_json()) == counters


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_reads_what_it_writes_and_refuses_nonsense(name: str) -> None:
    limit = LIMITS[name]
    said = {Unit.WORDS: ",".join(limit.words or ("AAPL", "00700")), Unit.CHOICE: "regular", Unit.SWITCH: True}
    value = read_value(limit, said.get(limit.unit, "12"))

    assert read_value(limit, write_value(value)) == value
    words: tuple[Any, ...] = ("", [], {}, 5, "?" * 41)
    figures: tuple[Any, ...] = ("-1", "nan", "", [], {}, 10**16, True)
    for nonsense in words if limit.unit in said else figures:
        with pytest.raises(WrongLimit):
            read_value(limit, nonsense)


def test_who_waited_for_the_row_ends_no_minute_early() -> None:
    first = Counters().at(1_700_000_005_000, ZONE)
    first = first.after(first.take(1_700_000_005_000, 1))

    late = first.at(1_700_000_000_000, ZONE)
    late = late.after(late.take(1_700_000_000_000, 1))

    assert late.at(1_700_000_064_000, ZONE).orders_in_minute == 2
