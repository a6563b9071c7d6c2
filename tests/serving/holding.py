"""The gateway with one path more, which keeps a thread until a file says that it may go; where told, slow to start."""

import os
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from app import create_app

PATH = "/hold"
FOLDER = "TEST_HOLDING_FOLDER"
SLOW = "slow"
SLOW_SECONDS = 6.0

if FOLDER in os.environ and Path(os.environ[FOLDER], SLOW).exists():
    time.sleep(SLOW_SECONDS)
app = create_app()
_answer = app.wsgi_app


def hold(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Say by a file that a thread is held, and keep it until the file ``go`` is there, for 30 s at most."""
    if environ["PATH_INFO"] != PATH:
        return _answer(environ, start_response)
    folder = Path(os.environ[FOLDER])
    held = folder / f"held-{uuid.uuid4()}"
    held.touch()
    ends_at = time.monotonic() + 30
    while not (folder / "go").exists() and time.monotonic() < ends_at:
        time.sleep(0.02)
    held.unlink()
    start_response("204 No Content", [])
    return []


app.wsgi_app = hold  # type: ignore[method-assign]
