"""A refresh by hand is a real one, told as what it came to, and never two at once."""

import concurrent.futures
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from app.settings import TigerSettings, TokenRefreshSettings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tokens.token_file import read_token_file
from tests.support.client import FIRST, SECOND, assert_refusal
from tests.support.server import wait_until
from tests.tokens.conftest import QUIET, Site, adopted, give_new_tokens

RENEWAL = "user_token_refresh"
FIRST_ID = "20154747"


def test_a_refresh_answers_as_documented(site: Site) -> None:
    answer = site.client.data("/api/token/refresh")

    assert answer.keys() >= {"refreshed", "tiger_id", "account", "managed_accounts", "token_expires_at", "refreshed_at"}
    assert (answer["refreshed"], answer["tiger_id"], answer["account"]) == (True, FIRST_ID, FIRST)
    assert answer["token_expires_at"] > answer["refreshed_at"]


def test_a_refresh_asks_tiger_once_and_tries_the_token_out(site: Site, tiger: Simulator) -> None:
    site.client.data("/api/token/refresh")

    assert [record.method for record in tiger.requests()] == [RENEWAL, "accounts"]


def test_a_caller_learns_only_of_the_accounts_it_may_use(site: Site) -> None:
    answer = site.client.for_account(SECOND).data("/api/token/refresh")

    assert answer["managed_accounts"] == [SECOND, "20240830213609658"]


def test_the_new_token_is_in_the_file_and_in_use(site: Site, tiger: Simulator) -> None:
    folder = tiger.get_credential_folder(FIRST_ID)
    before = read_token_file(folder)
    site.client.data("/api/token/refresh")
    after = read_token_file(folder)

    assert after is not None
    assert after.is_newer_than(before)
    site.client.data("/api/market/quote", symbol="AAPL")


def test_simultaneous_refreshes_are_one_call_and_equal_answers(
    open_site: Callable[..., Site], tiger: Simulator
) -> None:
    sites = [open_site(TokenRefreshSettings(initial_delay_seconds=3_600)) for _ in range(2)]
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda number: sites[number % 2].client.data("/api/token/refresh"), range(10)))

    assert tiger.calls(RENEWAL) == 1
    assert answers == [answers[0]] * 10


def test_those_who_join_a_refresh_that_fails_get_its_error(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("code", RENEWAL, code=1000, message="failed to verify signature", times=1))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: site.client.post("/api/token/refresh").get_json(), range(2)))

    assert "tiger_credentials_rejected" in {answer.get("code") for answer in answers}


def test_a_refused_refresh_is_an_error_and_the_old_token_stays_in_use(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("http_500", RENEWAL))
    response = site.client.post("/api/token/refresh")

    assert_refusal(response, 502, "tiger_error")
    site.client.data("/api/market/quote", symbol="AAPL")


def test_a_hanging_refresh_ends_at_its_deadline(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("hang", RENEWAL))

    assert_refusal(site.client.post("/api/token/refresh"), 504, "tiger_timeout")


def test_a_token_that_cannot_be_one_is_not_used(site: Site, tiger: Simulator) -> None:
    before = read_token_file(tiger.get_credential_folder(FIRST_ID))
    tiger.inject(Fault("missing_fields", RENEWAL, fields=("token",)))

    assert_refusal(site.client.post("/api/token/refresh"), 502, "tiger_error")
    assert read_token_file(tiger.get_credential_folder(FIRST_ID)) == before


def test_each_refresh_is_journalled_with_who_asked_for_it(site: Site) -> None:
    site.client.data("/api/token/refresh")
    status = site.client.get("/api/token/status").get_json()["data"]

    attempt = status["credentials"][0]["last_attempt"]
    assert (attempt["cause"], attempt["requested_by"], attempt["outcome"]) == (
        "manual",
        "Full Access Client",
        "refreshed",
    )


@pytest.mark.parametrize("by_another", [False, True])
def test_whoever_waits_for_a_refresh_leaves_the_database_alone(
    open_site: Callable[..., Site], tiger: Simulator, *, by_another: bool
) -> None:
    give_new_tokens(tiger)
    patient = TokenRefreshSettings(initial_delay_seconds=3_600, call_seconds=8)
    site, other = (adopted(open_site(patient, tiger=TigerSettings())) for _ in range(2))
    for each in (site, other):
        # It looks after the tokens as well.
        each.gateway.leadership.stop()
    tiger.reset_counts()
    tiger.inject(Fault("delay_after", RENEWAL, seconds=1.5))
    statements: list[str] = []

    @event.listens_for(site.gateway.storage.engine, "before_cursor_execute")
    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        first = pool.submit((other if by_another else site).client.data, "/api/token/refresh")
        wait_until(lambda: tiger.calls(RENEWAL), 15)
        before = len(statements)
        second = pool.submit(site.client.data, "/api/token/refresh")
        concurrent.futures.wait([second], 1.0)
        asked = len(statements) - before
        answers = first.result(), second.result()

    assert asked < 40
    assert answers[0] == answers[1]


def test_a_refresh_right_after_another_gives_its_answer(open_site: Callable[..., Site], tiger: Simulator) -> None:
    site = open_site(TokenRefreshSettings(initial_delay_seconds=3_600, join_seconds=60))

    assert site.client.data("/api/token/refresh") == site.client.data("/api/token/refresh")
    assert tiger.calls(RENEWAL) == 1


def test_quiet_settings_do_not_join(site: Site, tiger: Simulator) -> None:
    first, second = (site.client.data("/api/token/refresh") for _ in range(2))

    assert (QUIET.join_seconds, tiger.calls(RENEWAL)) == (0, 2)
    assert first["token_expires_at"] < second["token_expires_at"]
