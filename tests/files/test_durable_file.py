"""A file is there whole or not at all, and nobody else may read it."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.durable_file import create_file, replace_file


def test_a_file_that_is_replaced_holds_the_new_text_and_nothing_lies_beside_it(tmp_path):
    file = tmp_path / "token"
    replace_file(file, "old")
    replace_file(file, "new")

    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_of_many_who_create_a_file_one_wins_and_all_read_what_it_wrote(tmp_path):
    file = tmp_path / "secret"
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda number: create_file(file, f"{number}"), range(8)))

    assert results.count(True) == 1
    assert file.read_text() == f"{results.index(True)}"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_replaced_stays_and_leaves_no_draft(tmp_path):
    (tmp_path / "token").mkdir()

    with pytest.raises(OSError, match="token"):
        replace_file(tmp_path / "token", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["token"]
