"""Requests of the account management category."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenRefreshRequest:
    """Refresh the token of the credential behind the account."""
