"""User tokens, which the licence TBHK asks for: made, checked, rotated, kept over restarts."""

import base64
import secrets
from dataclasses import dataclass

from app.simulator.clock import Clock
from app.simulator.state import StateFile

TOKEN_LIFE_MS = 15 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class UserToken:
    """Hold one issued token; ``valid_until_ms`` is earlier than ``expires_ms`` once it has been replaced."""

    token: str
    tiger_id: str
    created_ms: int
    expires_ms: int
    valid_until_ms: int


class TokenRegister:
    """Know every token that may still be good."""

    def __init__(self, state: StateFile, clock: Clock, old_token_grace_ms: int) -> None:
        self._state = state
        self._clock = clock
        self._old_token_grace_ms = old_token_grace_ms
        rows = state.connection.execute("SELECT token, tiger_id, created_ms, expires_ms, valid_until_ms FROM tokens")
        self._tokens = {row[0]: UserToken(*row) for row in rows}

    def is_valid(self, tiger_id: str, token: str | None) -> bool:
        """Say whether ``token`` opens the door for ``tiger_id`` now."""
        known = self._tokens.get(token or "")
        return known is not None and known.tiger_id == tiger_id and self._clock.now_ms() < known.valid_until_ms

    def issue(self, tiger_id: str) -> UserToken:
        """Make a new token; the ones before it end now or after the grace time."""
        now_ms = self._clock.now_ms()
        expires_ms = now_ms + TOKEN_LIFE_MS
        # The published form: both instants with 13 digits and a comma, then 16 opaque bytes.
        raw = f"{now_ms:013d},{expires_ms:013d}".encode() + secrets.token_bytes(16)
        token = UserToken(base64.b64encode(raw).decode(), tiger_id, now_ms, expires_ms, expires_ms)
        with self._state.transaction():
            self._end_tokens(tiger_id, now_ms + self._old_token_grace_ms)
            self._keep(token)
        return token

    def end_all(self, tiger_id: str) -> None:
        """End every token of ``tiger_id`` at once, as a withdrawal at Tiger would."""
        with self._state.transaction():
            self._end_tokens(tiger_id, self._clock.now_ms())

    def _end_tokens(self, tiger_id: str, at_ms: int) -> None:
        for old in list(self._tokens.values()):
            if old.tiger_id == tiger_id:
                until_ms = min(old.valid_until_ms, at_ms)
                if until_ms <= self._clock.now_ms():
                    del self._tokens[old.token]
                    self._state.connection.execute("DELETE FROM tokens WHERE token = ?", (old.token,))
                else:
                    self._keep(UserToken(old.token, tiger_id, old.created_ms, old.expires_ms, until_ms))

    def _keep(self, token: UserToken) -> None:
        self._tokens[token.token] = token
        self._state.connection.execute(
            "INSERT OR REPLACE INTO tokens (token, tiger_id, created_ms, expires_ms, valid_until_ms)"
            " VALUES (?, ?, ?, ?, ?)",
            (token.token, token.tiger_id, token.created_ms, token.expires_ms, token.valid_until_ms),
        )
