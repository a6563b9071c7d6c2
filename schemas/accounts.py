"""Requests of the account management category."""

from schemas.fields import Request


class TokenRefreshRequest(Request):
    """Refresh the token of the credential behind the account."""
