"""A new secret takes over from the old one while keys are in use."""

import pytest

from app.access.keys import ApiKeys
from app.access.permissions import Permission
from app.storage.engine import Storage

OLD = b"a secret of the tests, longer than thirty-two characters"
NEW = b"another secret of the tests, longer than thirty-two too"


@pytest.fixture
def storage(database_url, tmp_path):
    opened = Storage(database_url, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def key(storage):
    return ApiKeys(storage, OLD, {}).create("bot", ["*"], [Permission.READ])


def test_a_key_that_is_used_under_both_secrets_needs_the_old_one_no_longer(storage, key):
    both = ApiKeys(storage, NEW, {}, OLD)
    before = both.list_under_older_secrets()
    identity = both.find(key)

    assert before == ["bot"]
    assert both.list_under_older_secrets() == []
    assert ApiKeys(storage, NEW, {}).find(key) == identity
    assert ApiKeys(storage, OLD, {}).find(key) == identity


def test_a_key_that_nobody_used_is_named_and_void_without_the_old_secret(storage, key):
    assert ApiKeys(storage, NEW, {}, OLD).list_under_older_secrets() == ["bot"]
    assert ApiKeys(storage, NEW, {}).find(key) is None


def test_a_rotation_ends_what_was_stored_anew_as_well(storage, key):
    both = ApiKeys(storage, NEW, {}, OLD)
    both.find(key)
    both.rotate("bot", overlap_seconds=0)

    assert ApiKeys(storage, NEW, {}, OLD).find(key) is None


def test_a_machine_that_has_the_new_secret_among_the_older_ones_takes_what_another_makes(storage):
    made = ApiKeys(storage, NEW, {}, OLD).create("desk", ["*"], [Permission.READ])

    found = ApiKeys(storage, OLD, {}, NEW).find(made)

    assert found is not None
    assert found.name == "desk"
