"""API keys live in the database as digests; a rotation keeps the identity, a revocation is quick."""

import re
import time

import pytest
from sqlalchemy import text

from app.access.keys import REVOCATION_SECONDS, ApiKeys, KeyNameError
from app.access.permissions import Permission
from app.errors import StorageUnavailable
from app.storage.engine import Storage
from app.storage.upgrade import upgrade
from tests.support.server import wait_until

SECRET = b"a secret of the tests, longer than thirty-two characters"


@pytest.fixture
def storage(database_url, tmp_path):
    opened = Storage(database_url, tmp_path)
    upgrade(opened, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def keys(storage):
    return ApiKeys(storage, SECRET, {})


def test_a_key_is_found_by_itself_and_stored_only_as_a_digest(keys, storage):
    key = keys.create("one", ["67686635"], [Permission.READ])
    with storage.reading() as connection:
        stored = str(connection.execute(text("SELECT * FROM tiger_rest_api_key_digests")).all())

    assert keys.find(key).name == "one"
    assert key not in stored
    assert keys.find(key + "x") is None


def test_a_digest_is_worth_nothing_without_the_secret(keys, storage):
    key = keys.create("one", ["67686635"], [Permission.READ])

    assert ApiKeys(storage, SECRET + b"!", {}).find(key) is None


def test_a_name_can_be_taken_once(keys):
    keys.create("one", ["*"], [Permission.READ])

    with pytest.raises(KeyNameError, match="one"):
        keys.create("one", ["*"], [Permission.READ])


def test_a_rotated_key_is_the_same_client_and_the_old_one_ends_after_the_overlap(keys):
    old = keys.create("one", ["*"], [Permission.TRADE])
    identity = keys.find(old)
    new = keys.rotate("one", overlap_seconds=0)

    assert keys.find(new).key_id == identity.key_id
    assert ApiKeys(keys._storage, SECRET, {}).find(old) is None


def test_during_the_overlap_both_keys_are_valid(keys):
    old = keys.create("one", ["*"], [Permission.TRADE])
    new = keys.rotate("one", overlap_seconds=3_600)

    assert keys.find(old).key_id == keys.find(new).key_id


def test_a_revocation_reaches_a_worker_that_has_just_used_the_key(keys, storage):
    other_worker = ApiKeys(storage, SECRET, {})
    key = keys.create("one", ["*"], [Permission.READ])
    assert other_worker.find(key)
    keys.revoke("one")

    wait_until(lambda: other_worker.find(key) is None, REVOCATION_SECONDS + 1)


def test_a_revoked_key_cannot_be_rotated_back(keys):
    keys.create("one", ["*"], [Permission.READ])
    keys.revoke("one")

    with pytest.raises(KeyNameError):
        keys.rotate("one", overlap_seconds=0)


def test_an_expired_key_is_not_rotated_into_another_dead_one(keys):
    ends = time.time_ns() // 1_000_000 - 1
    keys.create("over", ["*"], [Permission.READ], expires_at=ends)

    with pytest.raises(KeyNameError, match="has expired"):
        keys.rotate("over", overlap_seconds=0)


def test_a_key_that_expires_while_it_is_remembered_is_refused_at_once(keys):
    ends = time.time_ns() // 1_000_000 + 1_000
    key = keys.create("brief", ["*"], [Permission.READ], expires_at=ends)
    assert keys.find(key)
    wait_until(lambda: time.time_ns() // 1_000_000 >= ends, 15)

    assert keys.find(key) is None


def test_a_database_that_does_not_answer_lets_nobody_in(keys, tmp_path):
    broken = Storage(f"sqlite:///{tmp_path}/empty.db", tmp_path)

    with pytest.raises(StorageUnavailable):
        ApiKeys(broken, SECRET, {}).find("trk_" + "x" * 43)
    broken.close()


def run(app, *words):
    return app.test_cli_runner().invoke(args=["keys", *words])


def test_create_prints_the_key_alone_and_it_works(app, client):
    result = run(app, "create", "--name", "bot", "--accounts", "67686635", "--permissions", "read", "--expires", "90d")

    assert re.fullmatch(r"trk_[\w-]{43}\n", result.stdout)
    assert client.with_key(result.stdout.strip()).get("/api/accounts").get_json()["data"]["api_key_name"] == "bot"


def test_create_warns_of_an_account_that_no_credential_serves(app):
    result = run(app, "create", "--name", "bot", "--accounts", "67686635,999", "--permissions", "read")

    assert "no credential serves 999 yet" in result.stderr
    assert re.fullmatch(r"trk_[\w-]{43}\n", result.stdout)


def test_list_shows_everything_but_the_key(app):
    key = run(app, "create", "--name", "bot", "--accounts", "*", "--permissions", "read,trade").stdout.strip()
    listing = run(app, "list").stdout

    assert "bot\t*\tread,trade" in listing
    assert key not in listing


def test_revoke_and_rotate_name_a_key_that_is_not_there(app):
    assert "no valid key is named ghost" in run(app, "revoke", "ghost").output
    assert "no valid key is named ghost" in run(app, "rotate", "ghost").output


@pytest.mark.parametrize(
    "wrong",
    [
        ["--name", "x", "--accounts", "1", "--permissions", "write"],
        ["--name", "x", "--accounts", "a b", "--permissions", "read"],
        ["--name", "x\ny", "--accounts", "1", "--permissions", "read"],
        ["--name", "x", "--accounts", ",", "--permissions", "read"],
        ["--name", "x", "--accounts", "1", "--permissions", "read", "--expires", "soon"],
    ],
)
def test_a_wrong_option_creates_nothing(app, wrong):
    result = run(app, "create", *wrong)

    assert result.exit_code == 2
    assert run(app, "list").stdout == ""
