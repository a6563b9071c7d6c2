"""What goes wrong with a token is told, backs off, and mends itself as soon as it can."""

import concurrent.futures
import contextlib
import itertools
import time
from collections.abc import Callable

import pytest

from app.settings import TigerSettings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tokens.token_file import read_token_file
from tests.support.client import assert_refusal
from tests.support.server import wait_until
from tests.tokens.conftest import Site, adopted, give_new_tokens, put_token
from tests.tokens.sites import BRISK, claim, get_stored, ready, row, table_gone

RENEWAL, PROOF = "user_token_refresh", "accounts"
FIRST_ID, SECOND_ID = "20154747", "20153921"


def test_good_tokens_make_a_ready_gateway(site: Site) -> None:
    answer = ready(site)

    assert (answer["ready"], answer["status"], answer["reasons"], answer["warnings"]) == (True, "ready", [], [])


def test_a_failed_refresh_degrades_readiness(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("cut_before", RENEWAL))
    site.client.post("/api/token/refresh")
    answer = ready(site)

    assert (answer["ready"], answer["status"]) == (True, "degraded")
    assert "simulator-one" in str(answer["warnings"])


def test_health_tells_that_something_needs_attention(site: Site, tiger: Simulator) -> None:
    before = site.client.get("/health").get_json()["status"]
    tiger.end_tokens(FIRST_ID)
    site.client.post("/api/token/refresh")
    wait_until(lambda: site.client.get("/health").get_json()["status"] == "degraded", 10)

    assert before == "healthy"


def test_failures_are_counted_and_put_the_next_try_off(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("http_500", RENEWAL))
    for _ in range(3):
        site.client.post("/api/token/refresh")
    found = row(site)

    assert found["failures"] == 3
    assert 700 <= found["next_refresh_at"] - found["last_attempt"]["ended_at"] <= 900


def test_a_credential_that_fails_leaves_the_other_on_time(open_site: Callable[..., Site], tiger: Simulator) -> None:
    give_new_tokens(tiger)
    tiger.inject(Fault("hang", RENEWAL, tiger_id=FIRST_ID))
    open_site(BRISK)
    wait_until(lambda: tiger.calls(RENEWAL, SECOND_ID) >= 3, 15)
    arrived = [record.at_ms for record in tiger.requests() if (record.method, record.tiger_id) == (RENEWAL, SECOND_ID)]

    assert all(later - earlier < 1_400 for earlier, later in itertools.pairwise(arrived))


def test_a_credential_recovers_by_itself(open_site: Callable[..., Site], tiger: Simulator) -> None:
    give_new_tokens(tiger)
    tiger.inject(Fault("http_500", RENEWAL, times=2))
    site = open_site(BRISK)
    wait_until(lambda: tiger.calls(RENEWAL) >= 3, 15)

    wait_until(lambda: ready(site)["status"] == "ready", 10)


def test_a_withdrawn_token_is_told_with_what_to_do(site: Site, tiger: Simulator) -> None:
    tiger.end_tokens(FIRST_ID)
    response = site.client.post("/api/token/refresh")
    answer = site.client.get("/health/ready")

    assert_refusal(response, 502, "tiger_token_rejected")
    assert answer.status_code == 503
    assert "download a new tiger_openapi_token.properties" in str(answer.get_json()["reasons"])


def test_a_token_that_was_lost_on_its_way_is_told_as_lost(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("lost_answer", RENEWAL, times=1))
    site.client.post("/api/token/refresh")
    in_doubt = row(site)["last_attempt"]["outcome"]
    site.client.post("/api/token/refresh")

    assert (in_doubt, row(site)["last_attempt"]["outcome"]) == ("in_doubt", "lost")
    assert "is lost" in str(ready(site)["reasons"])


