"""Keep Tiger's own token file, which the SDK and Tiger's other tools read.

The file is one line, ``token=…``, with nothing escaped: Java properties, jproperties and plain line readers all take
the same token from it, which is not so for the escaped form that the SDK writes.
"""

import contextlib
import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from app.tiger.wire.token_source import FILE_NAME, load_token
from app.tokens.user_token import UserToken, read_token

LOCK_SECONDS = 1.0
POLL_SECONDS = 0.01
BEING_WRITTEN_SECONDS = 60.0
"""A file without a token that was touched so short a time ago may get one yet."""


def read_token_file(folder: Path) -> UserToken | None:
    """Return the token in a credential's folder, or None where there is none to be read."""
    try:
        text = load_token(folder / FILE_NAME)
    except OSError:
        return None
    return read_token(text) if text else None


def why_unreadable(folder: Path) -> str | None:
    """Return why the file in a folder cannot be read, or None where it can be or there is none."""
    try:
        load_token(folder / FILE_NAME)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error.strerror or type(error).__name__
    return None


def holds_file(folder: Path) -> bool:
    """Tell whether a token file lies there, whatever it holds; one that cannot be looked at may be one."""
    try:
        (folder / FILE_NAME).stat()
    except OSError as error:
        return not isinstance(error, FileNotFoundError)
    return True


def holds_no_token(folder: Path) -> bool:
    """Tell whether a file lies there that no token can be read from: half written, in another form, or not ours."""
    return holds_file(folder) and read_token_file(folder) is None


def write_token_file(folder: Path, token: UserToken) -> bool:
    """Put the token into the folder's file, durably and whole; False where a later one is there, or is being written.

    A reader sees the old file or the new one. A writer that is killed leaves at most a draft, which the next one
    removes.

    Raises:
        OSError: The folder cannot be written.
    """
    # A link, as some deployments use, stays a link: what it points to is replaced.
    file = _resolve(folder / FILE_NAME)
    with _locked(file.parent) as (directory, is_alone):
        present = read_token_file(folder)
        if present is not None and present.is_newer_than(token):
            return False
        if present is None and _was_just_written(file):
            return False
        if present is not None and present.text == token.text:
            return True
        if is_alone:
            for left_over in file.parent.glob(f".{file.name}.*"):
                left_over.unlink(missing_ok=True)
        draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        _write_durably(draft, f"token={token.text}\n")
        draft.replace(file)
        os.fsync(directory)
    return True


def _resolve(file: Path) -> Path:
    try:
        return file.resolve()
    except RuntimeError as error:
        # How Python tells of links that lead to each other, before 3.13.
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error


def _was_just_written(file: Path) -> bool:
    try:
        return abs(time.time() - file.stat().st_mtime) < BEING_WRITTEN_SECONDS
    except FileNotFoundError:
        return False


def _write_durably(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[tuple[int, bool]]:
    """Lock the folder against other writers of this machine; give its descriptor, and whether that worked.

    A writer that was frozen holds the lock as long: after a second it is passed over, since each file is whole by
    itself and only the order of two written at the same moment is at stake.
    """
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        ends = time.monotonic() + LOCK_SECONDS
        while not (is_alone := _try_lock(directory)) and time.monotonic() < ends:
            time.sleep(POLL_SECONDS)
        yield directory, is_alone
    finally:
        os.close(directory)


def _try_lock(directory: int) -> bool:
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
