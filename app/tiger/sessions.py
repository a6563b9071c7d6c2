"""One session for each account: the only way from the gateway to Tiger."""

import json
import logging
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

from tigeropen.common.model import BaseParams
from tigeropen.common.util.account_util import AccountUtil

from app.errors import (
    AccountNotFound,
    GatewayError,
    InternalError,
    TigerCredentialsRejected,
    TigerTokenRejected,
)
from app.settings import Account, Credential, Settings, TigerSettings
from app.tiger import values
from app.tiger.client import Client, SigningFailed, UnexpectedStatus, UnreadableAnswer, WireCall
from app.tiger.codes import get_error
from app.tiger.deadline import Deadline
from app.tiger.domains import Domains
from app.tiger.failures import get_failure, get_status_error, get_unreadable
from app.tiger.methods import METHODS, TOKEN_RENEWAL
from app.tiger.remembered import Remembered
from app.tiger.symbols import get_market
from app.tiger.token_source import FileToken, TokenSource
from app.tiger.transport import Transport, TransportFailure

Observer = Callable[[str, str, float], None]
"""Is told of each call: wire method, "ok" or the code of our error, seconds."""

SUCCESS: Final = 0

_log = logging.getLogger(__name__)


class Connection:
    """Hold what the accounts of one credential share: the signing client, the token, the servers."""

    def __init__(self, credential: Credential, transport: Transport, token: TokenSource) -> None:
        self.credential = credential
        self.client = Client(credential, transport)
        self.token = token
        self.domains = Domains(self.client.configuration, credential.server_url)
        self._lock = threading.Lock()
        self._remembered: dict[Hashable, Remembered[Any]] = {}

    def remembered(self, subject: Hashable) -> Remembered[Any]:
        """Return the one place where this credential keeps an answer about a subject."""
        with self._lock:
            return self._remembered.setdefault(subject, Remembered())


class Session:
    """Call Tiger in the name of one account, signed with the key of its credential."""

    def __init__(self, account: Account, connection: Connection, settings: TigerSettings, observe: Observer) -> None:
        self.account = account
        self.credential = connection.credential
        self._connection = connection
        self._settings = settings
        self._observe = observe
        self._is_paper = bool(AccountUtil.is_paper_account(account.account))

    def read_deadline(self) -> Deadline:
        """Return the deadline of a read that starts now."""
        return Deadline.after(self._settings.read_deadline_seconds)

    def order_deadline(self) -> Deadline:
        """Return the deadline of an order command that starts now."""
        return Deadline.after(self._settings.order_deadline_seconds)

    def find_server(self) -> str:
        """Return the address that this account's requests about accounts and orders go to."""
        return self._connection.domains.servers(self.read_deadline(), is_paper=self._is_paper).trade

    def remembered(self, subject: Hashable) -> Remembered[Any]:
        """Return where the accounts of this credential keep a large answer that changes slowly."""
        return self._connection.remembered(subject)

    def call(self, method: str, params: BaseParams | None, *, deadline: Deadline, command: bool = False) -> Any:
        """Send one request and return the decoded ``data``: NaN and Infinity are None, nested JSON text is decoded.

        ``command`` marks what changes orders: whatever leaves its outcome open is raised with ``in_doubt`` set, and it
        is sent again only where Tiger refused its token, thus did nothing. A read is never in doubt.

        Raises:
            GatewayError: Anything but a success.
        """
        started = time.monotonic()
        outcome = InternalError.code
        try:
            data = self._fetch(method, params, deadline=deadline, command=command)
            outcome = "ok"
        except GatewayError as error:
            outcome = error.code
            self._tell_operator(method, error)
            raise
        finally:
            self._observe(method, outcome, time.monotonic() - started)
        return data

    def _fetch(self, method: str, params: BaseParams | None, *, deadline: Deadline, command: bool) -> Any:
        self._address(method, params)
        token = self._connection.token.current()
        try:
            return self._send(method, params, token, deadline=deadline, command=command)
        except TigerTokenRejected as refusal:
            # The token may have been replaced while the request was on its way. Tiger looks at it before anything
            # else, so what it refused it did not do. The renewal itself has nobody to wait for.
            if refusal.in_doubt or method == TOKEN_RENEWAL:
                raise
            replacement = self._connection.token.fetch_replacement(token, deadline)
            if replacement is None:
                raise
        return self._send(method, params, replacement, deadline=deadline, command=command)

    def _send(
        self, method: str, params: BaseParams | None, token: str | None, *, deadline: Deadline, command: bool
    ) -> Any:
        call = WireCall(
            method,
            params,
            deadline=deadline,
            token=token,
            repeatable=not (command or METHODS[method].changes),
        )
        servers = self._connection.domains.servers(deadline, is_paper=self._is_paper)
        try:
            content = self._connection.client.fetch_content(call, servers.url(METHODS[method].server))
        except TransportFailure as failure:
            raise get_failure(failure, command=command) from failure
        except UnexpectedStatus as status:
            raise get_status_error(status.answer, command=command, market=_market(params)) from None
        except UnreadableAnswer:
            raise get_unreadable(command=command) from None
        except SigningFailed:
            raise TigerCredentialsRejected("The private key of this gateway's credential cannot sign.") from None
        return _data(content, call, command=command, market=_market(params))

    def _address(self, method: str, params: BaseParams | None) -> None:
        """Put the session's account and language into the request.

        Raises:
            InternalError: The request names another account.
        """
        if params is None:
            return
        if params.lang is None:
            params.lang = self._settings.language
        named = getattr(params, "account", None)
        if named is None and METHODS[method].names_account:
            params.account = self.account.account
        elif named is not None and named != self.account.account:
            raise InternalError("A request was about to name another account than its session's.")

    def _tell_operator(self, method: str, error: GatewayError) -> None:
        if isinstance(error, (TigerCredentialsRejected, TigerTokenRejected)):
            _log.error(
                "Tiger refused credential %s at %s with code %s: %s %s",
                self.credential.name,
                method,
                error.tiger_code,
                error.message,
                " ".join(getattr(error, "__notes__", ())),
            )


