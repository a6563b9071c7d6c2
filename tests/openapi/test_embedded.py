import json
from pathlib import Path

import pytest
from flask import Flask
from openapi_spec_validator import validate

from app.embedding import TigerRest


@pytest.fixture
def host(settings, tmp_path: Path):
    """Build a host application with two gateways."""
    application = Flask("host", instance_path=str(tmp_path))
    mounted = [TigerRest(application, url_prefix=prefix, settings=settings) for prefix in ("/tiger", "/other")]
    yield application
    with application.app_context():
        for gateway in mounted:
            gateway.gateway.close()


@pytest.mark.parametrize("prefix", ["/tiger", "/other"])
def test_each_gateway_of_a_host_describes_itself(host, prefix):
    document = host.test_client().get(f"{prefix}/openapi.json").get_json()

    validate(document)
    assert document["servers"] == [{"url": prefix}]
    assert "/api/market/quote" in document["paths"]
    assert not [path for path in document["paths"] if path.startswith(("/tiger", "/other", "/static"))]


def test_the_page_of_a_mounted_gateway_finds_its_files(host):
    client = host.test_client()

    assert client.get("/tiger/docs").status_code == 200
    assert client.get("/tiger/docs/page.js").status_code == 200


@pytest.mark.parametrize(("group", "prefix"), [("tiger-rest", "/tiger"), ("tiger-rest-other", "/other")])
def test_the_commands_of_a_host_describe_their_own_gateway(host, group, prefix):
    result = host.test_cli_runner().invoke(args=[group, "openapi"])

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["servers"] == [{"url": prefix}]
