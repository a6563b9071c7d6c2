"""What lies in the folders of a tiger_id: several credentials may share one, each with a folder of its own."""

from collections.abc import Iterable

from app.tiger.credential.user_tokens import TOKEN_LICENSES
from app.tokens.record import TokenOwner
from app.tokens.token_file import read_token_file, why_unreadable
from app.tokens.user_token import UserToken


def uses_token(owner: TokenOwner) -> bool:
    """Tell whether the calls of this owner carry a token: its licence asks for one, or somebody put one there."""
    return owner.license in TOKEN_LICENSES or get_newest_in_files(owner) is not None


def get_newest_in_files(owner: TokenOwner) -> UserToken | None:
    """Return the latest token that lies in a folder of this owner, or None where there is none."""
    return get_newest(get_tokens_in_files(owner))


def get_tokens_in_files(owner: TokenOwner) -> list[UserToken]:
    """Return the tokens that lie in the folders of this owner."""
    found = (read_token_file(credential.path) for credential in owner.credentials)
    return [token for token in found if token is not None]


def find_obstacle(owner: TokenOwner) -> str | None:
    """Return why a file in a folder of this owner cannot be read, or None where none stands in the way."""
    return next(filter(None, (why_unreadable(credential.path) for credential in owner.credentials)), None)


def get_newest(found: Iterable[UserToken]) -> UserToken | None:
    """Return the latest of some tokens, or None where there is none."""
    newest: UserToken | None = None
    for token in found:
        if token.is_newer_than(newest):
            newest = token
    return newest
