"""What is counted lies in rows: taken with the order, given back once, and read by whoever comes next."""

from contextlib import nullcontext
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.clock import get_now_ms
from app.errors import TooBusy
from app.gateway import Gateway, get_gateway
from app.orders.naming import HIDDEN_MS
from app.risk.exposure import Holdings
from app.risk.owners import Owner
from app.risk.uses import Use, UsedPart
from app.tiger.instrument import Instrument
from tests.orders.doubtful_records import record
from tests.support.client import FIRST

ZONE = ZoneInfo("America/New_York")
NOW = 1_700_000_000_000
KEY = "a key of tests"
ACCOUNT = Owner.account(FIRST)
PARTS = (UsedPart("STK AAPL", ("BUY",), Decimal(2)),)


@pytest.fixture
def gateway(app: Flask) -> Gateway:
    return get_gateway(app)


def take(gateway: Gateway, command_id: str, orders: int = 1, at_ms: int = NOW) -> None:
    rows = gateway.limiting.rows
    with gateway.storage.writing_directly() as driver:
        taken: dict[str, Any] = {}
        use = Use(command_id, FIRST, KEY, 0, orders, PARTS)
        for limits in rows.lock(driver, FIRST, KEY).limits:
            counters = limits.counters.at(NOW, ZONE)
            taking = taken[limits.owner.kind] = counters.take(NOW, orders, "USD", Decimal(3))
            after = counters.after(taking)
            rows.write_counters(driver, {limits.owner: after})
            use = replace(use, sequence=after.sequence) if limits.owner == ACCOUNT else use
        gateway.limiting.uses.insert(driver, replace(use, takings=taken), at_ms)


def release(gateway: Gateway, command_id: str, *, gives_back: bool = True) -> None:
    with gateway.storage.writing_directly() as driver:
        gateway.limiting.uses.release(driver, command_id, gives_back=gives_back)


def count(gateway: Gateway, owner: Owner) -> int:
    limits = gateway.limiting.rows.read(owner)
    assert limits is not None
    return limits.counters.orders


def test_what_was_never_sent_is_given_back_to_both_and_only_once(gateway: Gateway) -> None:
    for owner in (ACCOUNT, Owner.key(KEY)):
        gateway.limiting.rows.change(owner, owner.id, {"orders_per_day": Decimal(9)})
    take(gateway, "kept")
    take(gateway, "denied", 3)

    release(gateway, "denied")
    release(gateway, "denied")

    assert (count(gateway, ACCOUNT), count(gateway, Owner.key(KEY))) == (1, 1)


def test_what_tiger_rejected_stays_counted_and_is_no_longer_open(gateway: Gateway) -> None:
    gateway.limiting.rows.change(ACCOUNT, FIRST, {"orders_per_day": Decimal(9)})
    take(gateway, "rejected")

    release(gateway, "rejected", gives_back=False)

    assert count(gateway, ACCOUNT) == 1
    assert [use.is_released for use in gateway.limiting.uses.read(FIRST)[1]] == [True]


def test_whoever_read_up_to_a_number_reads_on_from_there(gateway: Gateway) -> None:
    uses = gateway.limiting.uses
    gateway.limiting.rows.change(ACCOUNT, FIRST, {"max_open_orders": Decimal(9)})
    take(gateway, "first")
    sequence, known = uses.read(FIRST)
    holdings = Holdings((), (), 0, known, sequence)
    take(gateway, "second", 3)
    counted = []

    with gateway.storage.writing_directly() as driver:
        uses.note_later(driver, FIRST, holdings, uses.read(FIRST)[0])
    counted.append(holdings.count_open())
    release(gateway, "first")
    release(gateway, "second")
    take(gateway, "third")
    with gateway.storage.writing_directly() as driver:
        uses.note_later(driver, FIRST, holdings, uses.read(FIRST)[0])
    counted.append(holdings.count_open())

    assert counted == [4, 1]
    assert holdings.get_exposure(Instrument("AAPL")).buying == 2


def test_only_uses_that_nobody_reads_are_purged(gateway: Gateway) -> None:
    rows = gateway.limiting.rows
    rows.change(ACCOUNT, FIRST, {"max_open_orders": Decimal(9)})
    take(gateway, "old")
    kept = gateway.limiting.uses.purge()
    rows.change(ACCOUNT, FIRST, {"max_open_orders": None, "orders_per_day": Decimal(9)})

    assert (kept, gateway.limiting.uses.purge(), gateway.limiting.uses.read(FIRST)[1]) == (0, 1, [])


def test_limits_of_a_key_that_need_holdings_watch_every_account(gateway: Gateway) -> None:
    rows = gateway.limiting.rows
    rows.change(Owner.key(KEY), KEY, {"reduce_only": True})
    with gateway.storage.writing_directly() as driver:
        watched = rows.lock(driver, FIRST, "another key")
    rows.change(Owner.key(KEY), KEY, {"reduce_only": None})

    assert watched.has_any
    assert not rows.look(FIRST, "another key").is_watched


def test_what_was_counted_survives_a_change_of_limits(gateway: Gateway) -> None:
    gateway.limiting.rows.change(ACCOUNT, FIRST, {"orders_per_day": Decimal(9)})
    take(gateway, "one")

    gateway.limiting.rows.change(ACCOUNT, FIRST, {"orders_per_day": None, "value_per_day": Decimal(5)}, currency="HKD")

    limits = gateway.limiting.rows.read(ACCOUNT)
    assert limits is not None
    assert (limits.counters.orders, limits.currency, set(limits.values)) == (1, "HKD", {"value_per_day"})


@pytest.mark.parametrize(("age_ms", "is_let_pass"), [(0, True), (HIDDEN_MS - 60_000, True), (HIDDEN_MS + 1, False)])
@pytest.mark.parametrize("limit", ["orders_per_day", "max_open_orders"])
def test_what_was_not_seen_for_ten_minutes_is_not_sent_again(
    gateway: Gateway, limit: str, age_ms: int, *, is_let_pass: bool
) -> None:
    gateway.limiting.rows.change(ACCOUNT, FIRST, {limit: Decimal(9)})
    take(gateway, "lost", at_ms=get_now_ms() - age_ms)
    refused = nullcontext() if is_let_pass else pytest.raises(TooBusy, match="do not count it")

    with gateway.storage.writing_directly() as driver, refused:
        gateway.limiting.rules.readmit(driver, record(id="lost", account=FIRST, api_key_id=KEY))
