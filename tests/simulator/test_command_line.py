"""The SDK's own command line, unmodified, against the simulator."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.simulator.running import Simulator
from tests.simulator.trader import FIRST, FIRST_ID

TIGEROPEN = Path(sys.executable).with_name("tigeropen")


class CommandLine:
    """Run ``tigeropen`` with the credential folder that the simulator wrote and nothing else."""

    def __init__(self, simulator: Simulator, home: Path) -> None:
        self.folder = simulator.get_credential_folder(FIRST_ID)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TIGEROPEN_")}
        self.environment = kept | {"HOME": str(home), "PYTHONWARNINGS": "ignore"}

    def __call__(self, *words: str, answer: str = "") -> str:
        command = [str(TIGEROPEN), "--config-path", str(self.folder), "--format", "json", *words]
        done = subprocess.run(
            command, input=answer, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rows(self, *words: str) -> Any:
        return json.loads(self(*words))


@pytest.fixture
def tigeropen(simulator: Simulator, tmp_path: Path) -> CommandLine:
    return CommandLine(simulator, tmp_path)


def test_it_shows_quotes_bars_and_market_state(tigeropen: CommandLine) -> None:
    quotes = tigeropen.rows("quote", "briefs", "AAPL", "00700")
    bars = tigeropen.rows("quote", "bars", "AAPL", "--period", "day", "--limit", "5")
    states = tigeropen.rows("quote", "market-status")

    assert {row["symbol"] for row in quotes} == {"AAPL", "00700"}
    assert len(bars) == 5
    assert {"US", "HK"} <= {row["market"] for row in states}


def test_it_shows_an_option_chain(tigeropen: CommandLine) -> None:
    expirations = tigeropen.rows("quote", "option", "expirations", "AAPL")
    chain = tigeropen.rows("quote", "option", "chain", "AAPL", expirations[2]["date"])

    assert {row["put_call"] for row in chain} == {"PUT", "CALL"}


def test_it_shows_the_account(tigeropen: CommandLine) -> None:
    positions = tigeropen.rows("trade", "position", "list")
    assets = tigeropen.rows("account", "assets")

    assert "AAPL" in {row["symbol"] for row in positions}
    assert assets["account"] == FIRST
    assert assets["segments"]["S"]["net_liquidation"] > 250_000


def test_it_places_lists_changes_and_cancels_an_order(tigeropen: CommandLine, simulator: Simulator) -> None:
    placed = tigeropen(
        *["trade", "order", "place", "--symbol", "AAPL", "--action", "BUY", "--quantity", "5", "--limit-price", "10.5"],
        answer="y\n",
    )
    order_id = placed.split()[-1]
    listed = tigeropen.rows("trade", "order", "list", "--status", "Submitted")
    tigeropen("trade", "order", "modify", order_id, "--limit-price", "11", "--yes")
    tigeropen("trade", "order", "cancel", order_id, "--yes")
    final = simulator.orders(FIRST)[0]

    assert [str(row["id"]) for row in listed] == [order_id]
    assert (str(final["id"]), final["limitPrice"], final["status"]) == (order_id, 11.0, "Cancelled")
