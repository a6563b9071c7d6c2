"""See whether Tiger answers again where every call of a credential failed, and nobody calls until it does."""

import contextlib
import threading
import time
from typing import Final

from tigeropen.common.consts import service_types as wire
from tigeropen.trade.request.model import AccountsParams

from app.errors import GatewayError
from app.tiger.sessions import Session, Sessions

AGAIN_SECONDS: Final = 10.0


def check_reach(sessions: Sessions) -> None:
    """Begin a small read for each such credential, unless one of its calls failed just now; what it comes to counts."""
    for name in sessions.pipeline.outages:
        reach = sessions.pipeline.get_reach(name)
        if time.monotonic() - reach.tried_at >= AGAIN_SECONDS:
            reach.tried_at = time.monotonic()
            account = next(account.account for account in sessions.accounts if account.credential == name)
            threading.Thread(target=_read, args=[sessions.session(account)], name=f"reach-{name}", daemon=True).start()


def _read(session: Session) -> None:
    with contextlib.suppress(GatewayError):
        session.read(wire.ACCOUNTS, AccountsParams(), session.read_deadline())
