import re
import subprocess
import sys

import pytest

from app.openapi.pages import FILES

LOADED_EARLY = """
import sys
from app import create_app
app = create_app()
client = app.test_client()
client.get("/health")
loaded = {name for name in sys.modules if name.startswith("app.openapi")}
print(sorted(loaded - {"app.openapi", "app.openapi.documentation_commands", "app.openapi.pages"}))
client.get("/openapi.json")
print("app.openapi.document" in sys.modules)
"""


def test_the_page_names_only_files_of_ours(client):
    page = client.with_key(None).get("/docs").get_data(as_text=True)
    named = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert named
    assert all(client.get(f"/{name}").status_code == 200 for name in named)


def test_the_page_may_load_and_call_nothing_else(client):
    policy = client.get("/docs").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert not re.search(r"https?:|\*|unsafe", policy)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_page_may_be_kept(client, name):
    answer = client.get(f"/docs/{name}")

    assert answer.status_code == 200
    assert answer.mimetype == FILES[name][1]
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(f"/docs/{name}", **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fdocument.py", "%2e%2e", "index.html"])
def test_no_other_file_is_given_out(client, name):
    answer = client.get(f"/docs/{name}")

    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


def test_the_document_is_public_and_the_same_in_both_forms(client):
    stranger = client.with_key(None)

    assert stranger.get("/openapi.json").get_json()["servers"] == [{"url": "/"}]
    assert stranger.get("/openapi.yaml").mimetype == "application/yaml"


def test_paths_hang_under_the_address_that_clients_see(app):
    document = app.test_client().get("/openapi.json", environ_overrides={"SCRIPT_NAME": "/tiger"}).get_json()

    assert document["servers"] == [{"url": "/tiger"}]
    assert "/api/market/quote" in document["paths"]


def test_nobody_waits_for_the_description_who_does_not_ask_for_it(tmp_path):
    environ = {"TIGER_REST_INSTANCE": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", LOADED_EARLY], env=environ, capture_output=True, text=True, check=True
    )

    assert result.stdout.split("\n")[:2] == ["[]", "True"]
