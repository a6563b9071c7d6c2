"""The WSGI entry of the host: the gateway is mounted before the server forks."""

import os
from pathlib import Path

from tiger_rest import TigerRest

from app import create_host

host = create_host(Path(os.environ["HOST_FOLDER"]))
TigerRest(host, url_prefix="/tiger", settings={"simulator": {"folder": os.environ["SIMULATOR_FOLDER"]}})
