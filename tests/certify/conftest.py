"""Fixtures: stages, each a simulator that answers in its own way, a gateway in front of it, and the command."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from app.config.loader import load_settings
from app.gateway import get_gateway
from app.settings import SimulatorSettings
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.support.client import DEMO_KEY, PAPER, Client

DAY_SECONDS = 86_400


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, and no longer than a simulator takes to refuse."""
    monkeypatch.setattr("app.certify.trial.CLEANING_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr("app.certify.questions.REFUSAL_SECONDS", 3.0)


@dataclasses.dataclass(frozen=True)
class Stage:
    """A simulator, a gateway in front of it, and a folder for reports."""

    simulator: Simulator
    app: Flask
    output: Path

    @property
    def client(self) -> Client:
        """Return a client that may trade the paper account."""
        return Client(self.app, DEMO_KEY, PAPER)

    def certify(self, *arguments: str, account: str = PAPER, **options: Any) -> Result:
        """Run the command, which is told to begin unless something is put in."""
        consent = [] if "input" in options else ["--yes"]
        line = ["certify", "--account", account, "--output", str(self.output), *consent, *arguments]
        return self.app.test_cli_runner().invoke(args=line, **options)

    def read_report(self) -> dict[str, Any]:
        """Return the one report that was written."""
        (file,) = self.output.glob("*.json")
        report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return report

    def find_readings(self, *arguments: str) -> dict[str, str]:
        """Run the command and return what it found, by question."""
        assert self.certify(*arguments).exit_code == 0
        return {row["question"]: row["reading"] for row in self.read_report()["questions"]}

    def let_an_order_expire(self) -> None:
        """Place an order of the day that does not fill, and let the day pass."""
        order = {"symbol": "MSFT", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1.5}
        self.client.data("/api/trade/place-order", **order)
        self.simulator.advance(3 * DAY_SECONDS)

    def get_open(self) -> list[dict[str, Any]]:
        """Return the account's orders that are not over."""
        orders = self.simulator.orders(PAPER)
        return [order for order in orders if order["status"] in {"Initial", "Submitted", "PendingCancel"}]


@pytest.fixture
def open_stage(tmp_path: Path, ready_instance: Path) -> Iterator[Callable[..., Stage]]:
    """Give what sets a stage, by readings and other options of the simulator; limits are Tiger's."""
    with ExitStack() as stack:

        def open_one(readings: dict[str, str] | None = None, **options: Any) -> Stage:
            chosen = SimulatorOptions(
                folder=tmp_path / "tiger", key_bits=1024, readings=Readings().choose(readings or {}), **options
            )
            simulator = stack.enter_context(Simulator.running(chosen))
            plain = load_settings({"TIGER_REST_INSTANCE": str(ready_instance)})
            there = SimulatorSettings(folder=str(simulator.folder))
            app = create_app(dataclasses.replace(plain, simulator=there))
            stack.callback(lambda: get_gateway(app).close())
            return Stage(simulator, app, tmp_path / "reports")

        yield open_one
