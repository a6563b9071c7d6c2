"""The command names the readings in force, whichever they are together."""

import random

import pytest

from app.certify.questions import QUESTIONS
from app.certify.readings import TABLE
from app.simulator.readings import get_choices

CHOICES = {name: values for name, values in get_choices().items() if not name.startswith("push_")}
"""How the push service answers is not asked: the gateway does not use it."""
COMBINATIONS = [
    {name: values[(turn + shift) % len(values)] for name, values in CHOICES.items()}
    for turn, shift in enumerate((0, 0, 0))
]
_draw = random.Random(12)  # noqa: S311 - which combinations are tried.
COMBINATIONS += [{name: _draw.choice(values) for name, values in CHOICES.items()} for _ in range(9)]


def test_every_open_point_is_asked_and_every_reading_can_be_named():
    named = {question: set(" or ".join(table.values()).split(" or ")) for question, table in TABLE.items()}

    assert set(QUESTIONS) == set(CHOICES)
    assert named == {name: set(values) for name, values in CHOICES.items()}


def test_every_reading_is_in_force_in_one_of_the_combinations():
    tried = {(name, value) for combination in COMBINATIONS for name, value in combination.items()}

    assert tried == {(name, value) for name, values in CHOICES.items() for value in values}


@pytest.mark.parametrize("combination", COMBINATIONS, ids=range(len(COMBINATIONS)))
def test_each_reading_is_named_whichever_are_in_force(open_stage, combination):
    is_stepwise = combination["cancel"] == "two_steps"
    stage = open_stage(combination, cancel_delay_seconds=1.5 if is_stepwise else 0.0, late_refusal_seconds=1.0)
    stage.let_an_order_expire()
    found = stage.find_readings("--quote-permission")

    assert {name: value for name, value in combination.items() if value not in found[name].split(" or ")} == {}
    assert stage.get_open() == []
