"""One session for each account: the only way from the gateway to Tiger."""

from collections.abc import Sequence
from typing import Any

from tigeropen.common.model import BaseParams

from app.settings import Account, Credential, Settings
from app.tiger.deadline import Deadline


class Session:
    """Call Tiger in the name of one account, signed with the key of its credential."""

    account: Account
    credential: Credential

    def read_deadline(self) -> Deadline:
        """Return the deadline of a read that starts now."""
        raise NotImplementedError

    def order_deadline(self) -> Deadline:
        """Return the deadline of an order command that starts now."""
        raise NotImplementedError

    def call(self, method: str, params: BaseParams | None, *, deadline: Deadline, command: bool = False) -> Any:
        """Send one request and return the decoded ``data``.

        ``command`` marks what changes orders: whatever leaves its outcome open is raised with ``in_doubt`` set, and it
        is never sent twice.

        Raises:
            GatewayError: Anything but a success.
        """
        raise NotImplementedError


class Sessions:
    """Hold the sessions of all accounts of this process."""

    def __init__(self, settings: Settings, credentials: Sequence[Credential]) -> None:
        raise NotImplementedError

    def session(self, account: str) -> Session:
        """Return the session of an account.

        Raises:
            AccountNotFound: No credential has it.
        """
        raise NotImplementedError
