"""Know the current token of a credential."""

import re
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import Final, Protocol

from jproperties import ParseError, Properties

from app.tiger.deadline import Deadline

FILE_NAME: Final = "tiger_openapi_token.properties"
CHECK_SECONDS: Final = 1.0


class TokenSource(Protocol):
    """Give the token that the next request has to carry."""

    def current(self) -> str | None:
        """Return the token, or None where the credential has none."""
        ...

    def fetch_replacement(self, refused: Collection[str], deadline: Deadline) -> str | None:
        """Return the token that took the place of those that Tiger refused, or None where there is no other.

        Waits for a refresh that is under way, no longer than the deadline.
        """
        ...


class FileToken:
    """Follow Tiger's own token file: looked at once a second at most, read again when it was replaced or written."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._lock = threading.Lock()
        self._checked_at = float("-inf")
        self._version: tuple[int, int, int] | None = None
        self._token: str | None = None

    def current(self) -> str | None:
        """Return the token last found; a file that is missing or unreadable for a while changes nothing."""
        with self._lock:
            if time.monotonic() - self._checked_at >= CHECK_SECONDS:
                self._follow()
            return self._token

    def look(self) -> str | None:
        """Return the token that lies there now, however short a time ago it was looked at."""
        with self._lock:
            self._follow()
            return self._token

    def fetch_replacement(self, refused: Collection[str], deadline: Deadline) -> str | None:  # noqa: ARG002
        """Look at the file now; it tells nothing about a refresh, so there is nothing to wait for."""
        found = self.look()
        return found if found not in refused else None

    def _follow(self) -> None:
        self._checked_at = time.monotonic()
        try:
            status = self._path.stat()
            version = (status.st_mtime_ns, status.st_ino, status.st_size)
            if version != self._version:
                self._token = load_token(self._path) or self._token
                self._version = version
        except OSError:
            return


def load_token(path: Path) -> str | None:
    """Return the token in a properties file (``=`` is escaped there), or None where it holds none fit for a header.

    Raises:
        OSError: The file cannot be read.
    """
    properties = Properties()
    try:
        properties.load(path.read_bytes(), "utf-8")
    except (ParseError, UnicodeDecodeError):
        return None
    found = properties.get("token")
    token = str(found.data).strip() if found else ""
    return token if re.fullmatch(r"[!-~]+", token) else None
