"""Answers the wire methods about the developer: licence, token, quotas."""

from collections.abc import Mapping
from typing import Any

from app.simulator.credentials import Credential
from app.simulator.tokens import TokenRegister
from app.simulator.wire import Handler, WireRequest

QUOTAS = {"kline": 2000, "future_kline": 500, "option_kline": 5000}


class Users:
    """Know who has which licence, and how much of the history may be read."""

    def __init__(self, credentials: Mapping[str, Credential], tokens: TokenRegister) -> None:
        self._credentials = credentials
        self._tokens = tokens

    @property
    def methods(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "user_license": self.get_license,
            "user_token_refresh": self.refresh_token,
            "kline_quota": self.get_quotas,
        }

    def get_license(self, request: WireRequest) -> Any:
        """Answer ``user_license``."""
        return {"tigerId": request.tiger_id, "license": self._credentials[request.tiger_id].license}

    def refresh_token(self, request: WireRequest) -> Any:
        """Answer ``user_token_refresh`` with a new token; it is kept before it is told."""
        token = self._tokens.issue(request.tiger_id)
        return {
            "tigerId": token.tiger_id,
            "license": self._credentials[request.tiger_id].license,
            "token": token.token,
            "createTime": token.created_ms,
            "expiredTime": token.expires_ms,
        }

    def get_quotas(self, request: WireRequest) -> Any:  # noqa: ARG002 - a handler's signature.
        """Answer ``kline_quota``: nothing is ever used up."""
        return [
            {"method": method, "used": 0, "remain": quota, "details": [], "symbolDetails": []}
            for method, quota in QUOTAS.items()
        ]
