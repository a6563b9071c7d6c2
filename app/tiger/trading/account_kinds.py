"""Tell kinds of accounts apart: Tiger answers some questions for prime and paper accounts alone."""

from typing import Final

from app.errors import InvalidRequest
from app.tiger.sessions import Session

GLOBAL_PREFIX: Final = "U"
"""Ids of legacy global accounts begin with it; prime ones have five to ten digits, paper ones seventeen [docs]."""


def is_global(session: Session) -> bool:
    """Tell whether the account is a legacy global one."""
    return session.account.account.startswith(GLOBAL_PREFIX)


def require_prime(session: Session, subject: str) -> None:
    """Refuse what Tiger has for prime accounts alone; of paper ones, which are made alike, no source says it.

    Raises:
        InvalidRequest: The account is a legacy global one.
    """
    if is_global(session):
        reason = f"Tiger tells {subject} of prime and paper accounts only, and this is a global one: name another."
        raise InvalidRequest.of_fields({"account": [reason]})
