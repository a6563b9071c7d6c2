"""`tigeropen push`, unmodified, in this process: one of its own would spend seconds on importing pandas."""

import io
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from tigeropen.cli import push_cmd
from tigeropen.cli.main import SDK_LOGGERS, cli
from tigeropen.push.push_client import PushClient

from app.simulator.running import Simulator
from tests.simulator.push.clients import SECONDS
from tests.simulator.trader import FIRST_ID, Trader
from tests.support.server import wait_until

WAITS = "Press Ctrl+C to stop."


class Screen(io.StringIO):
    """Hold what a command writes, and let others wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self._written = threading.Condition()

    def write(self, text: str) -> int:
        with self._written:
            self._written.notify_all()
            return super().write(text)

    def wait(self, text: str) -> None:
        with self._written:
            assert self._written.wait_for(lambda: text in self.getvalue(), SECONDS), self.getvalue()


@pytest.fixture(autouse=True)
def _loggers_as_found() -> Iterator[None]:
    """Leave the SDK's loggers as they were, which the command line quietens."""
    levels = {name: logging.getLogger(name).level for name in SDK_LOGGERS}
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(autouse=True)
def _nobodys_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no settings of the user's be found."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[PushClient]:
    """Give the clients that commands make, none of them changed."""
    made: list[PushClient] = []

    def make(*arguments: Any, **options: Any) -> PushClient:
        made.append(PushClient(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(push_cmd, "PushClient", make)
    return made


@contextmanager
def interrupted_after(screen: Screen, simulator: Simulator, clients: list[PushClient], text: str) -> Iterator[None]:
    """Press Ctrl+C in the main thread once something is on the screen; until then let something happen."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    outcome: list[BaseException] = []

    def go_on() -> None:
        try:
            screen.wait(WAITS)
            wait_until(lambda: has_subscribed(simulator), SECONDS)
            Trader(simulator).place("BUY", 1)
            simulator.advance(1)
            screen.wait(text)
        except BaseException as error:  # noqa: BLE001 - told in the main thread.
            outcome.append(error)
        finally:
            # Otherwise it would connect again once it has left, and stay connected for the rest of the run.
            clients[0].disconnect_callback = str
            signal.raise_signal(signal.SIGINT)

    helper = threading.Thread(target=go_on, daemon=True)
    helper.start()
    try:
        yield
    finally:
        helper.join(SECONDS)
        signal.signal(signal.SIGINT, before)
    assert outcome == []


def has_subscribed(simulator: Simulator) -> bool:
    return any(held["accounts"] or held["used"] for held in simulator.push_connections())


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("quote", "AAPL", "00700"), "latestPrice: "),
        (("order",), "FILLED"),
        (("position",), "averageCost: "),
        (("asset",), "netLiquidation: "),
    ],
)
def test_it_shows_what_is_pushed(simulator: Simulator, clients: list[PushClient], command, told) -> None:
    screen = Screen()
    folder = str(simulator.get_credential_folder(FIRST_ID))
    with redirect_stdout(screen), interrupted_after(screen, simulator, clients, told):
        cli.main(["--config-path", folder, "push", *command], standalone_mode=False)

    assert told in screen.getvalue()
    assert screen.getvalue().endswith("Disconnected.\n")
