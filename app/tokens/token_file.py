"""Keep Tiger's own token file, which the SDK and Tiger's other tools read.

The file is one line, ``token=…``, with nothing escaped: Java properties, jproperties and plain line readers all take
the same token from it, which is not so for the escaped form that the SDK writes.
"""

import contextlib
import errno
import fcntl
import logging
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.clock import get_elapsed, get_now_ms
from app.durable_file import replace_file
from app.tiger.credential.user_tokens import TOKEN_LICENSES
from app.tiger.wire.token_source import FILE_NAME, load_token
from app.tokens.records import TokenOwner
from app.tokens.user_token import UserToken, read_token

LOCK_SECONDS = 1.0
POLL_SECONDS = 0.01
BEING_WRITTEN_SECONDS = 60.0
"""A file without a token that was touched so short a time ago may get one yet."""
UNWRITABLE_SECONDS = 60.0
"""How long after a file could not be written it is tried again, unless there is another token."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TokenFile:
    """What lies in one credential's folder: a file, the token in it, or why it cannot be read."""

    is_there: bool = False
    token: UserToken | None = None
    obstacle: str | None = None


def look_into(folder: Path) -> TokenFile:
    """Return what lies in a credential's folder; a file that cannot be looked at may be one."""
    try:
        text = load_token(folder / FILE_NAME)
    except FileNotFoundError:
        return TokenFile()
    except OSError as error:
        return TokenFile(is_there=True, obstacle=error.strerror or type(error).__name__)
    return TokenFile(is_there=True, token=read_token(text) if text else None)


def read_token_file(folder: Path) -> UserToken | None:
    """Return the token in a credential's folder, or None where there is none to be read."""
    return look_into(folder).token


def holds_file(folder: Path) -> bool:
    """Return whether a token file lies there, whatever it holds, without reading it."""
    try:
        (folder / FILE_NAME).stat()
    except OSError as error:
        return not isinstance(error, FileNotFoundError)
    return True


def write_token_file(folder: Path, token: UserToken) -> bool:
    """Put the token into the folder's file, durably and whole; False where a later one is there, or is being written.

    A reader sees the old file or the new one. A writer that is killed leaves at most a draft, which the next one
    removes.

    Raises:
        OSError: The folder cannot be written.
    """
    # A link, as some deployments use, stays a link: what it points to is replaced.
    file = _resolve(folder / FILE_NAME)
    with _locked(file.parent) as is_alone:
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
        replace_file(file, f"token={token.text}\n")
    return True


def _resolve(file: Path) -> Path:
    try:
        return file.resolve()
    except RuntimeError as error:
        # How Python reports links that lead to each other, before 3.13.
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error


def _was_just_written(file: Path) -> bool:
    try:
        return abs(get_now_ms() / 1_000 - file.stat().st_mtime) < BEING_WRITTEN_SECONDS
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Lock the folder against other writers of this machine; give whether that worked.

    A writer that was frozen holds the lock as long: after a second it is passed over, since each file is whole by
    itself and only the order of two written at the same moment is at stake.
    """
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        ends = get_elapsed() + LOCK_SECONDS
        while not (is_alone := _try_lock(directory)) and get_elapsed() < ends:
            time.sleep(POLL_SECONDS)
        yield is_alone
    finally:
        os.close(directory)


def _try_lock(directory: int) -> bool:
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def look_into_folders(owner: TokenOwner) -> tuple[TokenFile, ...]:
    """Return what lies in the folders of an owner."""
    return tuple(look_into(credential.path) for credential in owner.credentials)


def uses_token(owner: TokenOwner) -> bool:
    """Return whether the calls of this owner carry a token: its licence asks for one, or somebody put one there."""
    return owner.license in TOKEN_LICENSES or any(file.token for file in look_into_folders(owner))


class Folders:
    """What this process remembers of them: what it could not write, and what it saw both stored and in a file."""

    def __init__(self) -> None:
        self._in_step: dict[str, UserToken] = {}
        self._unwritable: dict[str, tuple[UserToken, float]] = {}
        self._reported: dict[str, tuple[UserToken, str]] = {}

    def note(self, owner: TokenOwner, stored: UserToken, files: Iterable[TokenFile]) -> None:
        """Remember a token that is stored and lies in a file: the gateway itself may write over it later."""
        if any(file.token == stored for file in files):
            self._in_step[owner.tiger_id] = stored

    def get_in_step(self, owner: TokenOwner) -> UserToken | None:
        """Return the last token that was stored and lay in the file as well."""
        return self._in_step.get(owner.tiger_id)

    def may_write(self, owner: TokenOwner, token: UserToken | None) -> bool:
        """Return whether it is worth a try, or has just failed."""
        failed, not_before = self._unwritable.get(owner.tiger_id, (None, 0.0))
        return failed != token or get_elapsed() >= not_before

    def write(self, owner: TokenOwner, token: UserToken) -> bool:
        """Write the token into every folder of its owner; False where one could not be written, which is logged."""
        results = [self._write(owner, number, token) for number in range(len(owner.credentials))]
        if not all(results):
            self._unwritable[owner.tiger_id] = (token, get_elapsed() + UNWRITABLE_SECONDS)
        return all(results)

    def _write(self, owner: TokenOwner, number: int, token: UserToken) -> bool:
        credential = owner.credentials[number]
        try:
            # None is written over what may be about to become one.
            is_there = write_token_file(credential.path, token) or read_token_file(credential.path) is not None
        except OSError as error:
            report = (token, error.strerror or type(error).__name__)
            if self._reported.get(credential.name) != report:
                self._reported[credential.name] = report
                logger.warning(
                    "The token file of credential %s cannot be written (%s): the gateway works from its database, "
                    "Tiger's other tools there keep the old token",
                    credential.name,
                    report[1],
                )
            return False
        self._reported.pop(credential.name, None)
        return is_there
