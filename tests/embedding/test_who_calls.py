"""A host says who calls; where it says so wrongly, or not at all, nobody is let in."""

import pytest
from flask import Flask, Request

from app.access.permissions import Identity, Permission
from app.embedding import TigerRest
from tests.support.client import FIRST, Client, assert_refusal
from tests.support.hosts import close


def test_a_host_may_say_who_calls(settings):
    host = Flask("other")
    ada = Identity("ada", "Ada", frozenset({FIRST}), frozenset({Permission.READ}))

    def authenticate(request: Request) -> Identity | None:
        return ada if request.headers.get("X-User") == "ada" else None

    tiger = TigerRest(host, settings=settings, authenticate=authenticate)
    client = Client(host)

    assert client.get("/tiger/api/accounts", **{"X-User": "ada"}).get_json()["data"]["api_key_name"] == "Ada"
    assert_refusal(client.get("/tiger/api/accounts"), 401, "unauthorized")
    close(host, tiger)


def test_an_authentication_that_raises_lets_nobody_in(settings):
    host = Flask("other")
    tiger = TigerRest(host, settings=settings, authenticate=lambda _request: 1 / 0)  # type: ignore[arg-type, return-value]

    assert_refusal(Client(host).get("/tiger/api/accounts"), 500, "internal_error")
    close(host, tiger)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Identity("ada", "Ada", FIRST, frozenset({Permission.READ})), "accounts must be a set of strings"),  # type: ignore[arg-type]
        (Identity("ada", "Ada", frozenset({FIRST}), "readonly"), "permissions must be a set of strings"),  # type: ignore[arg-type]
        (Identity("", "Ada", frozenset({FIRST}), frozenset({Permission.READ})), "key_id must be a string"),
        (Identity(" ", "Ada", frozenset({FIRST}), frozenset({Permission.READ})), "key_id must be a string"),
        (Identity(7, "Ada", frozenset({FIRST}), frozenset({Permission.READ})), "key_id must be a string"),  # type: ignore[arg-type]
        (True, "it returned a bool"),
    ],
    ids=["accounts", "permissions", "no id", "blank id", "number", "no identity"],
)
def test_an_identity_of_the_wrong_type_lets_nobody_in_and_the_log_says_why(settings, caplog, wrong, words):
    host = Flask("other")
    tiger = TigerRest(host, settings=settings, authenticate=lambda _request: wrong)

    assert_refusal(Client(host).post("/tiger/api/trade/positions"), 500, "internal_error")
    assert words in caplog.text
    close(host, tiger)
