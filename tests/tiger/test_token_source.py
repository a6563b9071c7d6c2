"""The token in use is the one in the file, as soon as the file holds it."""

from pathlib import Path

import pytest

from app.tiger.wire import token_source
from app.tiger.wire.token_source import FILE_NAME, FileToken, load_token


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the file at every call."""
    monkeypatch.setattr(token_source, "CHECK_SECONDS", 0.0)


def test_an_escaped_token_is_unescaped(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_text("#Sat Nov 22 2026\ntoken=abc\\=\\=\n")

    assert load_token(file) == "abc=="


def test_without_a_file_there_is_no_token(tmp_path: Path) -> None:
    assert FileToken(tmp_path).current() is None


def test_a_replaced_file_is_read_again(tmp_path: Path, eager: None) -> None:
    file = tmp_path / FILE_NAME
    file.write_text("token=old\n")
    source = FileToken(tmp_path)
    before = source.current()
    replacement = tmp_path / "replacement"
    replacement.write_text("token=new\n")
    replacement.replace(file)

    assert (before, source.current()) == ("old", "new")


@pytest.mark.parametrize("content", [b"", b"token=\n", b"\xff\xfe\x00", b"token=\\uZZZZ\n", b"token=a\\nb\n"])
def test_a_broken_file_leaves_the_last_token_in_use(tmp_path: Path, eager: None, content: bytes) -> None:
    file = tmp_path / FILE_NAME
    file.write_text("token=old\n")
    source = FileToken(tmp_path)
    source.current()
    file.write_bytes(content)

    assert source.current() == "old"


def test_a_vanished_file_leaves_the_last_token_in_use(tmp_path: Path, eager: None) -> None:
    file = tmp_path / FILE_NAME
    file.write_text("token=old\n")
    source = FileToken(tmp_path)
    source.current()
    file.unlink()

    assert source.current() == "old"
