"""The token file is always whole, and its token is the latest."""

import stat
from pathlib import Path

import pytest
from tigeropen.tiger_open_config import TigerOpenClientConfig

from app.tiger.wire.token_source import FILE_NAME
from app.tokens.token_file import read_token_file, write_token_file
from app.tokens.user_token import UserToken, read_token
from bench.refreshing.writers import kill_writers
from tests.tokens.token_texts import TIMES, encode

OLD = read_token(encode(*TIMES))
NEW = read_token(encode(TIMES[0] + 1, TIMES[1] + 1, b"\xff" * 15))


def test_a_written_token_is_read_back(tmp_path: Path) -> None:
    write_token_file(tmp_path, OLD)

    assert read_token_file(tmp_path) == OLD


@pytest.mark.parametrize("token", [OLD, NEW], ids=["with padding", "with another padding"])
def test_the_sdk_reads_the_file_back(tmp_path: Path, token: UserToken) -> None:
    write_token_file(tmp_path, token)
    configuration = TigerOpenClientConfig(props_path=str(tmp_path), enable_dynamic_domain=False)

    assert configuration.token == token.text


def test_a_reader_of_plain_lines_takes_the_same_token(tmp_path: Path) -> None:
    write_token_file(tmp_path, OLD)

    assert (tmp_path / FILE_NAME).read_text() == f"token={OLD.text}\n"


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("token=old\n")
    (tmp_path / FILE_NAME).chmod(0o644)
    write_token_file(tmp_path, OLD)

    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_a_longer_file_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(f"# {'x' * 500}\ntoken=old\n")
    write_token_file(tmp_path, OLD)

    assert read_token_file(tmp_path) == OLD


def test_a_later_token_is_not_overwritten(tmp_path: Path) -> None:
    write_token_file(tmp_path, NEW)

    assert write_token_file(tmp_path, OLD) is False
    assert read_token_file(tmp_path) == NEW


def test_drafts_of_killed_writers_are_removed(tmp_path: Path) -> None:
    (tmp_path / f".{FILE_NAME}.0123").write_text("token=half")
    write_token_file(tmp_path, OLD)

    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / FILE_NAME).symlink_to(tmp_path / "elsewhere" / FILE_NAME)
    write_token_file(tmp_path, OLD)

    assert (tmp_path / FILE_NAME).is_symlink()
    assert read_token_file(tmp_path) == OLD


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_token_file(tmp_path / "gone", OLD)


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    result = kill_writers(tmp_path, kills=12, seed=1)

    assert (result.whole, result.backwards) == (12, 0)
    assert result.left_overs <= 1
