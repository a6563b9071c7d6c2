"""A host application with a gateway in it, whose callers the host knows itself."""

import os

from flask import Flask

from app.embedding import TigerRest

app = Flask("host")
TigerRest(
    app,
    url_prefix="/tiger",
    instance=os.environ["HOST_FOLDER"],
    settings={
        "simulator": {"folder": os.environ["SIMULATOR_FOLDER"]},
        "gateway": {"threads": 8},
        "budget": {"limit_scale": 0},
    },
)
