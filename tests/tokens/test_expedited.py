"""A token that Tiger refuses between two refreshes is refreshed then, not hours later; and not over and over."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from app.errors import StorageUnavailable
from app.settings import TokenRefreshSettings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tokens import decision
from app.tokens.attempts import Cause, Outcome
from tests.support.client import assert_refusal
from tests.support.server import wait_until
from tests.tokens.conftest import Site, adopted, give_new_tokens
from tests.tokens.sites import table_gone

RENEWAL = "user_token_refresh"
FIRST_ID, SECOND_ID = "20154747", "20153921"
HOURLY = TokenRefreshSettings(initial_delay_seconds=3_600, retry_first_seconds=1.0, call_seconds=2)


def row(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.client.get("/api/token/status").get_json()["data"]["credentials"][0]
    return found


def test_a_token_that_dies_between_refreshes_is_told_within_seconds(site: Site, tiger: Simulator) -> None:
    tiger.end_tokens(FIRST_ID)
    assert_refusal(site.client.post("/api/market/quote", symbol="AAPL"), 502, "tiger_token_rejected")
    wait_until(lambda: site.client.get("/health/ready").status_code == 503, 10)
    wait_until(lambda: row(site)["last_attempt"]["outcome"] == "refused", 10)

    assert site.client.get("/health/ready").status_code == 503
    assert row(site)["last_attempt"]["cause"] == "schedule"
    assert tiger.calls(RENEWAL, SECOND_ID) == 0


def test_a_dead_token_is_told_however_often_it_was_refreshed_before(site: Site, tiger: Simulator) -> None:
    for _ in range(4):
        site.client.data("/api/token/refresh")
    tiger.end_tokens(FIRST_ID)
    site.client.post("/api/market/quote", symbol="AAPL")
    at_once = site.client.get("/health/ready").get_json()
    wait_until(lambda: site.client.get("/health/ready").status_code == 503, 10)

    assert at_once["status"] in {"degraded", "unready"}
    assert "simulator-one" in str(at_once)


def test_a_call_that_is_refused_whatever_its_token_brings_no_refresh(
    open_site: Callable[..., Site], tiger: Simulator
) -> None:
    give_new_tokens(tiger)
    site = adopted(open_site(HOURLY))
    tiger.reset_counts()
    tiger.inject(Fault("expired_token", "quote_real_time"))
    for _ in range(3):
        assert_refusal(site.client.post("/api/market/quote", symbol="AAPL"), 502, "tiger_token_rejected")
        site.gateway.tokens.look_after()
        site.gateway.tokens._parts.tasks.join(5)

    assert (tiger.calls("accounts"), tiger.calls(RENEWAL)) == (1, 0)


def test_what_one_process_has_probed_holds_for_all(open_site: Callable[..., Site], tiger: Simulator) -> None:
    give_new_tokens(tiger)
    sites = [adopted(open_site(HOURLY)) for _ in range(3)]
    tiger.reset_counts()
    tiger.inject(Fault("expired_token", "quote_real_time"))
    for site in sites:
        site.client.refusal("/api/market/quote", 502, "tiger_token_rejected", symbol="AAPL")
        site.gateway.tokens.look_after()
        site.gateway.tokens._parts.tasks.join(5)

    assert tiger.calls("accounts") == 1


def test_a_dead_token_shows_in_every_process(site: Site, open_site: Callable[..., Site], tiger: Simulator) -> None:
    tiger.inject(Fault("http_500", RENEWAL))
    other = open_site()
    tiger.end_tokens(FIRST_ID)
    # Not one call of the other is refused.
    site.client.refusal("/api/market/quote", 502, "tiger_token_rejected", symbol="AAPL")

    wait_until(lambda: other.client.get("/health/ready").status_code == 503, 30)


def test_a_token_that_died_while_its_refreshes_fail_is_told_as_refused(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("http_500", RENEWAL))
    site.client.post("/api/token/refresh")
    before = site.client.get("/health/ready").status_code
    tiger.end_tokens(FIRST_ID)
    site.client.post("/api/market/quote", symbol="AAPL")
    doubted = str(site.client.get("/health/ready").get_json())
    wait_until(lambda: site.client.get("/health/ready").status_code == 503, 10)

    assert before == 200
    assert "serves" not in doubted
    assert "download a new tiger_openapi_token.properties" in str(site.client.get("/health/ready").get_json())


def find_dead_while_nothing_can_be_hastened(site: Site, tiger: Simulator) -> None:
    """Have the gateway find the first token dead while the database cannot tell what was tried before."""
    tiger.end_tokens(FIRST_ID)
    with table_gone(site, "tiger_rest_token_attempts"):
        site.client.post("/api/market/quote", symbol="AAPL")
        with pytest.raises(StorageUnavailable):
            site.gateway.tokens.look_after()


def test_a_refresh_that_could_not_be_hastened_is_when_the_database_is_back(
    site: Site, tiger: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "PROBED_SECONDS", 0.5)
    find_dead_while_nothing_can_be_hastened(site, tiger)

    wait_until(lambda: row(site)["last_attempt"]["outcome"] == "refused", 15)


def test_a_token_that_was_lost_while_its_refreshes_failed_is_told_by_the_next_one_soon(
    open_site: Callable[..., Site], tiger: Simulator
) -> None:
    give_new_tokens(tiger)
    site = adopted(open_site(dataclasses.replace(HOURLY, join_seconds=0, retry_first_seconds=4.0)))
    tiger.inject(Fault("http_429", RENEWAL, times=5))
    tiger.inject(Fault("lost_answer", RENEWAL, times=6))
    for _ in range(6):
        site.client.post("/api/token/refresh")
    put_off = row(site)["next_refresh_at"] - row(site)["last_attempt"]["ended_at"]
    tiger.clear_faults()
    site.client.post("/api/market/quote", symbol="AAPL")

    assert put_off > 60_000
    wait_until(lambda: row(site)["last_attempt"]["outcome"] == "lost", 15)


def test_a_token_that_tiger_takes_again_is_told_as_refused_no_longer_by_any_process(
    open_site: Callable[..., Site], tiger: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "PROBED_SECONDS", 0.5)
    give_new_tokens(tiger)
    refresh = dataclasses.replace(HOURLY, join_seconds=0, retry_first_seconds=60.0)
    site, other = adopted(open_site(refresh)), open_site(refresh)
    tiger.inject(Fault("expired_token", tiger_id=FIRST_ID))
    site.client.post("/api/token/refresh")
    told = {each.client.get("/health/ready").status_code for each in (site, other)}
    tiger.clear_faults()
    # Whatever fails after that is no reason to tell it again.
    tiger.inject(Fault("http_500", RENEWAL))

    assert told == {503}
    for each in (site, other):
        wait_until(lambda each=each: each.client.get("/health/ready").status_code == 200, 10)
    site.client.post("/api/token/refresh")
    for each in (site, other):
        ready = each.client.get("/health/ready").get_json()
        assert (ready["status"], "serves" in str(ready["warnings"])) == ("degraded", True)
    assert tiger.calls(RENEWAL) == 2


def test_a_look_at_a_file_is_no_refresh_and_puts_none_off(
    site: Site, tiger: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "PROBED_SECONDS", 0.5)
    find_dead_while_nothing_can_be_hastened(site, tiger)
    store = site.gateway.tokens._parts.store
    record = store.fetch(FIRST_ID)
    assert record is not None
    number = store.claim(record, Cause.FILE, "sha256:wrong", "test")
    assert number is not None
    store.finish(FIRST_ID, number, Outcome.UNFIT, wait_seconds=3_600, failures=0)

    wait_until(lambda: row(site)["last_attempt"]["outcome"] == "refused", 15)


def test_a_slow_answer_tells_that_a_dead_token_lives_again(
    site: Site, tiger: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "PROBED_SECONDS", 0.5)
    site.gateway.leadership.stop()
    tiger.inject(Fault("expired_token", tiger_id=FIRST_ID))
    site.client.post("/api/token/refresh")
    site.gateway.tokens.look_after()
    site.gateway.tokens._parts.tasks.join(10)
    told = site.client.get("/health/ready").status_code
    tiger.clear_faults()
    tiger.inject(Fault("delay", "accounts", seconds=0.9))

    def is_ready() -> bool:
        site.gateway.tokens.look_after()
        return site.client.get("/health/ready").status_code == 200

    wait_until(is_ready, 10)
    assert told == 503


def test_a_refresh_that_fails_keeps_its_own_pauses(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("http_500", RENEWAL))
    site.client.post("/api/token/refresh")
    before = row(site)
    tiger.inject(Fault("expired_token", "quote_real_time"))
    site.client.post("/api/market/quote", symbol="AAPL")
    site.gateway.tokens.look_after()
    after = row(site)

    assert after["last_attempt"]["number"] > before["last_attempt"]["number"] or (
        after["next_refresh_at"] == before["next_refresh_at"]
    )
