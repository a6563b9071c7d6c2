"""The host's own tests; MOUNTED says whether a gateway is mounted in it."""

import os
from pathlib import Path

import pytest

from app import create_host


@pytest.fixture
def client(tmp_path: Path):
    host = create_host(tmp_path)
    if os.environ["MOUNTED"] == "yes":
        from tiger_rest import TigerRest  # noqa: PLC0415 - absent where the host is alone.

        TigerRest(host, settings={})
    with host.test_client() as client:
        yield client


def test_a_client_is_shown(client):
    assert client.get("/clients/").get_json() == {"name": "Ada", "zone": "UTC"}


def test_a_client_is_added(client):
    assert client.post("/clients/", json={"name": "Bo"}).status_code == 201


def test_a_body_over_the_hosts_limit_is_refused_by_the_host(client):
    assert client.post("/clients/", json={"name": "B" * 200}).data == b"<h1>Too large for the host</h1>"


def test_an_unknown_page_is_the_hosts(client):
    assert client.get("/nowhere").data == b"<h1>The host has no such page</h1>"


def test_an_error_is_the_hosts(client):
    assert client.get("/clients/broken").get_json() == {"host_error": "RuntimeError"}


def test_the_hosts_accounts_stay_the_hosts(client):
    assert client.get("/api/accounts").get_json()["of"] == "the host"
