"""One session for each account: the only way from the gateway to Tiger."""

import json
import logging
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

from tigeropen.common.consts.service_types import PLACE_ORDER
from tigeropen.common.model import BaseParams
from tigeropen.common.util.account_util import AccountUtil

from app.errors import (
    AccountNotFound,
    GatewayError,
    InternalError,
    TigerCredentialsRejected,
    TigerTokenRejected,
)
from app.settings import Account, CacheSettings, Credential, Settings, TigerSettings
from app.tiger import values
from app.tiger.asked import get_asked_market
from app.tiger.client import Client, SigningFailed, UnexpectedStatus, UnreadableAnswer, WireCall
from app.tiger.codes import get_error
from app.tiger.deadline import Deadline
from app.tiger.domains import Domains
from app.tiger.failures import get_failure, get_status_error, get_unreadable
from app.tiger.flow.budget import Ledger
from app.tiger.flow.limits import SCARCE
from app.tiger.flow.quote_board import KIND as QUOTE_KIND
from app.tiger.flow.quote_board import Fetch, Noted, call_in_parts
from app.tiger.flow.shelf import Shelf, fetch_shared
from app.tiger.flow.traffic import Traffic
from app.tiger.flow.watch import Watch
from app.tiger.methods import METHODS, TOKEN_RENEWAL
from app.tiger.remembered import Remembered
from app.tiger.symbols import get_market
from app.tiger.token_source import FileToken, TokenSource
from app.tiger.transport import Transport, TransportFailure

SUCCESS: Final = 0
ORDERS_SHARE: Final = 4
"""Order commands have connections of their own: one for so many of the reads'."""

_log = logging.getLogger(__name__)


class Connection:
    """Hold what the accounts of one credential share: the signing client, the token, the servers."""

    def __init__(self, credential: Credential, transports: tuple[Transport, Transport], token: TokenSource) -> None:
        self.credential = credential
        self.client = Client(credential, *transports)
        self.token = token
        self.domains = Domains(self.client.configuration, credential.server_url)
        self._lock = threading.Lock()
        self._remembered: dict[Hashable, Remembered[Any]] = {}

    def remembered(self, subject: Hashable, refresh_seconds: float) -> Remembered[Any]:
        """Return the one place where this credential keeps an answer about a subject."""
        with self._lock:
            return self._remembered.setdefault(subject, Remembered(refresh_seconds))


class Link:
    """Hold what every request for one account uses again."""

    def __init__(self, account: Account, connection: Connection, settings: TigerSettings, traffic: Traffic) -> None:
        self.account = account
        self.connection = connection
        self.settings = settings
        self.traffic = traffic
        self.is_paper = bool(AccountUtil.is_paper_account(account.account))
        self.payer = (connection.credential.name, connection.credential.tiger_id)


