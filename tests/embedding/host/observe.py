"""Print, as JSON, what of the host could be changed by mounting a gateway in it: ``observe.py FOLDER bare|mounted``."""

import json
import logging
import os
import sys
from pathlib import Path

from sqlalchemy import inspect, text

from app import create_host

REQUESTS = (
    ("GET", "/clients/", None),
    ("POST", "/clients/", {"name": "Bo"}),
    ("POST", "/clients/", {"name": "B" * 200}),
    ("GET", "/clients/secret", None),
    ("GET", "/clients/broken", None),
    ("PUT", "/clients/", {}),
    ("OPTIONS", "/clients/", None),
    ("GET", "/nowhere", None),
    ("GET", "/api/accounts", None),
    ("GET", "/api/market/quote", None),
    ("GET", "/health", None),
)

folder = Path(sys.argv[1])
host = create_host(folder)
before = {
    "environment": dict(os.environ),
    "scheduler": id(host.apscheduler),
    "json": type(host.json).__name__,
    "sort_keys": host.json.sort_keys,
    "limit": host.config["MAX_CONTENT_LENGTH"],
    "log": [logging.getLogger().level, [type(handler).__name__ for handler in logging.getLogger().handlers]],
}
if sys.argv[2] == "mounted":
    from tiger_rest import TigerRest

    database = f"sqlite:///{folder / 'host.db'}"
    TigerRest(host, url_prefix="/tiger", settings={}, database_url=database)
    client = host.test_client()
    key = {"Authorization": "Bearer client_key_001"}
    assert client.get("/tiger/health").status_code == 200
    assert client.get("/tiger/api/accounts", headers=key).status_code == 200
    assert client.get("/tiger/api/accounts").status_code == 401
after = {
    "environment": dict(os.environ),
    "scheduler": id(host.apscheduler),
    "json": type(host.json).__name__,
    "sort_keys": host.json.sort_keys,
    "limit": host.config["MAX_CONTENT_LENGTH"],
    "log": [logging.getLogger().level, [type(handler).__name__ for handler in logging.getLogger().handlers]],
}
client = host.test_client()
answers = []
for method, path, body in REQUESTS:
    answer = client.open(path, method=method, json=body, headers={"Origin": "https://host.example"})
    answers.append([method, path, answer.status_code, sorted(answer.headers.items()), answer.get_data(as_text=True)])
with host.engine.connect() as connection:
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    tables = [name for name in inspect(connection).get_table_names() if not name.startswith("tiger_rest_")]
jobs = [job.id for job in host.apscheduler.get_jobs()]
seen = {"unchanged": before == after, "answers": answers, "revision": revision, "tables": tables, "jobs": jobs}
print(json.dumps(seen))
