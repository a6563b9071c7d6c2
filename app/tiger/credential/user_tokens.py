"""Renew the user token of a credential, and try one out."""

from collections.abc import Collection
from typing import Final

from tigeropen.common.consts import service_types as wire
from tigeropen.trade.request.model import AccountsParams

from app.errors import TigerError
from app.tiger.call import address, send_call
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.wire import values
from app.tiger.wire.methods import TOKEN_RENEWAL

TOKEN_LICENSES: Final = frozenset({"TBHK"})
"""Licences whose calls must carry a user token (Tiger's documentation of the token file)."""


def fetch_renewed_token(session: Session, deadline: Deadline) -> str:
    """Ask Tiger for a new token and return it as sent; the SDK's own refresh loses tokens and is not used.

    Raises:
        GatewayError: There is none; ``in_doubt`` where Tiger may have replaced the old token all the same.
    """
    # A command, since it is never to be sent twice by itself and its outcome can be in doubt.
    data = values.mapping(session.call(TOKEN_RENEWAL, None, deadline=deadline, command=True))
    token = values.text(data.get("token"))
    if not token:
        raise TigerError("Tiger's answer holds no token.", in_doubt=True)
    return token


class GivenToken:
    """One token, whichever is in force."""

    def __init__(self, text: str) -> None:
        self._text = text

    def current(self) -> str:
        """Return it."""
        return self._text

    def fetch_replacement(self, refused: Collection[str], deadline: Deadline) -> None:  # noqa: ARG002
        """Return None: whether Tiger takes this one is the question."""
        return


def try_token(session: Session, deadline: Deadline, text: str) -> None:
    """Make a small read with a token, whichever is in force.

    Raises:
        TigerTokenRejected: Tiger refuses it.
        GatewayError: It could not be tried.
    """
    params = AccountsParams()
    address(session.link, wire.ACCOUNTS, params)
    tokens = GivenToken(text)
    send_call(session.link, wire.ACCOUNTS, params, deadline=deadline, command=False, is_urgent=False, tokens=tokens)
