"""Tell kinds of accounts apart: Tiger answers some questions for prime and paper accounts alone."""

from typing import Final

from app.errors import InvalidRequest
from app.tiger.sessions import Session

GLOBAL_PREFIXES: Final = ("U", "DU", "F", "DF")
"""Ids of legacy global accounts [Java SDK: AccountUtil]; prime ones have five to ten digits, paper ones seventeen."""


def is_global(session: Session) -> bool:
    """Tell whether the account is a legacy global one."""
    return is_global_id(session.account.account)


def is_global_id(account: str | None) -> bool:
    """Tell the same of an account's id."""
    return account is not None and account.startswith(GLOBAL_PREFIXES)


def require_prime(session: Session, subject: str) -> None:
    """Refuse what Tiger has for prime accounts alone; of paper ones, which are made alike, no source says it.

    Raises:
        InvalidRequest: The account is a legacy global one.
    """
    if is_global(session):
        reason = f"Tiger tells {subject} of prime and paper accounts only, and this is a global one: name another."
        raise InvalidRequest.of_fields({"account": [reason]})
