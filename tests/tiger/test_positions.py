"""Positions tell the real quantity."""

from decimal import Decimal
from typing import Any

import pytest

from app.errors import TigerError
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.positions import fetch_positions, get_position, read_items
from app.tiger.sessions import Session


def test_a_position_has_the_documented_figures(session: Session) -> None:
    answer = fetch_positions(session)

    assert answer["count"] == len(answer["positions"]) > 0
    position = answer["positions"][0]
    assert isinstance(position["quantity"], int)
    worth = position["quantity"] * position["market_price"]
    assert position["market_value"] == pytest.approx(worth, rel=0.01)


def test_positions_of_one_symbol_only(session: Session) -> None:
    held = fetch_positions(session)["positions"][0]["symbol"]

    assert {position["symbol"] for position in fetch_positions(session, "STK", held.lower())["positions"]} == {held}


def test_a_symbol_that_is_not_held_has_an_empty_list(session: Session) -> None:
    assert fetch_positions(session, "STK", "NOSUCH") == {"positions": [], "count": 0}


def test_another_type_of_security_is_listed_apart(session: Session) -> None:
    assert fetch_positions(session, "FUT") == {"positions": [], "count": 0}


def test_all_types_are_asked_for_one_by_one(simulator: Simulator, session: Session) -> None:
    everything = fetch_positions(session, "ALL")

    assert everything["count"] >= fetch_positions(session)["count"]
    assert simulator.calls("positions") == 8


@pytest.mark.parametrize(
    ("sent", "quantity"),
    [
        ({"position": 773, "positionScale": 5, "positionQty": 0.00773}, 0.00773),
        ({"position": 773, "positionScale": 5}, 0.00773),
        ({"position": -100, "positionScale": 0}, -100),
        ({"positionQty": 12.0}, 12),
        ({}, None),
        ({"positionQty": float("nan"), "position": None}, None),
    ],
)
def test_a_quantity_is_the_real_one(sent: dict[str, Any], quantity: float | None) -> None:
    assert get_position(sent)["quantity"] == quantity


def test_a_strike_that_comes_as_text_is_a_number() -> None:
    assert Decimal(str(get_position({"strike": "114.5"})["strike"])) == Decimal("114.5")


def test_an_answer_that_cannot_be_read_is_no_empty_portfolio(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("broken_json", method="positions", times=2))

    with pytest.raises(TigerError):
        fetch_positions(session)


@pytest.mark.parametrize("data", ["", {"items": None}, {"list": []}, {"items": {}}, {"items": ["AAPL"]}, ["AAPL"], 0])
def test_what_says_nothing_of_positions_is_not_read_as_none(data: Any) -> None:
    with pytest.raises(TigerError):
        read_items(data)


@pytest.mark.parametrize("data", [{"items": []}, [], None, {}])
def test_an_empty_list_or_no_data_at_all_says_that_there_are_no_positions(data: Any) -> None:
    assert read_items(data) == []
