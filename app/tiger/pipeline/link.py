"""What every request for one account uses again: the signing client, the token, the servers, the pipeline."""

import hashlib
import json
import threading
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import QUOTE_REAL_TIME
from tigeropen.common.util.account_util import AccountUtil

from app.errors import GatewayError, TooBusy
from app.settings import Account, Credential, TigerSettings
from app.tiger.pipeline.bar_batches import BARS
from app.tiger.pipeline.breaker import Breaker, says_down
from app.tiger.pipeline.call import Call
from app.tiger.pipeline.pipeline import Pipeline
from app.tiger.pipeline.quote_batches import Noted, get_board_terms
from app.tiger.pipeline.quote_board import QuoteBoard
from app.tiger.pipeline.refreshing_value import RefreshingValue
from app.tiger.wire.asked import get_key
from app.tiger.wire.client import Client
from app.tiger.wire.domains import Domains
from app.tiger.wire.permission_source import PermissionSource
from app.tiger.wire.tiger_clock import TigerClock
from app.tiger.wire.token_source import TokenSource
from app.tiger.wire.transport import Transport

PLAIN_QUOTES: Final = f"{QUOTE_REAL_TIME}/"


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
        self._refreshing: dict[Hashable, RefreshingValue[Any]] = {}

    def get_refreshing(self, subject: Hashable, refresh_seconds: float) -> RefreshingValue[Any]:
        """Return the one place where this credential keeps an answer about a subject."""
        with self._lock:
            return self._refreshing.setdefault(subject, RefreshingValue(refresh_seconds))


class Link:
    """Hold what every request for one account uses again."""

    def __init__(
        self, account: Account, connection: Connection, settings: TigerSettings, pipeline: Pipeline, *, may_delay: bool
    ) -> None:
        """Take whether quotes may be delayed ones where real-time ones are refused."""
        self.account = account
        self.connection = connection
        self.settings = settings
        self.pipeline = pipeline
        self.may_delay = may_delay
        self.is_paper = bool(AccountUtil.is_paper_account(account.account))
        self.types_shown: set[str] = set()
        self.quota_owner = (connection.credential.tiger_id, account.account)

    def get_circuit(self, call: Call) -> Breaker:
        """Return the circuit of a call's method; what is done for orders has circuits of its own."""
        return self.pipeline.get_circuit(self.connection.credential.name, call.method, is_urgent=call.is_urgent)

    def record(self, call: Call, error: GatewayError | None) -> None:
        """Take how a call ended for which Tiger was to be asked."""
        if not isinstance(error, TooBusy):
            failure = error if error is not None and says_down(error) else None
            self.get_circuit(call).record(failure)
            self.pipeline.get_reach(self.connection.credential.name).record(failure)

    def get_clearance(self, call: Call) -> Callable[[], None] | None:
        """Return what is to be asked right before a call is sent, or None."""
        clearance = self.pipeline.clearance
        if clearance is None or not call.described.trades:
            return None
        return partial(clearance, self.account.account, call.is_reducing)

    def get_url(self, call: Call) -> str:
        """Return the address that a call goes to."""
        servers = self.connection.domains.servers(call.deadline, is_paper=self.is_paper)
        return servers.url(call.described.server)

    def get_board(self, call: Call) -> QuoteBoard:
        """Return where what a call asks for is noted: by its kind, of its market, as the credential sees it."""
        tiger_id, terms = self.connection.credential.tiger_id, get_board_terms(call)
        subject, counted_as, most_names, _ = terms
        if counted_as == BARS:
            return self.pipeline.get_bar_board(tiger_id, subject, most_names, self.connection.clock.now_ms)
        return self.pipeline.get_board(tiger_id, *terms)

    def find_pushed(self, call: Call, symbols: Sequence[str]) -> dict[str, Noted]:
        """Return those of the quotes that a call asks for which Tiger pushes now; only plain ones of stocks are."""
        find = self.pipeline.find_pushed
        if find is None or not get_board_terms(call)[0].startswith(PLAIN_QUOTES):
            return {}
        tiger_id = self.connection.credential.tiger_id
        found = ((symbol, find(tiger_id, symbol)) for symbol in symbols)
        return {symbol: noted for symbol, noted in found if noted is not None}

    def get_key(self, call: Call) -> tuple[Hashable, ...]:
        """Return by what an answer is kept and shared: its kind, whose it is, and what was asked for."""
        kind = call.kind
        owner = self.account.account if kind is not None and kind.scope == "account" else ""
        asked = call.key if call.key is not None else (call.method, get_key(call.params))
        return (kind.name if kind else "", self.connection.credential.tiger_id, owner, *asked)

    def get_shared_key(self, call: Call) -> str:
        """Return the same as a name that is short, whatever was asked for."""
        kind, tiger_id, *asked = self.get_key(call)
        digest = hashlib.sha256(json.dumps(asked, default=str).encode()).hexdigest()[:32]
        return f"{kind}/{tiger_id}/{digest}"
