"""Refreshes that were left by their process are told, and given up in their time."""

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from app.tokens.user_token import read_token
from tests.support.server import wait_until
from tests.tokens.conftest import Site
from tests.tokens.sites import FIRST_ID, claim, ready, row


def test_an_attempt_whose_process_died_is_given_up_as_in_doubt(site: Site) -> None:
    claim(site)

    wait_until(lambda: row(site)["last_attempt"]["outcome"] == "in_doubt", 15)


def test_a_refresh_that_was_left_is_given_up_counted_from_its_announcement_whoever_looks(
    site: Site, open_site: Callable[..., Site]
) -> None:
    site.gateway.leadership.stop()
    claim(site)
    announce_earlier(site, 400)
    site.gateway.tokens.look_after()
    # To the one who was there it means nothing: the clock may have been set.
    watched = row(site)["refreshing"]
    open_site()

    assert watched
    wait_until(lambda: row(site)["last_attempt"]["outcome"] == "in_doubt", 3)


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

    assert row(later)["refreshing"]
    wait_until(lambda: row(site)["last_attempt"]["outcome"] == "in_doubt", 15)


def test_a_refresh_whose_process_is_gone_is_told_at_once(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    claim(site, holder=f"{socket.gethostname()}:{get_dead_process()}:x")
    site.gateway.tokens.look_after()
    found, answer = row(site), ready(site)

    assert (found["refreshing"], found["status"], answer["status"]) == (True, "degraded", "degraded")
    assert "is gone: a new one may be lost" in found["concern"]
    assert "is gone: a new one may be lost" in str(answer["warnings"])
    assert caplog.text.count(f"Token refresh of tiger_id {FIRST_ID} was left by") == 1


def test_a_scheduled_refresh_of_another_machine_is_told_once_another_process_leads(site: Site) -> None:
    wait_until(lambda: site.gateway.leadership.is_leader, 10)
    claim(site, holder="elsewhere:1:x")

    assert "elsewhere:1:x" in row(site)["concern"]


def test_a_refresh_whose_process_is_there_is_no_concern(site: Site) -> None:
    claim(site, holder=f"{socket.gethostname()}:{os.getppid()}:x")

    assert (row(site)["refreshing"], row(site)["concern"]) == (True, None)


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
        return not row(site)["refreshing"]

    wait_until(is_given_up, 15)
    assert row(site)["last_attempt"]["outcome"] == "refreshed"
    assert row(site)["next_refresh_at"] == pytest.approx(now + 5 * hour, abs=60_000)
