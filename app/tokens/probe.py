"""Probe a token: does Tiger take a small call with it?"""

import time

from app.errors import GatewayError, TigerTokenRejected
from app.tiger.credential.user_tokens import try_token
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tokens.user_token import UserToken

PROBE_SECONDS = 2.0
PAUSE_SECONDS = 0.4
OLD_PROBE_SECONDS = 0.8
LONGEST_SECONDS = PROBE_SECONDS + OLD_PROBE_SECONDS
"""That of a new token and, where Tiger refuses it, of the old one."""


def is_taken(session: Session, token: UserToken, seconds: float = PROBE_SECONDS, *, tries_again: bool = True) -> bool:
    """Return whether Tiger takes a token; False says that it could not be tried in this time.

    Raises:
        TigerTokenRejected: Tiger refused it, again and again where that is wanted: it may take a moment until all its
            servers know a new one.
    """
    deadline = Deadline.after(seconds)
    while True:
        try:
            try_token(session, deadline, token.text)
        except TigerTokenRejected:
            if not tries_again or deadline.remaining() <= PAUSE_SECONDS:
                raise
            time.sleep(PAUSE_SECONDS)
        except GatewayError:
            return False
        else:
            return True


def is_taken_at_once(session: Session, token: UserToken) -> bool:
    """Return whether Tiger takes a token, beyond doubt and without another try."""
    try:
        return is_taken(session, token, OLD_PROBE_SECONDS, tries_again=False)
    except TigerTokenRejected:
        return False
