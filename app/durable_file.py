"""Write a small file that only we may read: on disk when it is said to be, and whole, whoever dies meanwhile.

A writer that is killed leaves at most a draft, named ``.<name>.<random>``, beside the file.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def replace_file(file: Path, text: str) -> None:
    """Put the text in the place of the file or of what it held: a reader sees the old text or the new one.

    Raises:
        OSError: The folder cannot be written.
    """
    with _drafted(file, text) as draft:
        draft.replace(file)


def create_file(file: Path, text: str) -> bool:
    """Create the file; False where there is one, which stays as it is: of many who try at once, one wins.

    Raises:
        OSError: The folder cannot be written.
    """
    with _drafted(file, text) as draft:
        try:
            # A link, unlike a rename, fails where another was first.
            file.hardlink_to(draft)
        except FileExistsError:
            return False
    return True


@contextlib.contextmanager
def _drafted(file: Path, text: str) -> Iterator[Path]:
    """Give the text in a file of its own, on disk; what becomes of that is on disk at the end."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
