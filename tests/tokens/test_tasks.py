"""A refresh that is under way is brought to its end: by slow answers, by those who wait no longer, by a signal."""

import concurrent.futures
import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings, TokenRefreshSettings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.wire.token_source import FILE_NAME
from app.tokens.token_file import read_token_file
from tests.support.client import assert_refusal
from tests.support.server import ROOT, wait_until
from tests.tokens.conftest import Site, give_new_tokens, put_token
from tests.tokens.sites import table_gone

RENEWAL = "user_token_refresh"
FIRST_ID = "20154747"
PATIENT = TokenRefreshSettings(join_seconds=0, initial_delay_seconds=3_600, call_seconds=8)


def test_a_caller_who_waits_no_longer_does_not_end_the_refresh(
    open_site: Callable[..., Site], tiger: Simulator
) -> None:
    give_new_tokens(tiger)
    site = open_site(PATIENT)
    tiger.inject(Fault("delay_after", RENEWAL, seconds=3.0))
    response = site.client.post("/api/token/refresh")
    under_way = site.client.get("/api/token/status").get_json()["data"]["credentials"][0]

    assert_refusal(response, 504, "tiger_timeout")
    assert "/api/token/status" in response.get_json()["error"]
    assert under_way["refreshing"]
    wait_until(lambda: attempt(site)["outcome"] == "refreshed", 10)


def test_a_gateway_that_closes_waits_for_the_token(open_site: Callable[..., Site], tiger: Simulator) -> None:
    give_new_tokens(tiger)
    site = open_site(PATIENT)
    before = read_token_file(tiger.get_credential_folder(FIRST_ID))
    tiger.inject(Fault("delay_after", RENEWAL, seconds=3.0))
    site.client.post("/api/token/refresh")
    site.gateway.close()
    after = read_token_file(tiger.get_credential_folder(FIRST_ID))

    assert after is not None
    assert after.is_newer_than(before)


def test_a_gateway_that_closes_stores_what_could_not_be_stored_before(
    open_site: Callable[..., Site], tiger: Simulator
) -> None:
    give_new_tokens(tiger)
    site, reader = open_site(PATIENT), open_site(PATIENT)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with nowhere_to_store(tiger, site, reader) as refused:
            ended = pool.submit(site.gateway.close)
            time.sleep(0.5)
        ended.result()

    assert_refusal(refused, 503, "storage_unavailable")
    assert "Tiger gave a new token" in refused.get_json()["error"]
    assert attempt(reader)["outcome"] == "refreshed"
    reader.client.data("/api/market/quote", symbol="AAPL")


@pytest.mark.parametrize("is_being_written", [False, True])
def test_a_gateway_that_has_to_end_with_the_only_copy_says_so(
    open_site: Callable[..., Site], tiger: Simulator, caplog: pytest.LogCaptureFixture, is_being_written: bool
) -> None:
    give_new_tokens(tiger)
    site, other = open_site(dataclasses.replace(PATIENT, call_seconds=2)), open_site(PATIENT)
    with nowhere_to_store(tiger, site, other, is_being_written=is_being_written):
        site.gateway.close()

    assert f"The new token of tiger_id {FIRST_ID} is lost with this process" in caplog.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_ended_takes_the_token_in(
    tiger: Simulator, settings: Settings, tmp_path: Path, number: signal.Signals
) -> None:
    put_token(tiger, FIRST_ID)
    before = read_token_file(tiger.get_credential_folder(FIRST_ID))
    tiger.inject(Fault("delay_after", RENEWAL, seconds=4.0))
    with start(settings, tmp_path, "-m", "flask", "--app", "wsgi", "tokens", "refresh") as command:
        wait_until(lambda: tiger.calls(RENEWAL, FIRST_ID), 30)
        for _ in range(20):
            # Whoever is impatient presses it again, and again.
            command.send_signal(number)
            time.sleep(0.02)
        _, errors = command.communicate(timeout=30)
    after = read_token_file(tiger.get_credential_folder(FIRST_ID))

    assert command.returncode == 128 + number
    assert "a token that comes now must not be lost" in errors
    assert after is not None
    assert after.is_newer_than(before)


def test_a_process_that_ends_by_itself_takes_the_token_in(tiger: Simulator, settings: Settings, tmp_path: Path) -> None:
    put_token(tiger, FIRST_ID)
    before = read_token_file(tiger.get_credential_folder(FIRST_ID))
    tiger.inject(Fault("delay_after", RENEWAL, seconds=2.0))
    program = (
        "import os, threading; from app import create_app; from app.gateway import get_gateway; "
        "from app.tokens.attempts import Cause; "
        "tokens = get_gateway(create_app()).tokens; owner = tokens.get_owners()[0]; "
        "threading.Thread(target=tokens.refresh_owner, args=(owner, Cause.MANUAL, 'host'), daemon=True).start(); "
        "input()"
    )
    with start(settings, tmp_path, "-c", program) as process:
        wait_until(lambda: tiger.calls(RENEWAL, FIRST_ID), 30)
        process.communicate("\n", timeout=30)
    after = read_token_file(tiger.get_credential_folder(FIRST_ID))

    assert after is not None
    assert after.is_newer_than(before)


@contextlib.contextmanager
def nowhere_to_store(tiger: Simulator, site: Site, other: Site, *, is_being_written: bool = False) -> Iterator[Any]:
    """Have a token come while neither the database nor the folder takes it; give the answer of that refresh."""
    other.gateway.leadership.stop()
    tiger.inject(Fault("delay_after", RENEWAL, seconds=1.2))
    file = tiger.get_credential_folder(FIRST_ID) / FILE_NAME
    file.unlink()
    if is_being_written:
        file.write_text("")
    else:
        # A link into a folder that does not exist.
        file.symlink_to(file.parent / "missing" / FILE_NAME)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        refresh = pool.submit(site.client.post, "/api/token/refresh")
        wait_until(lambda: tiger.calls(RENEWAL), 15)
        with table_gone(other):
            yield refresh.result()
    file.unlink()


def attempt(site: Site) -> dict[str, object]:
    last: dict[str, object] = site.client.get("/api/token/status").get_json()["data"]["credentials"][0]["last_attempt"]
    return last


def start(settings: Settings, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start a process with a gateway of these settings."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TIGER_REST_")}
    environ |= {
        "TIGER_REST_INSTANCE": str(folder / "instance"),
        "TIGER_REST_GATEWAY__DATABASE_URL": settings.gateway.database_url,
        "TIGER_REST_GATEWAY__SECRET_KEY": settings.gateway.secret_key,
        "TIGER_REST_SIMULATOR__FOLDER": settings.simulator.folder,
        "TIGER_REST_BUDGET__LIMIT_SCALE": "0",
    }
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
