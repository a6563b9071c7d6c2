"""No key, token, signature or line of code leaves in an answer or a log line, whatever breaks."""

import logging

import pytest

from app.errors import StorageUnavailable
from tests.support.client import Client, assert_refusal

SECRET = "trk_" + "S3cret" * 8


@pytest.fixture
def broken(app, monkeypatch):
    """Give a client whose key lookup breaks with the key in the exception's text."""

    def find(_self, key):
        raise RuntimeError(f"cannot look up {key}")

    monkeypatch.setattr("app.access.keys.ApiKeys.find", find)
    return Client(app, key=SECRET)


def test_an_unexpected_error_tells_the_client_nothing(broken):
    response = broken.get("/api/accounts")

    assert_refusal(response, 500, "internal_error")
    assert SECRET not in response.text
    assert "RuntimeError" not in response.text


def test_an_unexpected_error_is_logged_without_its_text(broken, caplog):
    with caplog.at_level(logging.DEBUG):
        broken.get("/api/accounts")

    assert "RuntimeError" in caplog.text
    assert SECRET not in caplog.text


def test_a_guard_that_cannot_ask_lets_nobody_in(app, monkeypatch):
    def find(_self, _key):
        raise StorageUnavailable("The gateway's database does not answer.")

    monkeypatch.setattr("app.access.keys.ApiKeys.find", find)

    assert_refusal(Client(app).get("/api/accounts"), 503, "storage_unavailable")


def test_files_that_hold_secrets_are_their_owners_alone(app, settings):
    Client(app, key="trk_guess").get("/api/accounts")
    Client(app).get("/api/accounts")

    open_to_others = [
        str(file.relative_to(settings.instance))
        for file in settings.instance.rglob("*")
        if file.is_file() and file.name.startswith(("secret", "refused")) and file.stat().st_mode & 0o077
    ]

    assert open_to_others == []
    assert settings.instance.stat().st_mode & 0o077 == 0
