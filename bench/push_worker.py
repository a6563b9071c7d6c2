"""A worker of the push campaign: it stands for election, and holds the connection for as long as it leads.

It says when it may be elected, and each time that it hears of its account.
"""

import logging
import os
import signal
import sys
import tomllib
from pathlib import Path

from app.config.credentials import load_credentials
from app.config.loader import load_settings
from app.leadership import Job, Leadership
from app.push import Gap, PushHub
from app.settings import LeadershipSettings, PushSettings
from app.storage import Storage
from app.tiger.sessions import Sessions

ACCOUNT = "67686635"
STANDS = "stands for election:"


def serve(folder: Path, database_url: str, lease_seconds: float) -> None:
    """Stand for election, and hold the connection as a gateway's worker does, until the process is ended."""
    logging.basicConfig(format="%(asctime)s worker %(process)d: %(message)s", level=logging.INFO)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    settings = load_settings({"TIGER_REST_INSTANCE": str(folder)})
    file = folder / "simulator" / "credentials.toml"
    credentials = load_credentials(tomllib.loads(file.read_text())["credentials"], file, folder)
    storage = Storage(database_url, folder)
    election = Leadership(storage, LeadershipSettings(lease_seconds=lease_seconds))
    hub = PushHub(PushSettings(), credentials, storage, Sessions(settings, credentials).get_domains)
    hub.on_gap(_say_connected)
    hub.open_interest().want_account(ACCOUNT)
    election.add_job(Job("push", 1.0, hub.run))
    election.start()
    print(STANDS, os.getpid(), flush=True)
    while True:
        signal.pause()


def _say_connected(gap: Gap) -> None:
    if gap.concerns == "accounts":
        print(os.getpid(), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
