"""GET /api/token/status tells administrators about the tokens of their accounts, and never a token."""

from collections.abc import Callable

from app.access.permissions import Permission
from app.simulator.running import Simulator
from app.tokens.attempts import Outcome
from app.tokens.token_file import read_token_file
from schemas.answers.accounts import TokenAttemptRow
from tests.support.client import DEMO_KEY, FIRST, assert_envelope, assert_refusal
from tests.support.server import wait_until
from tests.tokens.conftest import Site


def test_every_documented_member_is_there(site: Site) -> None:
    response = site.client.get("/api/token/status")

    assert_envelope(response, 200, "system")
    data = response.get_json()["data"]
    assert data["leader"].keys() == {"worker", "since", "term"}
    assert {row["credential"] for row in data["credentials"]} == {"simulator-one", "simulator-two"}
    assert data["credentials"][0].keys() >= {"expires_at", "refreshed_at", "next_refresh_at", "last_attempt", "status"}


def test_the_leader_is_named(site: Site) -> None:
    wait_until(lambda: site.gateway.leadership.is_leader, 15)
    leader = site.client.get("/api/token/status").get_json()["data"]["leader"]

    assert leader["worker"] == site.gateway.leadership.name


def test_it_takes_the_permission_admin(site: Site) -> None:
    assert_refusal(site.client.with_key(DEMO_KEY).get("/api/token/status"), 403, "permission_required")


def test_a_key_sees_only_the_tokens_of_its_accounts(site: Site) -> None:
    key = site.gateway.keys.create("one account", [FIRST], [Permission.ADMIN])
    rows = site.client.with_key(key).get("/api/token/status").get_json()["data"]["credentials"]

    assert [(row["credential"], row["accounts"]) for row in rows] == [("simulator-one", [FIRST])]


def test_every_outcome_is_in_the_description() -> None:
    described = set(TokenAttemptRow().fields["outcome"].metadata["enum"])

    # One that is under way is told by ``refreshing``.
    assert described == {outcome.value for outcome in Outcome} - {Outcome.RUNNING.value}


def test_the_database_holds_no_token_in_clear(site: Site, tiger: Simulator, open_site: Callable[..., Site]) -> None:
    site.client.data("/api/token/refresh")
    token = read_token_file(tiger.get_credential_folder("20154747"))
    assert token is not None
    with site.gateway.storage.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM tiger_rest_tokens").all()
        attempts = connection.exec_driver_sql("SELECT * FROM tiger_rest_token_attempts").all()

    assert token.text not in str(rows)
    assert token.text not in str(attempts)
    assert token.text not in site.client.get("/api/token/status").text


def test_a_token_that_is_just_being_taken_in_is_not_told_as_missing(site: Site) -> None:
    site.client.get("/health/ready")
    with site.gateway.storage.writing() as connection:
        connection.exec_driver_sql("UPDATE tiger_rest_tokens SET token = NULL, issued_at = NULL")
    response = site.client.get("/health/ready")

    assert (response.status_code, response.get_json()["reasons"]) == (200, [])
