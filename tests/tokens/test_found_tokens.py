"""A token that somebody puts into a folder is taken over when Tiger takes it, and does no harm else."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.simulator import tokens as users
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tokens import attempts, token_file
from app.tokens.attempts import Cause, Outcome
from app.tokens.token_file import read_token_file
from app.tokens.user_token import read_token
from tests.support.server import wait_until
from tests.tokens.conftest import Site, put_token
from tests.tokens.sites import FILE_NAME, FIRST_ID, SECOND_ID, get_stored, put_foreign, row, wait_for

PROOF = "accounts"


def test_a_file_that_cannot_be_read_is_told_and_harms_no_other_credential(
    site: Site, tiger: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(token_file, "UNWRITABLE_SECONDS", 0.5)
    file = tiger.get_credential_folder(FIRST_ID) / FILE_NAME
    file.unlink()
    # What works for every user, root too: a link that leads to itself.
    file.symlink_to(file)
    refreshed = site.client.data("/api/token/refresh")["refreshed"]
    told = site.client.get("/health/ready").get_json()
    token = put_token(tiger, SECOND_ID)

    def is_taken_over() -> bool:
        record = site.gateway.tokens._parts.store.fetch(SECOND_ID)
        return record is not None and record.token is not None and record.token.text == token

    wait_until(is_taken_over, 10)
    file.unlink()
    assert refreshed
    assert (told["status"], told["reasons"]) == ("degraded", [])
    assert "its file cannot be read (Too many levels of symbolic links)" in str(told["warnings"])
    assert caplog.text.count("cannot be written (Too many levels of symbolic links)") == 1
    wait_until(lambda: read_token_file(file.parent) == get_stored(site), 10)


def test_a_token_that_cannot_be_tried_out_yet_is_later(
    site: Site, tiger: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "UNTRIED_SECONDS", 0.5)
    tiger.inject(Fault("http_500", PROOF, times=4))
    token = put_token(tiger, FIRST_ID)

    def is_taken_over() -> bool:
        stored = get_stored(site)
        return stored is not None and stored.text == token

    wait_until(is_taken_over, 15)
    assert tiger.calls(PROOF) == 5


def test_a_process_that_dies_while_it_tries_a_token_out_has_failed_at_nothing(site: Site) -> None:
    store = site.gateway.tokens._parts.store
    record = store.fetch(FIRST_ID)
    assert record is not None
    store.claim(record, Cause.FILE, "", "gone:1:x")
    wait_for(site, "failed")

    assert (row(site)["failures"], row(site)["status"]) == (0, "healthy")
    assert row(site)["next_refresh_at"] == pytest.approx(record.due_at, abs=1_500)


def test_a_refresh_by_hand_waits_for_a_token_that_is_being_tried_out(site: Site, tiger: Simulator) -> None:
    tiger.end_tokens(FIRST_ID)
    tiger.inject(Fault("delay", PROOF, seconds=0.5))
    put_token(tiger, FIRST_ID)

    assert site.client.data("/api/token/refresh")["refreshed"]


def test_a_call_refused_for_its_token_tries_the_one_in_the_folder_once(site: Site, tiger: Simulator) -> None:
    site.gateway.leadership.stop()
    tiger.end_tokens(FIRST_ID)
    put_foreign(tiger)
    for _ in range(3):
        site.client.post("/api/market/quote", symbol="AAPL")

    # Both at the first time; then it is known that neither serves.
    assert tiger.calls("quote_real_time") == 4


def test_an_older_file_that_nobody_saw_before_is_written_over_where_the_stored_token_serves(
    site: Site, tiger: Simulator
) -> None:
    file = tiger.get_credential_folder(FIRST_ID) / FILE_NAME
    older = file.read_text()
    site.client.data("/api/token/refresh")
    newer = file.read_text()
    site.gateway.tokens.look_after()
    tiger.reset_counts()
    file.write_text(older)

    wait_until(lambda: file.read_text() == newer, 10)
    assert tiger.calls() == tiger.calls(PROOF) == 1


def test_a_file_of_the_gateway_itself_is_written_over_without_a_question(
    site: Site, open_site: Callable[..., Site], tiger: Simulator
) -> None:
    file = tiger.get_credential_folder(FIRST_ID) / FILE_NAME
    older = file.read_text()
    other = open_site()
    site.client.data("/api/token/refresh")
    newer = file.read_text()
    # Neither looks by itself any more: what a look sees hangs on when it comes.
    for each in (site, other):
        each.gateway.leadership.stop()
    # As on a machine that shares the database and no disk.
    file.write_text(older)
    other.gateway.tokens._parts.folders._in_step[FIRST_ID] = read_token(older.strip().removeprefix("token="))
    tiger.reset_counts()
    other.gateway.tokens.look_after()

    wait_until(lambda: file.read_text() == newer, 10)
    assert tiger.calls() == 0


def test_where_the_stored_token_is_dead_an_older_file_is_tried_out_and_not_overwritten(
    site: Site, tiger: Simulator
) -> None:
    file = tiger.get_credential_folder(FIRST_ID) / FILE_NAME
    right = file.read_text()
    site.gateway.leadership.stop()
    store = site.gateway.tokens._parts.store
    record = store.fetch(FIRST_ID)
    assert record is not None
    number = store.claim(record, Cause.FILE, "", "test")
    assert number is not None
    wrong = read_token(tiger.issue_token(SECOND_ID))
    store.finish(FIRST_ID, number, Outcome.FOUND, wait_seconds=3_600, failures=0, found=wrong)
    site.client.refusal("/api/token/refresh", 502, "tiger_token_rejected")
    wait_until(lambda: file.read_text() != right, 15)
    site.gateway.tokens.look_after()
    file.write_text(right)

    def is_mended() -> bool:
        site.gateway.tokens.look_after()
        return bool(row(site)["status"] == "healthy")

    wait_until(is_mended, 10)
    assert file.read_text() == right


def test_a_file_that_is_being_written_is_left_alone_and_then_taken_over(site: Site, tiger: Simulator) -> None:
    file = tiger.get_credential_folder(FIRST_ID) / FILE_NAME
    with file.open("w") as stream:
        for _ in range(3):
            site.gateway.tokens.look_after()
        token = tiger._call(lambda: tiger._assembly.tokens.issue(FIRST_ID)).token
        stream.write(f"token={token}\n")

    def is_taken_over() -> bool:
        stored = get_stored(site)
        return stored is not None and stored.text == token

    wait_until(is_taken_over, 10)
    assert file.read_text() == f"token={token}\n"


def test_a_refresh_writes_over_a_file_without_a_token_only_when_nobody_is_writing_it(
    site: Site, tiger: Simulator
) -> None:
    file = tiger.get_credential_folder(FIRST_ID) / FILE_NAME
    file.write_bytes("token=something".encode("utf-16"))
    site.client.data("/api/token/refresh")
    left_alone = read_token_file(file.parent) is None
    os.utime(file, (1, 1))
    site.client.data("/api/token/refresh")

    assert left_alone
    assert read_token_file(file.parent) == get_stored(site)


@pytest.fixture
def second_folder(site: Site, tmp_path: Path) -> Path:
    """Give the first credential's tiger_id a second credential, with a folder of its own that is still empty."""
    folder = tmp_path / "second"
    folder.mkdir()
    first, other = site.gateway.credentials
    site.gateway.leadership.stop()
    credentials = (first, dataclasses.replace(first, name="second", path=folder, accounts=()), other)
    site.gateway._connection = site.gateway._connect(credentials)
    return folder


