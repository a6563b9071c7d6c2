"""Whatever happens, no order of an examination stays open, none is sent twice, and none of others is touched."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.gateway import get_gateway
from app.orders.requester import Requester
from app.simulator.faults import Fault
from tests.support.client import PAPER
from tests.support.server import wait_until

ROOT = Path(__file__).resolve().parents[2]
LATE = {"unaffordable": "taken_then_invalid"}
RESTING = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 100}


def get_marks(stage):
    return [order["userMark"] for order in stage.simulator.orders(PAPER)]


def test_an_order_whose_answer_was_lost_is_found_by_its_mark_and_cancelled(open_stage):
    stage = open_stage()
    stage.simulator.inject(Fault("lost_answer", method="place_order", times=1))
    result = stage.certify()

    assert result.exit_code == 0
    assert len(get_marks(stage)) == 1
    assert stage.get_open() == []


def test_an_order_that_is_seen_late_is_waited_for(open_stage):
    stage = open_stage()
    stage.simulator.inject(Fault("late_visibility", method="place_order", seconds=4, times=1))
    stage.simulator.inject(Fault("lost_answer", method="place_order", times=1))
    result = stage.certify()

    assert (result.exit_code, len(get_marks(stage)), stage.get_open()) == (0, 1, [])


def test_no_order_is_sent_twice(open_stage):
    stage = open_stage()
    stage.simulator.inject(Fault("http_500", method="place_order", probability=0.5, processed=True))
    stage.certify()
    marks = get_marks(stage)

    assert len(marks) == len(set(marks))
    assert stage.get_open() == []


def test_orders_that_cannot_be_cancelled_are_told(open_stage, monkeypatch):
    monkeypatch.setattr("app.certify.trial.CLEANING_SECONDS", 2.0)
    stage = open_stage()
    stage.simulator.inject(Fault("code", method="cancel_order", code=1200, message="no"))
    result = stage.certify()

    assert result.exit_code == 1
    assert f"{len(stage.get_open())} orders marked certify-" in result.output


@pytest.mark.parametrize("reading", ["refused_1100", "answers_holder"])
def test_orders_of_others_are_left_alone(open_stage, reading):
    stage = open_stage({"used_number": reading, "order_numbers": "next_free"})
    others = stage.client.data("/api/trade/place-order", **RESTING)["order_id"]
    stage.certify()

    assert [str(order["id"]) for order in stage.get_open()] == [others]


def test_an_order_that_took_the_number_first_is_left_alone(open_stage):
    stage = open_stage({"order_numbers": "next_free", "used_number": "answers_holder"})
    stage.simulator.inject(Fault("delay", method="place_order", seconds=3, times=1))
    with ThreadPoolExecutor(1) as pool:
        others = pool.submit(place_behind, stage)
        found = stage.find_readings()

    assert "answered with another one" in found["cancel"]
    assert [str(order["id"]) for order in stage.get_open()] == [others.result()]


def place_behind(stage):
    """Place an order of somebody else's when the first of the examination is under way."""
    wait_until(lambda: stage.simulator.calls("place_order"), 40)
    return stage.client.data("/api/trade/place-order", **RESTING)["order_id"]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_what_interrupts_the_examination_leaves_no_order(open_stage, tmp_path, ending):
    stage = open_stage(LATE, late_refusal_seconds=600)
    settings = {"TIGER_REST_INSTANCE": str(tmp_path / "instance"), "PATH": "/usr/bin:/bin"}
    settings["TIGER_REST_SIMULATOR__FOLDER"] = str(stage.simulator.folder)
    line = [sys.executable, "-m", "flask", "--app", "wsgi", "certify", "--account", PAPER, "--yes"]
    line += ["--output", str(stage.output)]
    with subprocess.Popen(line, cwd=ROOT, env=settings) as process:
        wait_for_large_order(stage)
        process.send_signal(ending)
        code = process.wait(60)

    assert code == 1
    assert len(get_marks(stage)) > 1
    assert stage.get_open() == []


def wait_for_large_order(stage):
    """Wait until the order is there that is watched for five seconds."""
    wait_until(lambda: any(order["totalQuantity"] > 100 for order in stage.simulator.orders(PAPER)), 40)


def test_an_answered_order_that_is_listed_late_is_waited_for(open_stage):
    stage = open_stage()
    stage.simulator.inject(Fault("late_visibility", method="place_order", seconds=4, times=1))
    result = stage.certify()

    assert (result.exit_code, stage.get_open()) == (0, [])


def test_an_order_in_a_state_that_nobody_knows_is_cancelled(open_stage, monkeypatch):
    monkeypatch.setattr("app.certify.trial.CLEANING_SECONDS", 2.0)
    stage = open_stage()
    stage.simulator.inject(Fault("unknown_status", method="orders", message="PendingNew"))
    stage.certify()
    stage.simulator.clear_faults()

    assert stage.get_open() == []


def test_orders_are_cancelled_although_tiger_shows_their_marks_empty(open_stage):
    stage = open_stage()
    stage.simulator.inject(Fault("other_values", method="orders", values={"userMark": ""}))
    stage.certify()
    stage.simulator.clear_faults()

    assert get_marks(stage)
    assert stage.get_open() == []


def test_nothing_is_tried_where_trading_is_halted(open_stage):
    stage = open_stage()
    get_gateway(stage.app).halting.halt("*", "halted", "Stop.", Requester("me", "me", "test"))
    result = stage.certify()

    assert result.exit_code == 1
    assert "trading is halted" in result.output
    assert get_marks(stage) == []
