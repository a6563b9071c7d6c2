"""What goes wrong with a token is told, backs off, and mends itself as soon as it can."""

import base64
import concurrent.futures
import contextlib
import itertools
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from app.settings import TigerSettings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tokens.attempts import Cause
from app.tokens.token_file import read_token_file
from app.tokens.user_token import UserToken, read_token
from tests.support.client import assert_refusal
from tests.support.server import wait_until
from tests.tokens.conftest import Site, adopted, give_new_tokens, put_token
from tests.tokens.sites import BRISK, table_gone

RENEWAL, PROOF = "user_token_refresh", "accounts"
FIRST_ID, SECOND_ID = "20154747", "20153921"


def ready(site: Site) -> dict[str, Any]:
    answer: dict[str, Any] = site.client.get("/health/ready").get_json()
    return answer


def first(site: Site) -> dict[str, Any]:
    row: dict[str, Any] = site.client.get("/api/token/status").get_json()["data"]["credentials"][0]
    return row


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
    row = first(site)

    assert row["failures"] == 3
    assert 700 <= row["next_refresh_at"] - row["last_attempt"]["ended_at"] <= 900


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
    in_doubt = first(site)["last_attempt"]["outcome"]
    site.client.post("/api/token/refresh")

    assert (in_doubt, first(site)["last_attempt"]["outcome"]) == ("in_doubt", "lost")
    assert "is lost" in str(ready(site)["reasons"])


def test_a_lost_token_stays_lost_while_tiger_is_down(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("lost_answer", RENEWAL, times=1))
    site.client.post("/api/token/refresh")
    site.client.post("/api/token/refresh")
    tiger.inject(Fault("cut_before", RENEWAL))
    site.client.post("/api/token/refresh")

    assert first(site)["last_attempt"]["outcome"] == "in_doubt"
    assert "is lost" in str(ready(site)["reasons"])


def test_a_new_file_mends_a_lost_token(site: Site, tiger: Simulator) -> None:
    tiger.end_tokens(FIRST_ID)
    site.client.post("/api/token/refresh")
    put_token(tiger, FIRST_ID)

    wait_until(lambda: ready(site)["status"] == "ready", 10)
    site.client.data("/api/market/quote", symbol="AAPL")


def test_an_attempt_whose_process_died_is_given_up_as_in_doubt(site: Site) -> None:
    claim(site)

    wait_until(lambda: first(site)["last_attempt"]["outcome"] == "in_doubt", 15)


def test_a_refresh_that_was_left_is_given_up_counted_from_its_announcement_whoever_looks(
    site: Site, open_site: Callable[..., Site]
) -> None:
    site.gateway.leadership.stop()
    claim(site)
    announce_earlier(site, 400)
    site.gateway.tokens.look_after()
    # To the one who was there it means nothing: the clock may have been set.
    watched = first(site)["refreshing"]
    open_site()

    assert watched
    wait_until(lambda: first(site)["last_attempt"]["outcome"] == "in_doubt", 3)


@pytest.mark.parametrize("seconds", [0, -3_600])
def test_a_process_that_comes_later_gives_no_refresh_up_before_its_time(
    site: Site, open_site: Callable[..., Site], seconds: float
) -> None:
    site.gateway.leadership.stop()
    claim(site)
    # Of the future, as where the database's clock is put back, or the machine started anew.
    announce_earlier(site, seconds)
    later = open_site()
    later.gateway.tokens.look_after()

    assert first(later)["refreshing"]
    wait_until(lambda: first(site)["last_attempt"]["outcome"] == "in_doubt", 15)


def test_a_refresh_whose_process_is_gone_is_told_at_once(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    claim(site, holder=f"{socket.gethostname()}:{get_dead_process()}:x")
    site.gateway.tokens.look_after()
    row, answer = first(site), ready(site)

    assert (row["refreshing"], row["status"], answer["status"]) == (True, "degraded", "degraded")
    assert "is gone: a new one may be lost" in row["concern"]
    assert "is gone: a new one may be lost" in str(answer["warnings"])
    assert caplog.text.count(f"Token refresh of tiger_id {FIRST_ID} was left by") == 1


def test_a_scheduled_refresh_of_another_machine_is_told_once_another_process_leads(site: Site) -> None:
    wait_until(lambda: site.gateway.leadership.is_leader, 10)
    claim(site, holder="elsewhere:1:x")

    assert "elsewhere:1:x" in first(site)["concern"]


def test_a_refresh_whose_process_is_there_is_no_concern(site: Site) -> None:
    claim(site, holder=f"{socket.gethostname()}:{os.getppid()}:x")

    assert (first(site)["refreshing"], first(site)["concern"]) == (True, None)


def get_dead_process() -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def announce_earlier(site: Site, seconds: float) -> None:
    """Have the attempt that is under way announced so much earlier."""
    with site.gateway.storage.writing() as connection:
        change = f"UPDATE tiger_rest_tokens SET announced_at = announced_at - {round(seconds * 1_000)}"  # noqa: S608
        connection.exec_driver_sql(change)


def test_a_refresh_given_up_after_its_token_came_is_followed_in_time_for_that_token(site: Site) -> None:
    site.gateway.leadership.stop()
    number, hour = claim(site), 3_600_000
    now = round(time.time() * 1_000)
    token = read_token(base64.b64encode(f"{now},{now + 10 * hour}".encode()).decode())
    site.gateway.tokens._parts.store.save(FIRST_ID, number, token)

    def is_given_up() -> bool:
        site.gateway.tokens.look_after()
        return not first(site)["refreshing"]

    wait_until(is_given_up, 15)
    assert first(site)["last_attempt"]["outcome"] == "refreshed"
    assert first(site)["next_refresh_at"] == pytest.approx(now + 5 * hour, abs=60_000)


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

    wait_until(lambda: fetch_token(site) == newest, 10)


def claim(site: Site, holder: str = "gone:1:x") -> int:
    """Begin an attempt for the first credential, as a process does that is gone then; return its number."""
    record = site.gateway.tokens._parts.store.fetch(FIRST_ID)
    assert record is not None
    number = site.gateway.tokens._parts.store.claim(record, Cause.SCHEDULE, "gone", holder)
    assert number is not None
    site.gateway.tokens.look_after()
    return number


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
    assert first(site)["last_attempt"]["outcome"] == "refreshed"


def fetch_number_kept(site: Site) -> int:
    record = site.gateway.tokens._parts.store.fetch(FIRST_ID)
    return record.obtained_by if record else 0


def fetch_token(site: Site) -> UserToken | None:
    record = site.gateway.tokens._parts.store.fetch(FIRST_ID)
    return record.token if record else None
