"""What is stored about a credential's token, and about each attempt to refresh it. Times are epoch milliseconds."""

import enum
import time
from collections.abc import Iterable
from dataclasses import dataclass

from app.settings import Account, Credential
from app.tokens.user_token import UserToken


def get_now_ms() -> int:
    """Return the clock on the wall, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Cause(enum.StrEnum):
    """Why the token was touched."""

    SCHEDULE = "schedule"
    MANUAL = "manual"
    COMMAND = "command"
    FILE = "file"


class Outcome(enum.StrEnum):
    """How an attempt ended.

    ``FOUND``: a newer token lay in the folder. ``UNFIT``: one lay there that Tiger refuses. ``IN_DOUBT``: Tiger may
    have given out a token that never arrived. ``REFUSED``: Tiger refuses the token itself. ``LOST``: it does so after
    an attempt in doubt, so the new one is lost.
    """

    RUNNING = "running"
    REFRESHED = "refreshed"
    FOUND = "found"
    UNFIT = "unfit"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    REFUSED = "refused"
    LOST = "lost"

    @property
    def is_success(self) -> bool:
        """Tell whether there is a good token afterwards."""
        return self in {Outcome.REFRESHED, Outcome.FOUND}

    @property
    def needs_operator(self) -> bool:
        """Tell whether only a new token from Tiger's website helps."""
        return self in {Outcome.REFUSED, Outcome.LOST}


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """A tiger_id, to which a token belongs, with every configured credential of it."""

    tiger_id: str
    credentials: tuple[Credential, ...]

    @property
    def name(self) -> str:
        """Return the name of the (first) credential."""
        return self.credentials[0].name

    @property
    def license(self) -> str:
        """Return Tiger's licence."""
        return self.credentials[0].license

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Return the accounts that the token opens, as configured."""
        return tuple(account for credential in self.credentials for account in credential.accounts)

    @property
    def spokesman(self) -> Account:
        """Return the account in whose name the token is refreshed, a live one where there is one."""
        return next((account for account in self.accounts if account.type == "live"), self.accounts[0])


def get_owners(credentials: Iterable[Credential]) -> dict[str, TokenOwner]:
    """Return the owners by tiger_id, in the order of the credentials."""
    grouped: dict[str, list[Credential]] = {}
    for credential in credentials:
        grouped.setdefault(credential.tiger_id, []).append(credential)
    return {tiger_id: TokenOwner(tiger_id, tuple(group)) for tiger_id, group in grouped.items()}


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """The stored state of one tiger_id's token.

    ``wait_seconds`` runs from the end of the newest attempt, or from when that was changed, until the next one is due;
    ``due_at`` is the same moment by the clock on the wall. ``obtained_by`` is the newest attempt when the token came.
    ``read_at`` is a moment of ``get_elapsed``: what is here was stored then, or came after it. ``sealed`` says when a
    stored token was issued that this gateway cannot open; it has no text. ``under_way_seconds`` is for how long, at
    least, a refresh had been announced when this was read.
    """

    tiger_id: str
    version: int
    token: UserToken | None
    obtained_at: int | None
    obtained_by: int
    attempt: int
    is_refreshing: bool
    failures: int
    refreshed_at: int | None
    wait_seconds: float
    due_at: int | None
    read_at: float
    sealed: UserToken | None = None
    under_way_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to refresh a token: who, why, when, and what came of it; ``code`` is that of our error."""

    tiger_id: str
    number: int
    cause: Cause
    requested_by: str
    holder: str
    started_at: int
    ended_at: int | None
    outcome: Outcome
    code: str | None
    tiger_code: int | None
    message: str | None
    token_expires_at: int | None
