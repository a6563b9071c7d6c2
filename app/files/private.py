"""Make folders 0700 and files 0600, and tighten those that are there already."""

import contextlib
import errno
import logging
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from app.credentials import ConfigurationError

FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
MOST_NAMED = 12
OWN_FOLDERS = ("credentials", "metrics", "simulator")

logger = logging.getLogger(__name__)


def prepare_instance(instance: Path) -> None:
    """Make the instance folder, or tighten the one that is there; one line of the log tells what was open to others.

    Raises:
        ConfigurationError: Nothing can be written there.
    """
    try:
        make_folder(instance)
        if not os.access(instance, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise get_unwritable(error, instance) from error
    tightened = [path for path in _find_own(instance) if _tighten(path)]
    if tightened:
        names = ", ".join(sorted(path.name for path in tightened)[:MOST_NAMED])
        logger.warning("%d in %s were open to other users and no longer are: %s", len(tightened), instance, names)


def get_unwritable(error: OSError, instance: Path) -> ConfigurationError:
    """Return in one line that the instance folder, or a file there, cannot be written, and what to do."""
    return ConfigurationError(
        f"{error.filename or instance} cannot be written ({error.strerror}): give the instance folder to user "
        f"{os.geteuid()} with chown -R {os.geteuid()} {instance}, or name another one in TIGER_REST_INSTANCE"
    )


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing.

    Raises:
        OSError: It cannot be made.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def make_file(file: Path) -> None:
    """Make an empty file unless there is one.

    Raises:
        OSError: It cannot be made, or the one that is there cannot be written.
    """
    if not file.exists():
        draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        os.close(_open(str(draft), os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            # Never closed under its own name: with that, a process loses each lock that it has on a file of SQLite.
            with contextlib.suppress(FileExistsError):
                file.hardlink_to(draft)
        finally:
            draft.unlink()
    elif not os.access(file, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))


def open_private(file: Path, mode: str) -> IO[str]:
    """Open a file; where it has to be made, for its owner alone."""
    return open(file, mode, opener=_open, encoding="utf-8")


def _open(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _find_own(instance: Path) -> Iterator[Path]:
    """Yield what belongs to the gateway: not what else may lie deeper in the folder, such as an environment."""
    yield instance
    yield from instance.iterdir()
    for name in OWN_FOLDERS:
        yield from (instance / name).rglob("*")


def _tighten(path: Path) -> bool:
    """Take a file or folder from other users; one that is not ours to change stays as it is."""
    with contextlib.suppress(OSError):
        state = path.lstat()
        if state.st_uid == os.geteuid() and state.st_mode & FOR_OTHERS and not stat.S_ISLNK(state.st_mode):
            path.chmod(stat.S_IMODE(state.st_mode) & ~FOR_OTHERS)
            return True
    return False
