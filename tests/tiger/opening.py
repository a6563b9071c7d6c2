"""Open the sessions of a simulator that a test runs for itself."""

import tomllib

from app.config.credentials import load_credentials
from app.settings import Settings
from app.simulator.running import Simulator
from app.tiger.sessions import Sessions
from tests.tiger.conftest import QUICK


def open_sessions(simulator: Simulator) -> Sessions:
    """Return the sessions of all its accounts, with the deadlines that the other tests have."""
    file = simulator.folder / "credentials.toml"
    tables = tomllib.loads(file.read_text(encoding="utf-8"))["credentials"]
    return Sessions(Settings(instance=simulator.folder, tiger=QUICK), load_credentials(tables, file, simulator.folder))
