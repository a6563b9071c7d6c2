"""A package that offers an entry point gets its category registered, guarded, documented and listed."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.installed import Environment, make_environment
from tests.support.server import ROOT

EXAMPLE = ROOT / "docs" / "example-plugin"
# Answers the requests of a JSON list of [method, path, key, body], in simulator mode.
ASK = """if True:
    import json, sys
    from tiger_rest.app import create_app
    client = create_app().test_client()
    answers = []
    for method, path, key, body in json.loads(sys.argv[1]):
        answer = client.open(path, method=method, json=body, headers={"Authorization": f"Bearer {key}"} if key else {})
        answers.append([answer.status_code, answer.get_json()])
    print(json.dumps(answers))
"""
BODY = {"account": "67686635", "symbol": "AAPL"}


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Install the wheel and the example plugin."""
    environment = make_environment(tmp_path_factory.mktemp("plugins"))
    source = shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("example") / "plugin")
    environment.install(wheel, source)
    return environment


@pytest.fixture
def ask(environment, tmp_path, simulator):
    """Give a way to send requests to a gateway with the plugin."""

    def send(*requests):
        variables = {
            "TIGER_REST_INSTANCE": str(tmp_path / "instance"),
            "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder),
        }
        return json.loads(environment.run("-c", ASK, json.dumps(requests), cwd=tmp_path, **variables))

    return send


def make_plugin(folder: Path, code: str) -> Path:
    """Write a package as pip leaves it."""
    metadata = folder / "broken_plugin-1.dist-info"
    metadata.mkdir(parents=True)
    (folder / "broken_plugin.py").write_text(code)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-plugin\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[tiger_rest.blueprints]\nbroken = broken_plugin:blueprint\n")
    return folder


def test_the_category_of_a_plugin_answers_and_is_guarded(ask):
    good, missing, bad = ask(
        ["POST", "/api/spreads/latest", "client_key_001", BODY],
        ["POST", "/api/spreads/latest", None, BODY],
        ["POST", "/api/spreads/latest", "client_key_001", {**BODY, "sybmol": "AAPL"}],
    )

    assert good[0] == 200
    assert good[1]["data"]["spread"] > 0
    assert (missing[0], missing[1]["code"]) == (401, "unauthorized")
    assert (bad[0], bad[1]["code"]) == (400, "invalid_request")


def test_the_category_of_a_plugin_is_listed_and_documented(ask):
    listing, description = ask(["GET", "/api/endpoints", None, None], ["GET", "/openapi.json", None, None])

    assert listing[1]["data"]["spreads"] == ["POST /api/spreads/latest"]
    operation = description[1]["paths"]["/api/spreads/latest"]["post"]
    assert operation["summary"].startswith("Return the spread")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param("import nowhere_to_be_found", "cannot be imported (ModuleNotFoundError)", id="import"),
        pytest.param("blueprint = 7", "must name a flask.Blueprint", id="no blueprint"),
        pytest.param(
            "from flask import Blueprint\nblueprint = Blueprint('market_data', __name__)",
            "two categories are named market_data",
            id="name taken",
        ),
        pytest.param(
            "from flask import Blueprint\nblueprint = Blueprint('x', __name__)\n@blueprint.get('/x')\ndef x(): ...",
            "route /x has no guard",
            id="no guard",
        ),
    ],
)
def test_a_plugin_that_cannot_serve_stops_the_start_and_is_named(shared_environment, tmp_path, code, words):
    environ = {"PYTHONPATH": str(make_plugin(tmp_path / "plugin", code))}
    command = [str(shared_environment.python), "-c", "from tiger_rest.app import create_app; create_app()"]

    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert words in done.stderr.splitlines()[-1]
