"""The folders of this machine: several credentials may share a token, each with a folder of its own."""

import logging
from collections.abc import Iterable

from app.clock import get_elapsed
from app.tiger.credential.user_tokens import TOKEN_LICENSES
from app.tokens.records import TokenOwner
from app.tokens.token_file import TokenFile, look_into, read_token_file, write_token_file
from app.tokens.user_token import UserToken

UNWRITABLE_SECONDS = 60.0
"""How long after a file could not be written it is tried again, unless there is another token."""

logger = logging.getLogger(__name__)


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
