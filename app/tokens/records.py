"""Whose a token is, and what is stored about it. Times are epoch milliseconds."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.settings import Account, Credential
from app.tokens.user_token import UserToken


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
    def refresh_account(self) -> Account:
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
    """The stored state of one tiger_id's token; as it is by default nobody has looked at it yet.

    ``previous`` is the token before, kept until this one has proved good. ``obtained_by`` is the newest attempt when
    the token came. ``wait_seconds`` runs from the end of the newest attempt, or from when that was changed, until the
    next one is due; ``due_at`` is the same moment by the clock on the wall. ``read_at`` is a moment of ``get_elapsed``:
    what is here was stored then, or came after it. ``under_way_seconds`` is for how long, at least, a refresh had been
    announced when this was read. ``is_foreign`` says that the stored token is encrypted with an unknown secret.
    """

    tiger_id: str
    version: int = 0
    token: UserToken | None = None
    obtained_at: int | None = None
    obtained_by: int = 0
    attempt: int = 0
    is_refreshing: bool = False
    failures: int = 0
    refreshed_at: int | None = None
    wait_seconds: float = 0.0
    due_at: int | None = None
    read_at: float = float("-inf")
    previous: UserToken | None = None
    under_way_seconds: float = 0.0
    is_foreign: bool = False

    @property
    def is_stored(self) -> bool:
        """Return whether there is anything in the database."""
        return self.read_at > float("-inf")
