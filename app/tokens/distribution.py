"""Hand each call to Tiger the token that is in force, in every worker on every machine.

A process trusts what it read from the database for a tenth of a second. A refresher announces itself there and waits a
little longer than that before it speaks to Tiger; while a refresh is announced, every call reads first. So no call
starts with a token that was replaced before it, and no call pays for a read in quiet times.
"""

import contextlib
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from app.clock import get_elapsed, get_now_ms
from app.errors import GatewayError
from app.settings import Credential
from app.tiger.credential.user_tokens import TOKEN_LICENSES
from app.tiger.deadline import Deadline
from app.tiger.wire.token_source import FileToken
from app.tokens.records import TokenRecord
from app.tokens.store import TokenStore
from app.tokens.token_file import holds_file
from app.tokens.user_token import UserToken, read_token

TRUSTED_SECONDS: Final = 0.1
ANNOUNCED_SECONDS: Final = 0.15
TROUBLED_SECONDS: Final = 2.0
"""While the database does not answer, calls go on with the tokens they have; it is asked again this often."""
PATIENCE_SECONDS: Final = 0.5
WAITING_SHARE: Final = 0.75
"""Part of a call's remaining time that it waits for a new token; the rest is for repeating it with that."""
POLL_SECONDS: Final = 0.02
REMEMBERED_REFUSALS: Final = 16


@dataclass(frozen=True, slots=True)
class Arrived:
    """A token that has just come, and the number of the attempt that brought it."""

    token: UserToken
    number: int


class TokenBoard:
    """What this process knows of the stored tokens."""

    def __init__(self, store: TokenStore) -> None:
        self._store = store
        self._reading = threading.Lock()
        self._records: dict[str, TokenRecord] = {}
        self._read_at = float("-inf")
        self._troubled_until = float("-inf")
        self._held: dict[str, Arrived] = {}
        self._refused: dict[str, dict[str, int]] = {}

    def get(self, tiger_id: str) -> TokenRecord | None:
        """Return what was read last."""
        return self._records.get(tiger_id)

    def hold(self, tiger_id: str, arrived: Arrived) -> None:
        """Use a token here that could not be stored when it came, or whose attempt could not be ended."""
        self._held[tiger_id] = arrived

    def get_held(self, tiger_id: str) -> Arrived | None:
        """Return the token that is still to be stored, or None."""
        return self._held.get(tiger_id)

    def release(self, tiger_id: str) -> None:
        """Hold the token no longer: it is stored."""
        self._held.pop(tiger_id, None)

    def note_refusal(self, tiger_id: str, text: str) -> None:
        """Remember that Tiger refused a call for this token."""
        # Replaced, not changed: others may be looking.
        refused = {**self._refused.get(tiger_id, {}), text: get_now_ms()}
        self._refused[tiger_id] = dict(tuple(refused.items())[-REMEMBERED_REFUSALS:])

    def forget_refusal(self, tiger_id: str, token: UserToken, taken_at: int) -> None:
        """Note that it was the call, where Tiger has taken this token since; epoch milliseconds."""
        refused = self._refused.get(tiger_id, {})
        if refused.get(token.text, taken_at) < taken_at:
            self._refused[tiger_id] = {text: moment for text, moment in refused.items() if text != token.text}

    def was_refused(self, tiger_id: str, token: UserToken) -> bool:
        """Return whether Tiger refused a call of this process for a token, lately."""
        return token.text in self._refused.get(tiger_id, ())

    def look(self, tiger_id: str) -> TokenRecord | None:
        """Return what is in force, reading it unless it was read just now and no refresh is announced."""
        known = self._records.get(tiger_id)
        now = get_elapsed()
        is_quiet = known is None or not known.is_refreshing
        if not (is_quiet and now - self._read_at < TRUSTED_SECONDS):
            self.read()
        return self._records.get(tiger_id)

    def read(self) -> None:
        """Read what is stored, unless the database has just been in trouble; what is known then has to do."""
        if get_elapsed() >= self._troubled_until:
            self.read_surely(PATIENCE_SECONDS)

    def read_surely(self, patience_seconds: float) -> bool:
        """Read what is stored, or let a read that begins from now on by another thread serve this one as well.

        False says that nothing came: what is known may be old.
        """
        asked_at = get_elapsed()
        if self._reading.acquire(timeout=patience_seconds):
            try:
                if self._read_at >= asked_at:
                    return True
                started_at = get_elapsed()
                with contextlib.suppress(GatewayError):
                    self._records = self._store.fetch_all()
                    self._read_at = started_at
                    self._troubled_until = float("-inf")
                    return True
            finally:
                self._reading.release()
        elif patience_seconds < PATIENCE_SECONDS:
            # It was this caller that had no time.
            return False
        self._troubled_until = get_elapsed() + TROUBLED_SECONDS
        return False

    def choose(self, record: TokenRecord | None, tiger_id: str, in_file: UserToken | None) -> UserToken | None:
        """Return the token to use.

        What lies in a file may be anything: in the place of a token that Tiger gave, it is used only where that one was
        refused and this one is later and was not.
        """
        stored, held = record.token if record else None, self._held.get(tiger_id)
        if held is not None and held.token.is_newer_than(stored):
            stored = held.token
        if stored is None or in_file is None:
            return stored or in_file
        is_better = in_file.is_newer_than(stored) and self.was_refused(tiger_id, stored)
        return in_file if is_better and not self.was_refused(tiger_id, in_file) else stored


class SharedToken:
    """Give the token of one credential, from the database or, where that does not serve, from Tiger's own file."""

    def __init__(self, board: TokenBoard, credential: Credential) -> None:
        self._board = board
        self._tiger_id = credential.tiger_id
        self._file = FileToken(credential.path)
        self._folder = credential.path
        self._is_asked_for = credential.license in TOKEN_LICENSES
        self._in_file: UserToken | None = None

    def current(self) -> str | None:
        """Return the token that is in force now."""
        return self._choose(self._board.look(self._tiger_id), self._file.current())

    def fetch_replacement(self, refused: Collection[str], deadline: Deadline) -> str | None:
        """Return the token that took the place of those that Tiger refused.

        Waits for a refresh that is under way, and for the database: while that is down, nobody knows of none.
        """
        for text in refused:
            self._board.note_refusal(self._tiger_id, text)
        patience = deadline.at_most(WAITING_SHARE * deadline.remaining())
        may_come = True
        while True:
            chosen = self._choose(self._board.get(self._tiger_id), self._file.look())
            if chosen is not None and chosen not in refused:
                return chosen
            if not may_come or patience.has_passed:
                return None
            is_current = self._board.read_surely(patience.remaining())
            record = self._board.get(self._tiger_id)
            may_come = not is_current or (record is not None and record.is_refreshing)
            if may_come:
                time.sleep(min(POLL_SECONDS, patience.remaining()))

    def _choose(self, record: TokenRecord | None, in_file: str | None) -> str | None:
        if not self._is_asked_for and not holds_file(self._folder):
            # Of a licence that asks for none, one is sent for as long as somebody has it lie there.
            return None
        if in_file is None:
            self._in_file = None
        elif self._in_file is None or self._in_file.text != in_file:
            self._in_file = read_token(in_file)
        chosen = self._board.choose(record, self._tiger_id, self._in_file)
        return chosen.text if chosen else None