def test_every_folder_of_a_tiger_id_gets_the_token(site: Site, second_folder: Path) -> None:
    site.gateway.tokens.look_after()

    assert read_token_file(second_folder) == get_stored(site)


def test_a_wrong_token_in_one_folder_hides_no_right_one_in_another(
    site: Site, tiger: Simulator, second_folder: Path
) -> None:
    tiger.end_tokens(FIRST_ID)
    site.client.refusal("/api/token/refresh", 502, "tiger_token_rejected")
    right = put_token(tiger, FIRST_ID)
    put_foreign(tiger)
    (second_folder / FILE_NAME).write_text(f"token={right}\n")

    def is_mended() -> bool:
        site.gateway.tokens.look_after()
        stored = get_stored(site)
        return stored is not None and stored.text == right

    wait_until(is_mended, 15)
    assert site.client.post("/api/market/quote", symbol="AAPL").status_code == 200


def test_a_token_without_a_date_takes_no_place_from_one_that_serves(site: Site, tiger: Simulator) -> None:
    file = tiger.get_credential_folder(FIRST_ID) / FILE_NAME
    before, due, number = get_stored(site), row(site)["next_refresh_at"], row(site)["last_attempt"]["number"]
    undated = users.UserToken("undated-as-none-of-tigers-are", FIRST_ID, 0, 2**50, 2**50)
    tiger._call(lambda: tiger._assembly.tokens._keep(undated))
    for _ in range(3):
        file.write_text(f"token={undated.token}\n")
        site.gateway.tokens.look_after()
        site.gateway.tokens._parts.tasks.join(5)

    assert (get_stored(site), row(site)["next_refresh_at"]) == (before, due)
    assert row(site)["last_attempt"]["number"] == number
