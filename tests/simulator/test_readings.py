"""Every open point of Tiger's can be played each way, chosen at the start or while the server runs."""

import re
from pathlib import Path

import pytest

from app.simulator.__main__ import get_options, read_arguments
from app.simulator.readings import Readings, get_choices
from tests.simulator.controls import Controls


def test_readings_are_chosen_on_the_command_line(tmp_path):
    arguments = ["--instance", str(tmp_path), "--reading", "cancel=two_steps", "--reading", "ioc_fok=refused"]

    chosen = get_options(read_arguments(arguments)).readings

    assert chosen == Readings(cancel="two_steps", ioc_fok="refused")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("moon=full", "known: order_numbers"),
        ("cancel=never", "one of at_once, two_steps"),
        ("cancel", "one of at_once, two_steps"),
    ],
)
def test_a_wrong_reading_is_refused_with_what_would_be_right(tmp_path, capsys, wrong, right):
    with pytest.raises(SystemExit):
        read_arguments(["--instance", str(tmp_path), "--reading", wrong])

    assert right in capsys.readouterr().err


def test_readings_change_while_the_server_runs(simulator):
    simulator.read_as(order_numbers="next_free")

    told = Controls(simulator)("POST", "readings", cancel="two_steps")[1]["readings"]
    assert (told["order_numbers"], told["cancel"]) == ("next_free", "two_steps")


def test_readings_go_back_to_those_of_the_start(simulate):
    simulator = simulate(readings=Readings(cancel="at_once"))
    simulator.read_as(cancel="two_steps", ioc_fok="accepted")

    told = Controls(simulator)("DELETE", "readings")[1]["readings"]
    assert (told["cancel"], told["ioc_fok"]) == ("at_once", "refused")


def test_the_page_tells_every_reading_with_its_values_the_default_first():
    page = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| (`\w+`(?:, `\w+`)+) \|", page, re.MULTILINE))

    for name, values in get_choices().items():
        listed = [value.strip("`") for value in told[name].split(", ")]
        assert sorted(listed) == sorted(values)
        assert listed[0] == getattr(Readings(), name)


def test_each_reading_has_at_least_two_values():
    assert min(map(len, get_choices().values())) >= 2