class Sessions:
    """Hold the sessions of all accounts of this process; nothing is sent until one of them is called."""

    def __init__(
        self,
        settings: Settings,
        credentials: Sequence[Credential],
        *,
        token_source: Callable[[Credential], TokenSource] = lambda credential: FileToken(credential.path),
        observe: Observer = lambda _method, _outcome, _seconds: None,
    ) -> None:
        self._transport = Transport(settings.tiger.connections)
        self._sessions: dict[str, Session] = {}
        for credential in credentials:
            connection = Connection(credential, self._transport, token_source(credential))
            for account in credential.accounts:
                self._sessions[account.account] = Session(account, connection, settings.tiger, observe)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts that can be called for, as configured."""
        return tuple(session.account for session in self._sessions.values())

    def close(self) -> None:
        """Close the idle connections."""
        self._transport.close()

    def session(self, account: str) -> Session:
        """Return the session of an account.

        Raises:
            AccountNotFound: No credential has it.
        """
        try:
            return self._sessions[account]
        except KeyError as error:
            raise AccountNotFound(f"No account {account} is configured.") from error


def _market(params: BaseParams | None) -> str | None:
    """Return the market that a request is about, as far as it says."""
    market = getattr(params, "market", None)
    if isinstance(market, str) and market != "ALL":
        return market
    symbols = getattr(params, "symbols", None) or [getattr(params, "symbol", None)]
    return get_market(symbols[0]) if isinstance(symbols, list) and symbols and isinstance(symbols[0], str) else None


def _data(content: dict[str, Any], call: WireCall, *, command: bool, market: str | None) -> Any:
    code = values.whole(content.get("code"))
    if code is None:
        raise get_unreadable(command=command)
    if code != SUCCESS:
        raise get_error(code, values.text(content.get("message")) or "", command=command, market=market)
    data = content.get("data")
    try:
        if isinstance(data, str) and data:
            data = json.loads(data)
        return _finite(data) if call.has_constants else data
    except (ValueError, RecursionError):
        raise get_unreadable(command=command) from None


def _finite(data: Any) -> Any:
    """Return the same data with None in the place of NaN and Infinity."""
    if isinstance(data, dict):
        return {name: _finite(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_finite(value) for value in data]
    return values.number(data) if isinstance(data, float) else data
