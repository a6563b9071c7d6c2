"""Positions tell the real quantity."""

from decimal import Decimal
from typing import Any

import pytest

from app.errors import TigerError, TigerPermissionDenied
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.sessions import Session, Sessions
from app.tiger.trading.positions import fetch_positions, get_position, read_items
from tests.support.client import FIRST


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


def test_all_types_are_asked_for_one_by_one_and_those_without_positions_not_again(
    simulator: Simulator, session: Session
) -> None:
    everything = fetch_positions(session, "ALL")
    first = simulator.calls("positions")
    again = [fetch_positions(session, "ALL") for _ in range(10)]

    assert everything["count"] == fetch_positions(session)["count"] > 0
    assert everything["missing"] == []
    assert [answer["count"] for answer in again] == [everything["count"]] * 10
    assert (first, simulator.calls("positions")) == (7, 7 + 10 + 1)


def test_fresh_answers_ask_for_every_type(simulator: Simulator, sessions: Sessions) -> None:
    for _ in range(2):
        fetch_positions(sessions.session(FIRST, wants_fresh=True), "ALL")

    assert simulator.calls("positions") == 14


def test_a_type_that_has_shown_a_position_is_asked_for_each_time(simulator: Simulator, session: Session) -> None:
    session.link.types_shown.add("OPT")
    for _ in range(2):
        fetch_positions(session, "ALL")

    assert simulator.calls("positions") == 7 + 2


def test_an_account_s_types_are_told_by_what_it_shows(sessions: Sessions) -> None:
    session = sessions.session(FIRST)
    fetch_positions(session)

    assert session.link.types_shown == {"STK"}


def test_what_is_not_held_does_not_make_the_answer_old(session: Session) -> None:
    for _ in range(2):
        fetch_positions(session, "ALL")

    assert session.age_seconds is None


@pytest.mark.parametrize("code", [1010, 4])
def test_a_type_that_tiger_refuses_is_named_and_the_others_are_told(
    simulator: Simulator, session: Session, code: int
) -> None:
    message = "biz param error(security type not supported)" if code == 1010 else "permission denied"
    simulator.inject(Fault("code", "positions", code=code, message=message, where={"sec_type": "FUT"}))
    answers = [fetch_positions(session, "ALL") for _ in range(2)]

    assert [answer["missing"][0]["sec_type"] for answer in answers] == ["FUT", "FUT"]
    assert "security type" in answers[0]["missing"][0]["error"] or code != 1010
    assert [answer["count"] for answer in answers] == [fetch_positions(session)["count"]] * 2
    assert simulator.calls("positions") == 7 + 1 + 1


def test_a_fault_of_a_type_that_was_never_held_is_named_and_asked_again(simulator: Simulator, session: Session) -> None:
    fault = Fault("code", "positions", code=1200, message="error(unsupported)", where={"sec_type": "CC"}, times=1)
    simulator.inject(fault)
    first, second = fetch_positions(session, "ALL"), fetch_positions(session, "ALL")

    assert ([each["sec_type"] for each in first["missing"]], second["missing"]) == (["CC"], [])
    assert first["count"] > 0


def test_a_fault_of_a_type_that_is_held_spoils_the_answer(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("code", "positions", code=1200, message="error(unknown)", where={"sec_type": "STK"}))

    with pytest.raises(TigerError):
        fetch_positions(session, "ALL")


def test_a_failure_that_may_pass_is_told_as_that_of_the_whole(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("code", "positions", code=1, message="system error", where={"sec_type": "FUT"}))

    with pytest.raises(TigerError):
        fetch_positions(session, "ALL")


def test_where_every_type_is_refused_the_refusal_is_told(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("code", "positions", code=4, message="permission denied"))

    with pytest.raises(TigerPermissionDenied):
        fetch_positions(session, "ALL")


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


@pytest.mark.parametrize(("sent", "told"), [(True, True), (False, False), (None, None)])
def test_a_price_that_is_told_late_is_marked(sent: bool | None, told: bool | None) -> None:
    assert get_position({"isLevel0Price": sent})["delayed"] is told


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
