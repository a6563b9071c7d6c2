"""Every read command of the SDK's own command line works against the simulator.

It runs in this process, unmodified: one process a command would spend a minute on importing pandas. It needs click,
which the SDK brings along for it.
"""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
import pytest
from click.testing import CliRunner
from tigeropen.cli.main import SDK_LOGGERS, cli

from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.simulator.trader import FIRST_ID, Trader

NOW_MS = int(datetime(2026, 3, 11, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)
OPTION = "AAPL  260417C00250000"
SPAN = ("--begin-date", "2026-01-20", "--end-date", "2026-02-15")

pytestmark = [
    pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame"),
    pytest.mark.filterwarnings("ignore:The behavior of DataFrame concatenation"),
]

READS: dict[str, tuple[str, ...]] = {
    "quote briefs": ("AAPL", "00700", "--hour-trading"),
    "quote bars": ("AAPL", "--period", "5min", "--limit", "7"),
    "quote timeline": ("AAPL",),
    "quote ticks": ("AAPL", "--limit", "9"),
    "quote depth": ("AAPL", "--market", "US"),
    "quote market-status": (),
    "quote symbols": ("--market", "HK"),
    "quote option expirations": ("AAPL",),
    "quote option chain": ("AAPL", "2026-04-17"),
    "quote option briefs": (OPTION,),
    "quote option bars": (OPTION, "--limit", "9"),
    "quote future exchanges": (),
    "quote future contracts": ("CME",),
    "quote future briefs": ("ESmain", "CLmain"),
    "quote future bars": ("ESmain", "--limit", "9"),
    "quote capital flow": ("AAPL", "--period", "week"),
    "quote capital distribution": ("AAPL",),
    "quote fundamental financial": ("AAPL", "--period-type", "QUARTERLY"),
    "quote fundamental dividend": ("AAPL", *SPAN),
    "quote fundamental earnings": SPAN,
    "quote scanner": (
        "--filter",
        "MarketValue:1e11:",
        "--filter",
        "tag.OptionsAvailable:1",
        "--sort",
        "acc.ROE:ANNUAL",
    ),
    "trade order list": (),
    "trade order get": ("ORDER",),
    "trade order preview": ("--symbol", "AAPL", "--action", "BUY", "--quantity", "3", "--limit-price", "100"),
    "trade position list": (),
    "trade transaction list": (),
    "account info": (),
    "account assets": (),
    "account analytics": ("--start-date", "2026-01-05", "--end-date", "2026-03-11"),
}
OTHERS = {
    "version": "asks nobody",
    "uninstall": "takes the SDK away",
    "auth": "OAuth2, which the simulator does not speak",
    "config": "files of this machine",
    "skills": "texts of the SDK",
    "push": "a stream, which the simulator does not have",
    "trade order place": "a command",
    "trade order modify": "a command",
    "trade order cancel": "a command",
}
"""The other commands, with what they are."""


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    options = SimulatorOptions(
        folder=tmp_path_factory.mktemp("commands"),
        limit_scale=0,
        key_bits=1024,
        frozen_at_ms=NOW_MS,
        readings=Readings(order_rate="none"),
    )
    levels = {name: logging.getLogger(name).level for name in SDK_LOGGERS}
    with Simulator.running(options) as simulator:
        yield simulator
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(scope="module")
def order_id(simulator: Simulator) -> str:
    return str(Trader(simulator).place("BUY", 3).id)


def _leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _leaves(command, (*path, name))
        else:
            yield " ".join((*path, name))


def test_every_command_is_run_or_is_no_read() -> None:
    others = {name for name in _leaves(cli) if name in OTHERS or name.split()[0] in OTHERS}

    assert set(_leaves(cli)) == set(READS) | others
    assert not others & set(READS)


@pytest.mark.parametrize("command", READS)
def test_a_read_command_shows_something(
    simulator: Simulator, order_id: str, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    words = [order_id if word == "ORDER" else word for word in READS[command]]
    folder = simulator.get_credential_folder(FIRST_ID)
    given = ["--config-path", str(folder), "--auth", "signature", "--format", "json", *command.split(), *words]
    done = CliRunner().invoke(cli, given)

    assert done.exit_code == 0, done.output
    assert _read(done.output), done.output


def _read(output: str) -> Any:
    """Return what a command printed; a scan says first how much it shows."""
    first, _, rest = output.partition("\n")
    return json.loads(rest if first.startswith("Showing") else output)


def test_a_transaction_is_shown_with_its_order(simulator: Simulator, order_id: str) -> None:
    folder = str(simulator.get_credential_folder(FIRST_ID))
    done = CliRunner().invoke(cli, ["--config-path", folder, "--auth", "signature", "trade", "transaction", "list"])
    (row,) = json.loads(done.output)

    assert (str(row["order_id"]), row["filled_quantity"]) == (order_id, 3)
