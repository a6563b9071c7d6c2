"""Lose no token that has come: it is stored, or at least in its file, or in this process until it can be."""

import logging
from collections.abc import Iterable

from app.errors import StorageUnavailable
from app.settings import Credential
from app.tokens.concerns import MEND
from app.tokens.distribution import Arrived, TokenBoard
from app.tokens.plan import Plan
from app.tokens.record import Outcome, TokenOwner
from app.tokens.store import TokenStore
from app.tokens.token_file import read_token_file, write_token_file
from app.tokens.user_token import UserToken

KEPT = "Tiger gave a new token while the database was silent: it is in use here, and is stored when it can be."

logger = logging.getLogger(__name__)


class Keeper:
    """Tiger may have ended the old token already: what has come must not be forgotten."""

    def __init__(self, store: TokenStore, board: TokenBoard, plan: Plan) -> None:
        self._store = store
        self._board = board
        self._plan = plan
        self._told: dict[str, tuple[str, str]] = {}

    def keep(self, owner: TokenOwner, arrived: Arrived) -> None:
        """Store a token before anything else is done with it.

        Raises:
            StorageUnavailable: The database does not answer; the token is in its file then, if that can be written.
        """
        try:
            self._store.keep(owner.tiger_id, arrived.number, arrived.token)
        except StorageUnavailable:
            is_written = self.write_files(owner, arrived.token)
            logger.error(  # noqa: TRY400 - the trace says nothing that the sentence does not.
                "The new token of tiger_id %s cannot be stored in the database; it is kept %s until it can",
                owner.tiger_id,
                "in its file" if is_written else "in the memory of this process alone: DO NOT RESTART IT",
            )
            raise

    def settle(self, owner: TokenOwner, arrived: Arrived, *, is_proven: bool) -> None:
        """Store that the attempt succeeded.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        self._store.settle(
            owner.tiger_id,
            arrived.number,
            Outcome.REFRESHED,
            wait_seconds=self._plan.pauses.before_end_of(arrived.token),
            failures=0,
            is_proven=is_proven,
            token_expires_at=arrived.token.expires_at,
        )

    def save(self, owner: TokenOwner) -> None:
        """Store now what could not be stored when it came, if there is anything.

        Raises:
            StorageUnavailable: The database still does not answer; the file was tried as well.
        """
        arrived = self._board.get_unsaved(owner.tiger_id)
        if arrived is not None:
            self.write_files(owner, arrived.token)
            self._store.keep(owner.tiger_id, arrived.number, arrived.token)
            self.settle(owner, arrived, is_proven=False)
            self._board.release(owner.tiger_id)
            logger.warning("The new token of tiger_id %s is stored now", owner.tiger_id)

    def leave(self, owners: Iterable[TokenOwner]) -> None:
        """Write to the files what could not be stored, as this process ends; tell what it takes with it."""
        for owner in owners:
            arrived = self._board.get_unsaved(owner.tiger_id)
            if arrived is not None and not self.write_files(owner, arrived.token):
                logger.critical(
                    "The new token of tiger_id %s is lost with this process, which ends: neither the database nor its "
                    "folder took it. If Tiger refuses the old one, %s",
                    owner.tiger_id,
                    MEND.format(name=owner.name),
                )

    def write_files(self, owner: TokenOwner, token: UserToken) -> bool:
        """Write the token into every folder of its owner; False where one could not be written, which is told once."""
        is_written = True
        for credential in owner.credentials:
            try:
                # None is written over what may be about to become one.
                is_there = write_token_file(credential.path, token) or read_token_file(credential.path) is not None
                is_written = is_written and is_there
                self._told.pop(credential.name, None)
            except OSError as error:
                is_written = False
                self._tell(credential, token, error.strerror or type(error).__name__)
        return is_written

    def _tell(self, credential: Credential, token: UserToken, why: str) -> None:
        if self._told.get(credential.name) != (token.text, why):
            self._told[credential.name] = (token.text, why)
            logger.warning(
                "The token file of credential %s cannot be written (%s): the gateway works from its database, Tiger's "
                "other tools there keep the old token",
                credential.name,
                why,
            )
