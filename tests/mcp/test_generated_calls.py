"""Whatever the schemas allow: each answer is what the schemas say, and nothing of it is our fault."""

import dataclasses
import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from app import create_app
from app.config.loader import load_settings
from app.gateway import get_gateway
from app.settings import BudgetSettings, SimulatorSettings
from app.simulator.options import SimulatorOptions
from app.simulator.running import Simulator
from tests.support.agent_calls import CALLS, draw_arguments, prepare
from tests.support.agents import Agent

CALLS_OF_EACH = -(-int(os.environ.get("TIGER_REST_TEST_TOOL_CALLS", "95")) // len(CALLS))
OK = "ok"
FAILURE = {"type": "object", "required": ["code", "error", "what_to_do"]}
OUR_FAULTS = {"internal_error", "tiger_error", "storage_unavailable"}


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    """Give an agent at a simulator of its own: its orders fill, and nobody else's money goes for them."""
    folder = tmp_path_factory.mktemp("generated")
    with Simulator.running(SimulatorOptions(folder=folder / "tiger", limit_scale=0, key_bits=1024)) as simulator:
        plain = load_settings({"TIGER_REST_INSTANCE": str(folder)})
        there = SimulatorSettings(folder=str(simulator.folder))
        app = create_app(dataclasses.replace(plain, simulator=there, budget=BudgetSettings(limit_scale=0)))
        yield Agent(app)
        get_gateway(app).close()


@pytest.mark.parametrize("name", CALLS)
def test_an_answer_is_as_the_schemas_of_its_tool_say(agent, name):
    definition, codes = agent.list_tools()[name], []
    accepts = Draft202012Validator(definition["inputSchema"])
    tells = {False: Draft202012Validator(definition["outputSchema"]), True: Draft202012Validator(FAILURE)}

    @settings(max_examples=CALLS_OF_EACH, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(drawn=draw_arguments(name))
    def call(drawn):
        arguments = prepare(agent, name, drawn)
        accepts.validate(arguments)
        result = agent.call(name, **arguments)
        told = json.loads(result["content"][-1]["text"])
        tells[result["isError"]].validate(told)
        codes.append(told["code"] if result["isError"] else OK)

    call()
    assert OK in codes
    assert OUR_FAULTS.isdisjoint(codes)