class Session:
    """Call Tiger in the name of one account, signed with the key of its credential, for one request.

    ``age_seconds`` tells afterwards how old the oldest answer was that came from a cache, None where none did.
    """

    __slots__ = ("_asked_at", "_link", "_opened_at", "account", "age_seconds", "credential", "wants_fresh")

    def __init__(self, link: Link, *, wants_fresh: bool = False, asked_at: float | None = None) -> None:
        self._link = link
        self._asked_at = asked_at
        self._opened_at = time.monotonic()
        self.account = link.account
        self.credential = link.connection.credential
        self.wants_fresh = wants_fresh
        self.age_seconds: float | None = None

    @property
    def link(self) -> Link:
        """Return what all sessions of the account share."""
        return self._link

    def read_deadline(self) -> Deadline:
        """Return the deadline of a read: from when it was asked for, where that is known, else from now."""
        return Deadline.after(self._link.settings.read_deadline_seconds, since=self._asked_at)

    def order_deadline(self) -> Deadline:
        """Return the deadline of an order command, from when it was asked for or from now."""
        return Deadline.after(self._link.settings.order_deadline_seconds, since=self._asked_at, is_urgent=True)

    def lookup_deadline(self) -> Deadline:
        """Return the deadline of a lookup of an order in doubt, with the share that is held back for those."""
        return self.read_deadline().for_lookup()

    def find_server(self) -> str:
        """Return the address that this account's requests about accounts and orders go to."""
        return self._link.connection.domains.servers(self.read_deadline(), is_paper=self._link.is_paper).trade

    def remembered(self, subject: Hashable, refresh_seconds: float | None = None) -> Remembered[Any]:
        """Return where the accounts of this credential keep a large answer that changes slowly."""
        return self._link.connection.remembered(subject, refresh_seconds or self.kept_seconds.names_seconds / 2)

    @property
    def kept_seconds(self) -> CacheSettings:
        """Return how long answers are kept."""
        return self._link.traffic.settings

    def cached(
        self,
        kind: str,
        seconds: float,
        key: tuple[Hashable, ...],
        fetch: Callable[[], Any],
        deadline: Deadline,
        *,
        is_shared: bool = False,
    ) -> Any:
        """Return a JSON value that is kept for so long, for every account of the credential.

        ``is_shared`` is for what Tiger gives a few times a minute: all workers then use what one of them fetched.

        Raises:
            GatewayError: As ``fetch`` does, or the one of an identical call that was shared.
        """
        traffic = self._link.traffic
        full_key = (kind, self.credential.tiger_id, *key)
        kept = None if self.wants_fresh else traffic.answers.get(full_key, seconds)
        if kept is not None:
            traffic.watch.cached(kind, "hit")
            self.note_age(kept.begun_at)
            return kept.value
        shelf = traffic.shelf if is_shared and seconds > 0 else None

        def ask() -> tuple[Any, float]:
            begun_at = time.monotonic()
            most_seconds = 0.0 if self.wants_fresh else seconds
            value, age = fetch_shared(shelf, "/".join(map(str, full_key)), most_seconds, fetch, deadline)
            traffic.watch.cached(kind, "shared" if age else "miss")
            if seconds > 0:
                traffic.answers.keep(full_key, value, begun_at - age)
            return value, begun_at - age

        with traffic.bulkhead.entered(is_urgent=deadline.is_urgent):
            value, begun_at = traffic.share(full_key, kind, ask, deadline, behind=self.wants_fresh)
        self.note_age(begun_at)
        return value

    def fetch_shared(self, key: tuple[str, ...], fetch: Callable[[], Any], deadline: Deadline) -> Any:
        """Return a large JSON value that changes slowly, fetched by one of all workers.

        It is half as old as it may be at most, so that one who keeps it for as long again stays within that.

        Raises:
            GatewayError: As ``fetch`` does.
        """
        name = "/".join((self.credential.tiger_id, *key))
        seconds = self.kept_seconds.names_seconds / 2
        return fetch_shared(self._link.traffic.shelf, name, seconds, fetch, deadline)[0]

    def quotes(self, symbols: Sequence[str], fetch: Fetch, deadline: Deadline | None = None) -> dict[str, Noted]:
        """Return what is known of some symbols, from the boards of their markets.

        Raises:
            GatewayError: What is not known could not be fetched.
        """
        traffic = self._link.traffic
        known: dict[str, Noted] = {}
        if not self.wants_fresh:
            for symbol in symbols:
                noted = traffic.get_board(self.credential.tiger_id, get_market(symbol)).get(symbol)
                if noted is not None:
                    known[symbol] = noted
        if len(known) < len(symbols):
            known.update(self._fetch_quotes([symbol for symbol in symbols if symbol not in known], fetch, deadline))
        else:
            traffic.watch.cached(QUOTE_KIND, "hit")
        for noted in known.values():
            self.note_age(noted.begun_at)
        return known

    def note_age(self, begun_at: float) -> None:
        """Take that a part of the answer is from a call that began then (monotonic seconds)."""
        if begun_at < self._opened_at:
            self.age_seconds = max(self.age_seconds or 0.0, time.monotonic() - begun_at)

    def _fetch_quotes(self, symbols: list[str], fetch: Fetch, deadline: Deadline | None) -> dict[str, Noted]:
        traffic = self._link.traffic
        deadline = deadline or self.read_deadline()
        known: dict[str, Noted] = {}
        traffic.watch.cached(QUOTE_KIND, "miss")
        with traffic.bulkhead.entered(is_urgent=deadline.is_urgent):
            if not traffic.settings.coalesce:
                return call_in_parts(symbols, fetch, deadline)
            for market in dict.fromkeys(map(get_market, symbols)):
                wanted = [symbol for symbol in symbols if get_market(symbol) == market]
                board = traffic.get_board(self.credential.tiger_id, market)
                known.update(board.fetch(wanted, fetch, deadline, fresh=self.wants_fresh))
        return known

    def call(self, method: str, params: BaseParams | None, *, deadline: Deadline, command: bool = False) -> Any:
        """Send one request and return the decoded ``data``: NaN and Infinity are None, nested JSON text is decoded.

        ``command`` marks what changes orders: whatever leaves its outcome open is raised with ``in_doubt`` set, and it
        is sent again only where Tiger refused its token, thus did nothing. A read is never in doubt; identical reads
        share a call, those about orders, positions and balances only one that began after they were asked.

        Raises:
            GatewayError: Anything but a success.
        """
        traffic = self._link.traffic
        described = METHODS[method]
        is_command = command or described.changes
        is_urgent = is_command or deadline.is_urgent
        self._address(method, params)

        def read() -> Any:
            return self._call(method, params, deadline=deadline, command=command, is_urgent=is_urgent)

        with traffic.bulkhead.entered(is_urgent=is_urgent):
            if is_urgent:
                return read()
            if not traffic.settings.coalesce:
                return read()
            key = (self.credential.tiger_id, method, _get_key(params))
            return traffic.share(key, method, read, deadline, behind=described.follows_orders or self.wants_fresh)

    def _call(
        self, method: str, params: BaseParams | None, *, deadline: Deadline, command: bool, is_urgent: bool
    ) -> Any:
        traffic = self._link.traffic
        started = time.monotonic()
        outcome = InternalError.code
        try:
            data = self._fetch(
                method,
                lambda token: traffic.send(
                    self._link.payer,
                    method,
                    lambda: self._send(method, params, token, deadline=deadline, command=command),
                    deadline,
                    is_urgent=is_urgent,
                    may_repeat=not is_urgent and method not in SCARCE,
                ),
                deadline,
            )
            outcome = "ok"
        except GatewayError as error:
            outcome = error.code
            self._tell_operator(method, error)
            raise
        finally:
            traffic.watch.called(method, outcome, time.monotonic() - started)
        return data

    def _fetch(self, method: str, send: Callable[[str | None], Any], deadline: Deadline) -> Any:
        """Send with the token; once more, as a call that counts like any other, where that was replaced meanwhile."""
        token = self._link.connection.token.current()
        try:
            return send(token)
        except TigerTokenRejected as refusal:
            # The token may have been replaced while the request was on its way. Tiger looks at it before anything
            # else, so what it refused it did not do. The renewal itself has nobody to wait for.
            if refusal.in_doubt or method == TOKEN_RENEWAL:
                raise
            replacement = self._link.connection.token.fetch_replacement(token, deadline)
            if replacement is None:
                raise
        return send(replacement)

    def _send(
        self, method: str, params: BaseParams | None, token: str | None, *, deadline: Deadline, command: bool
    ) -> Any:
        call = WireCall(
            method,
            params,
            deadline=deadline,
            token=token,
            repeatable=not (command or METHODS[method].changes),
            is_urgent=command or deadline.is_urgent,
            places=method == PLACE_ORDER,
        )
        servers = self._link.connection.domains.servers(deadline, is_paper=self._link.is_paper)
        try:
            content = self._link.connection.client.fetch_content(call, servers.url(METHODS[method].server))
        except TransportFailure as failure:
            raise get_failure(failure, command=command) from failure
        except UnexpectedStatus as status:
            market = get_asked_market(params)
            raise get_status_error(status.answer, command=command, market=market, places=call.places) from None
        except UnreadableAnswer:
            raise get_unreadable(command=command) from None
        except SigningFailed:
            raise TigerCredentialsRejected("The private key of this gateway's credential cannot sign.") from None
        return _data(content, call, params, command=command)

    def _address(self, method: str, params: BaseParams | None) -> None:
        """Put the session's account and language into the request.

        Raises:
            InternalError: The request names another account.
        """
        if params is None:
            return
        if params.lang is None:
            params.lang = self._link.settings.language
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
    """Hold what the sessions of all accounts of this process share; nothing is sent until one of them calls."""

    def __init__(
        self,
        settings: Settings,
        credentials: Sequence[Credential],
        *,
        token_source: Callable[[Credential], TokenSource] = lambda credential: FileToken(credential.path),
        ledger: Ledger | None = None,
        shelf: Shelf | None = None,
        watch: Watch | None = None,
        threads: int | None = None,
    ) -> None:
        """Take what counts the calls and keeps answers for all workers; without them this process is on its own."""
        self._transports = (
            Transport(settings.tiger.connections),
            Transport(max(2, settings.tiger.connections // ORDERS_SHARE)),
        )
        self.traffic = Traffic(
            settings.cache,
            settings.budget,
            threads=threads or settings.gateway.threads,
            ledger=ledger,
            shelf=shelf,
            watch=watch,
        )
        self._links: dict[str, Link] = {}
        for credential in credentials:
            connection = Connection(credential, self._transports, token_source(credential))
            for account in credential.accounts:
                self._links[account.account] = Link(account, connection, settings.tiger, self.traffic)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts that can be called for, as configured."""
        return tuple(link.account for link in self._links.values())

    def close(self) -> None:
        """Close the idle connections, and give back what was leased of the budget."""
        self.traffic.close()
        for transport in self._transports:
            transport.close()

    def session(self, account: str, *, wants_fresh: bool = False, asked_at: float | None = None) -> Session:
        """Return a session of an account, for one request; ``wants_fresh`` passes by what is kept.

        ``asked_at`` is when the request arrived (monotonic seconds): its deadlines count from then.

        Raises:
            AccountNotFound: No credential has it.
        """
        try:
            return Session(self._links[account], wants_fresh=wants_fresh, asked_at=asked_at)
        except KeyError as error:
            raise AccountNotFound(f"No account {account} is configured.") from error


def _get_key(params: BaseParams | None) -> str:
    """Return what a request asks for, alike for requests that ask the same."""
    if params is None:
        return ""
    content = params.to_openapi_dict()
    return json.dumps([content, getattr(params, "version", None)], sort_keys=True, default=str)


def _data(content: dict[str, Any], call: WireCall, params: BaseParams | None, *, command: bool) -> Any:
    code = values.whole(content.get("code"))
    if code is None:
        raise get_unreadable(command=command)
    if code != SUCCESS:
        text, market = values.text(content.get("message")) or "", get_asked_market(params)
        raise get_error(code, text, command=command, market=market, places=call.places)
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
