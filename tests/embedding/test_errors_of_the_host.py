"""What a host raises before a request has come to the gateway is answered as the host answers it elsewhere."""

import logging

import pytest
from flask import Flask, abort
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, ServiceUnavailable, TooManyRequests, Unauthorized

from app.embedding import TigerRest
from tests.support.client import Client, assert_refusal

STATUSES = (400, 401, 403, 404, 405, 409, 413, 418, 429, 451, 500, 502, 503)


class Closed(Exception):
    """The host is closed."""


class MaintenanceWindow(HTTPException):
    code = 503

    def get_headers(self, *arguments, **options):
        return [*super().get_headers(*arguments, **options), ("X-Window", "02:00")]


@pytest.fixture
def host() -> Flask:
    host = Flask("host")

    @host.get("/own")
    def own() -> str:
        return "own"

    return host


@pytest.fixture
def client(host: Flask, settings):
    tiger = TigerRest(host, settings=settings)
    yield Client(host)
    with host.app_context():
        tiger.gateway.close()


def stop_with(host: Flask, error: Exception | int) -> None:
    @host.before_request
    def stop() -> None:
        if isinstance(error, int):
            abort(error)
        raise error


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_that_the_host_aborts_with_stays(host, client, status):
    stop_with(host, status)

    there, elsewhere = client.get("/tiger/health"), client.get("/own")
    assert (there.status_code, there.text) == (elsewhere.status_code, elsewhere.text) == (status, elsewhere.text)


@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (ServiceUnavailable(retry_after=120), "Retry-After", "120"),
        (TooManyRequests(retry_after=7), "Retry-After", "7"),
        (Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "desk"})), "WWW-Authenticate", "Basic realm"),
        (MaintenanceWindow(), "X-Window", "02:00"),
    ],
    ids=["unavailable", "limited", "unauthorized", "own"],
)
def test_headers_that_the_host_aborts_with_stay(host, client, error, header, value):
    stop_with(host, error)

    answer = client.get("/tiger/api/accounts")
    assert answer.status_code == error.code
    assert answer.headers[header].startswith(value)


def test_an_exception_of_the_hosts_own_reaches_the_hosts_own_handler(host, client):
    host.register_error_handler(Closed, lambda _error: ("closed until Monday", 451, {"X-Closed": "yes"}))
    stop_with(host, Closed())

    answer = client.get("/tiger/api/accounts")
    assert (answer.status_code, answer.text, answer.headers["X-Closed"]) == (451, "closed until Monday", "yes")


def test_an_aborted_status_reaches_the_hosts_own_handler(host, client):
    host.register_error_handler(401, lambda _error: ("please sign in", 401))
    stop_with(host, 401)

    assert client.get("/tiger/api/accounts").text == "please sign in"


def test_an_exception_that_nobody_handles_is_the_hosts_500(host, client):
    host.register_error_handler(500, lambda error: (f"host: {type(error.original_exception).__name__}", 500))
    stop_with(host, Closed())

    answer = client.get("/tiger/api/accounts")
    assert (answer.status_code, answer.text) == (500, "host: Closed")


def test_an_exception_that_nobody_handles_is_logged_as_the_hosts(host, client, caplog):
    stop_with(host, Closed())

    with caplog.at_level(logging.ERROR):
        assert client.get("/tiger/api/accounts").status_code == 500
    assert any(record.name == "host" and record.exc_info for record in caplog.records)


def test_what_goes_wrong_after_the_request_has_come_to_us_is_ours(host, client):
    host.register_error_handler(401, lambda _error: ("please sign in", 401))
    host.register_error_handler(Exception, lambda _error: ("the host failed", 500))

    assert_refusal(client.with_key(None).get("/tiger/api/accounts"), 401, "unauthorized")
    assert_refusal(client.get("/tiger/no/such/path"), 404, "not_found")
