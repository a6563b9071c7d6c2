import dataclasses
import json
from pathlib import Path

import click
import pytest

from app import cli
from app.config.loader import SECTIONS
from app.errors import GatewayError
from app.gateway import get_gateway
from app.openapi.advice import ADVICE, get_errors
from app.openapi.documentation_commands import PAGES
from app.openapi.postman import VARIABLES

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
MEND = "run make docs"


def run(app, *arguments):
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def walk(kind):
    for below in kind.__subclasses__():
        yield below
        yield from walk(below)


def leaves(group, names=()):
    for name, command in group.commands.items():
        inner = (*names, name)
        yield from leaves(command, inner) if isinstance(command, click.Group) else [(" ".join(inner), command)]


@pytest.fixture
def offered(app):
    """List every command of ours with its name."""
    group = click.Group()
    cli.register(group, "tiger_rest", lambda: get_gateway(app))
    return dict(leaves(group))


@pytest.mark.parametrize("page", PAGES)
def test_the_reference_pages_are_up_to_date(app, page):
    assert (DOCS / f"{page}.md").read_text(encoding="utf-8") == run(app, "reference", page), MEND


def test_the_collection_is_up_to_date(app):
    assert json.loads((DOCS / "postman.json").read_text(encoding="utf-8")) == json.loads(run(app, "postman")), MEND


def test_every_error_code_says_what_to_do():
    codes = {kind.code for kind in walk(GatewayError)}

    assert codes == set(ADVICE)
    assert all(kind.__doc__ and ADVICE[kind.code] for kind in get_errors())
    assert all(f"\n## {code}\n" in (DOCS / "errors.md").read_text(encoding="utf-8") for code in codes)


def test_every_setting_says_what_it_is():
    silent = [
        f"{section}.{item.name}"
        for section, kind in SECTIONS.items()
        for item in dataclasses.fields(kind)
        if not item.metadata.get("doc")
    ]

    assert silent == []


def test_every_command_and_option_says_what_it_does(offered):
    silent = [name for name, command in offered.items() if not command.help]
    silent += [
        f"{name} {parameter.name}"
        for name, command in offered.items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]

    assert silent == []


def test_openapi_prints_the_document(app):
    document = json.loads(run(app, "openapi", "--server", "https://tiger.example"))

    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://tiger.example"}]
    assert run(app, "openapi", "--format", "yaml").startswith('"openapi": "3.1.0"\n')


def test_each_request_of_the_collection_has_tests_and_variables(app):
    collection = json.loads(run(app, "postman"))
    requests = [request for folder in collection["item"] for request in folder["item"]]

    assert {variable["key"] for variable in collection["variable"]} >= set(VARIABLES)
    assert all("pm.test(" in "".join(request["event"][0]["script"]["exec"]) for request in requests)
    assert all(request["request"]["url"]["raw"].startswith("{{base_url}}/") for request in requests)
    bodies = [json.loads(request["request"]["body"]["raw"]) for request in requests if "body" in request["request"]]
    assert {body["account"] for body in bodies} == {"{{account}}"}
