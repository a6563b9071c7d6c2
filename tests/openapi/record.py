"""Record the examples of the API's description from a running simulator: ``python -m tests.openapi.record``."""

import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from app import create_app
from app.config.loader import load_settings
from app.gateway import get_gateway
from app.openapi.examples import FILE
from app.settings import BudgetSettings, SimulatorSettings, TigerSettings
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.openapi.provoked import provoke_errors
from tests.openapi.story import tell_story
from tests.support.client import Client

LONGEST_LIST = 2
# Orders are not counted, so that none has to wait; and a reader sees a refusal at once, in English.
READINGS = Readings(order_rate="none", unaffordable="refused_at_once", refusal_language="en")


def shorten(value: Any) -> Any:
    """Return a value with lists cut to what a reader needs to see."""
    if isinstance(value, dict):
        return {name: shorten(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shorten(member) for member in value[:LONGEST_LIST]]
    return value


def record(folder: Path) -> dict[str, Any]:
    """Return requests, answers and errors as a gateway before a simulator gives them."""
    with Simulator.running(SimulatorOptions(folder=folder, limit_scale=0, readings=READINGS)) as simulator:
        settings = dataclasses.replace(
            load_settings({"TIGER_REST_INSTANCE": str(folder / "instance")}),
            simulator=SimulatorSettings(folder=str(simulator.folder)),
            tiger=TigerSettings(read_deadline_seconds=3.0, order_deadline_seconds=1.5),
            budget=BudgetSettings(limit_scale=0),
        )
        app = create_app(settings)
        client = Client(app)
        client.post("/api/token/refresh")
        story = list(tell_story(client))
        errors = provoke_errors(client, simulator)
        get_gateway(app).close()
    return {
        "requests": {line: body for line, body, _ in story if body is not None},
        "answers": {line: shorten(answer.get_json()) for line, _, answer in story},
        "errors": {code: shorten(body) for code, body in sorted(errors.items())},
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        recorded = record(Path(scratch))
    if failed := [line for line, answer in recorded["answers"].items() if answer.get("success") is False]:
        sys.exit(f"{', '.join(failed)} failed this time: {FILE.name} stays as it is")
    before = json.loads(FILE.read_text(encoding="utf-8"))
    if lost := {name for part in before for name in before[part] if name not in recorded[part]}:
        sys.exit(f"{', '.join(sorted(lost))} did not come up this time: {FILE.name} stays as it is")
    FILE.write_text(json.dumps(recorded, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(recorded['answers'])} answers, {len(recorded['errors'])} errors in {FILE.name}\n")
