"""What every request for one account uses again: the signing client, the token, the servers, the traffic."""

import threading
from collections.abc import Hashable
from typing import Any

from tigeropen.common.util.account_util import AccountUtil

from app.settings import Account, Credential, TigerSettings
from app.tiger.pipeline.remembered import Remembered
from app.tiger.pipeline.traffic import Traffic
from app.tiger.wire.client import Client
from app.tiger.wire.domains import Domains
from app.tiger.wire.permission_source import PermissionSource
from app.tiger.wire.tiger_clock import TigerClock
from app.tiger.wire.token_source import TokenSource
from app.tiger.wire.transport import Transport


class Connection:
    """Hold what the accounts of one credential share: the signing client, the token, the servers, Tiger's time."""

    def __init__(
        self,
        credential: Credential,
        transports: tuple[Transport, Transport],
        token: TokenSource,
        permission: PermissionSource | None = None,
        device_id: str | None = None,
    ) -> None:
        self.credential = credential
        self.client = Client(credential, *transports, device_id)
        self.token = token
        self.clock = TigerClock()
        self.permission = permission
        self.domains = Domains(self.client.configuration, credential.server_url)
        self._lock = threading.Lock()
        self._remembered: dict[Hashable, Remembered[Any]] = {}

    def remembered(self, subject: Hashable, refresh_seconds: float) -> Remembered[Any]:
        """Return the one place where this credential keeps an answer about a subject."""
        with self._lock:
            return self._remembered.setdefault(subject, Remembered(refresh_seconds))


class Link:
    """Hold what every request for one account uses again."""

    def __init__(
        self, account: Account, connection: Connection, settings: TigerSettings, traffic: Traffic, *, may_delay: bool
    ) -> None:
        """Take whether quotes may be delayed ones where real-time ones are refused."""
        self.account = account
        self.connection = connection
        self.settings = settings
        self.traffic = traffic
        self.may_delay = may_delay
        self.is_paper = bool(AccountUtil.is_paper_account(account.account))
        self.types_shown: set[str] = set()
        self.payer = (connection.credential.name, connection.credential.tiger_id, account.account)