def test_a_lost_token_stays_lost_while_tiger_is_down(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("lost_answer", RENEWAL, times=1))
    site.client.post("/api/token/refresh")
    site.client.post("/api/token/refresh")
    tiger.inject(Fault("cut_before", RENEWAL))
    site.client.post("/api/token/refresh")

    assert row(site)["last_attempt"]["outcome"] == "in_doubt"
    assert "is lost" in str(ready(site)["reasons"])


def test_a_new_file_mends_a_lost_token(site: Site, tiger: Simulator) -> None:
    tiger.end_tokens(FIRST_ID)
    site.client.post("/api/token/refresh")
    put_token(tiger, FIRST_ID)

    wait_until(lambda: ready(site)["status"] == "ready", 10)
    site.client.data("/api/market/quote", symbol="AAPL")


def test_a_record_that_cannot_be_read_holds_up_no_other_credential(site: Site, tiger: Simulator) -> None:
    site.gateway.leadership.stop()
    claim(site)
    with site.gateway.storage.writing() as connection:
        # As a later release may write it.
        connection.exec_driver_sql("UPDATE tiger_rest_token_attempts SET cause = 'whim' WHERE outcome = 'running'")
    token = put_token(tiger, SECOND_ID)

    def is_taken_over() -> bool:
        with contextlib.suppress(ValueError):
            site.gateway.tokens.look_after()
        record = site.gateway.tokens._parts.store.fetch(SECOND_ID)
        return record is not None and record.token is not None and record.token.text == token

    # Longer than until the first one is looked at closely, to be given up.
    time.sleep(site.gateway.tokens.longest_seconds)
    with pytest.raises(ValueError, match="whim"):
        site.gateway.tokens.look_after()
    wait_until(is_taken_over, 10)


def test_a_leader_that_was_frozen_refreshes_only_after_the_attempt_it_knew(site: Site, tiger: Simulator) -> None:
    tokens = site.gateway.tokens
    planned = next(seen for seen in tokens._observer.look() if seen.owner.tiger_id == FIRST_ID)
    # As another worker does that took over meanwhile; the look of this one's other thread comes before it goes on.
    site.client.data("/api/token/refresh")
    tokens.look_after()
    has_begun = tokens.job.start([planned])
    tokens._parts.tasks.join(5)

    assert not has_begun
    assert tiger.calls(RENEWAL, FIRST_ID) == 1


def test_without_a_database_tiger_is_not_asked(site: Site, tiger: Simulator) -> None:
    with table_gone(site):
        response = site.client.post("/api/token/refresh")

    assert_refusal(response, 503, "storage_unavailable")
    assert tiger.calls(RENEWAL) == 0


def test_a_new_token_that_cannot_be_stored_stays_in_use_and_is_stored_later(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("delay_after", RENEWAL, seconds=0.6))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        refresh = pool.submit(site.client.post, "/api/token/refresh")
        wait_until(lambda: tiger.calls(RENEWAL), 15)
        with table_gone(site):
            assert_refusal(refresh.result(), 503, "storage_unavailable")
            site.client.data("/api/market/quote", symbol="AAPL")
    newest = read_token_file(tiger.get_credential_folder(FIRST_ID))

    wait_until(lambda: get_stored(site) == newest, 10)


def test_a_refresh_whose_end_could_not_be_stored_is_told_as_the_success_it_was(
    open_site: Callable[..., Site], tiger: Simulator
) -> None:
    give_new_tokens(tiger)
    # Its calls may last longer than the trouble.
    site = adopted(open_site(tiger=TigerSettings()))
    tiger.inject(Fault("delay", PROOF, seconds=0.6))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        refresh = pool.submit(site.client.post, "/api/token/refresh")
        wait_until(lambda: fetch_number_kept(site) == 2, 15)
        with table_gone(site):
            time.sleep(1.0)
        answer = refresh.result()

    assert answer.get_json()["data"]["refreshed"]
    assert row(site)["last_attempt"]["outcome"] == "refreshed"


def fetch_number_kept(site: Site) -> int:
    record = site.gateway.tokens._parts.store.fetch(FIRST_ID)
    return record.obtained_by if record else 0
