"""What was told decides what is news: nothing twice, and nothing older after something newer."""

from decimal import Decimal

import pytest

from app.events.events import Source, Topic
from app.events.sightings import FigureSighting, FillSighting, OrderSighting

ACCOUNT = "1"


def see(phase="open", filled=0, moment=100, **fields):
    figures = {"quantity": Decimal(10), "limit_price": Decimal(5), "stop_price": None}
    return OrderSighting("7", phase, Decimal(filled), moment=moment, told={"status": phase}, **(figures | fields))


def hold(quantity, moment=100):
    return FigureSighting(Topic.POSITIONS, "STK:AAPL", Decimal(quantity), moment, {"quantity": quantity})


def fill(its_id):
    return FillSighting(its_id, "7", 1, {})


def get_types(log):
    return [event.type for event in log.fetch_after(log.fetch_head(ACCOUNT), 0, 100)]


@pytest.mark.parametrize(
    ("seen", "types"),
    [
        ([see(), see()], ["submitted"]),
        ([see(), see(filled=4), see(filled=4), see("filled", 10)], ["submitted", "partly_filled", "filled"]),
        ([see("filled", 10), see(filled=4), see()], ["filled"]),
        ([see(), see("cancelled"), see()], ["submitted", "cancelled"]),
        ([see("cancelled", 4), see("filled", 10)], ["cancelled", "filled"]),
        ([see("cancelled"), see("rejected")], ["cancelled"]),
        ([see("rejected")], ["rejected"]),
        ([see(), see(moment=200, limit_price=Decimal(6))], ["submitted", "changed"]),
        ([see(), see(moment=50, limit_price=Decimal(6))], ["submitted"]),
        ([see(), see(limit_price=Decimal(6))], ["submitted"]),
        ([see(), see(limit_price=Decimal(6), is_listed=True)], ["submitted", "changed"]),
        ([see(), see(moment=50, limit_price=Decimal(6), is_listed=True)], ["submitted"]),
        ([see(trailing_percent=Decimal(5)), see(moment=200, trailing_percent=Decimal(1))], ["submitted", "changed"]),
        ([see(), see(moment=200, trailing_amount=Decimal(1))], ["submitted"]),
        ([see(), see(moment=200, limit_price=None)], ["submitted"]),
        ([see(), see(moment=200, limit_price=Decimal("5.00"))], ["submitted"]),
        ([see("filled", 10), see("filled", 10, moment=300, limit_price=Decimal(6))], ["filled"]),
        ([hold(5), hold(5), hold(0), hold(0)], ["position", "position"]),
        ([hold(5, 200), hold(3, 100)], ["position"]),
        ([hold(0)], []),
        ([fill("f"), fill("f"), fill("g")], ["fill", "fill"]),
    ],
)
def test_each_thing_is_told_once_and_nothing_older_after_something_newer(recorder, log, seen, types):
    for each in seen:
        recorder.record(ACCOUNT, [each], Source.PUSH)

    assert get_types(log) == types


def test_what_was_so_when_the_events_began_is_noted_and_not_told(recorder, log):
    recorder.record(ACCOUNT, [see(moment=100)], Source.POLL, quietly_before_ms=101)
    recorder.record(ACCOUNT, [see("filled", 10, moment=100)], Source.POLL, quietly_before_ms=101)

    assert get_types(log) == ["filled"]


def test_those_who_wait_are_told_the_number_of_the_newest_event(recorder, wakes):
    heard = []
    wakes.add(lambda account, number: heard.append((account, number)))
    recorder.record(ACCOUNT, [see(), see(filled=1)], Source.PUSH)

    assert heard == [(ACCOUNT, 2)]
