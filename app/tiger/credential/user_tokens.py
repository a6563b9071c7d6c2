"""Renew the user token of a credential, and try one out."""

from typing import Final

from tigeropen.common.consts import service_types as wire
from tigeropen.trade.request.model import AccountsParams

from app.errors import TigerError
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
    data = values.mapping(session.command(TOKEN_RENEWAL, None, deadline))
    token = values.text(data.get("token"))
    if not token:
        raise TigerError("Tiger's answer holds no token.", in_doubt=True)
    return token


def try_token(session: Session, deadline: Deadline, text: str) -> None:
    """Make a small read with a token, whichever is in force.

    Raises:
        TigerTokenRejected: Tiger refuses it.
        GatewayError: It could not be tried.
    """
    session.read(wire.ACCOUNTS, AccountsParams(), deadline, token=text)
