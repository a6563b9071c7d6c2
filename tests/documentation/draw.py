"""Draw the pictures of the documentation from the answers of a gateway: ``python -m tests.documentation.draw``."""

import dataclasses
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from app import create_app
from app.config.loader import load_settings
from app.gateway import get_gateway
from app.settings import SimulatorSettings
from app.simulator.options import SimulatorOptions
from app.simulator.running import Simulator
from tests.documentation.pictures import PICTURES
from tests.support.client import Client

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
# A Wednesday at noon in New York, at which the clock stands: the same answers each time.
NOW_MS = int(datetime(2026, 3, 11, 16, tzinfo=UTC).timestamp() * 1000)


def draw_pictures(scratch: Path) -> dict[str, str]:
    """Return every picture by its name, drawn from what a gateway in front of a simulator answers."""
    with Simulator.running(SimulatorOptions(folder=scratch, limit_scale=0, frozen_at_ms=NOW_MS)) as simulator:
        settings = load_settings({"TIGER_REST_INSTANCE": str(scratch / "instance")})
        app = create_app(dataclasses.replace(settings, simulator=SimulatorSettings(folder=str(simulator.folder))))
        client = Client(app)
        drawn = {name: draw(client.data(path, **fields)) for name, (path, fields, draw) in PICTURES.items()}
        get_gateway(app).close()
    return drawn


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pictures = draw_pictures(Path(folder))
    for name, text in pictures.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{', '.join(pictures)} in {FOLDER.name}\n")
