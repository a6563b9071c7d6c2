"""Pages of other origins may call what takes a key, and learn nothing from what is open to all."""

import pytest

from tests.support.client import Client

ORIGIN = {"Origin": "https://example.com"}
ALLOWED = "Access-Control-Allow-Origin"
OPEN = ("/health", "/health/live", "/health/ready", "/metrics", "/api/endpoints", "/openapi.json", "/docs")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def client(module_client: Client) -> Client:
    return module_client


@pytest.mark.parametrize("path", OPEN)
def test_what_is_open_to_all_is_not_for_pages_of_other_origins(client, path):
    asked = client.app.test_client().options(path, headers={**ORIGIN, "Access-Control-Request-Method": "GET"})

    assert ALLOWED not in client.get(path, **ORIGIN).headers
    assert ALLOWED not in asked.headers


@pytest.mark.parametrize("path", ["/api/accounts", "/api/trade/place-order", "/api/nothing"])
def test_what_takes_a_key_and_every_error_beside_it_is_for_pages_too(client, path):
    assert client.get(path, **ORIGIN).headers[ALLOWED] == "https://example.com"


def test_a_page_may_read_every_header_of_an_answer(client):
    exposed = client.get("/api/accounts", **ORIGIN).headers["Access-Control-Expose-Headers"].split(", ")

    assert set(exposed) >= {
        *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"),
        *("X-Request-ID", "X-Tiger-Mode", "Age", "Allow", "Idempotent-Replayed"),
    }


def test_a_browser_asks_for_leave_once_and_not_before_each_call(client):
    asked = {**ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    answer = client.app.test_client().options("/api/market/quote", headers=asked)

    assert answer.headers[ALLOWED] == "https://example.com"
    assert int(answer.headers["Access-Control-Max-Age"]) >= 600


def test_a_browser_at_the_root_is_sent_to_the_documentation(client):
    answer = client.get("/", Accept=BROWSER)

    assert (answer.status_code, answer.headers["Location"]) == (302, "docs")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html", ""])
def test_other_clients_at_the_root_are_told_where_to_look(client, accept):
    answer = client.get("/", Accept=accept)

    assert answer.status_code == 404
    assert "/api/endpoints" in answer.get_json()["error"]


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing"])
def test_a_browser_elsewhere_is_told_that_nothing_is_there(client, path):
    assert client.get(path, Accept=BROWSER).status_code == 404


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip"])
def test_a_body_that_is_compressed_is_refused_by_name(client, coding):
    answer = client.send("/api/market/quote", {"account": client.account}, **{"Content-Encoding": coding})

    assert answer.status_code == 415
    assert "Content-Encoding" in answer.get_json()["error"]
