"""One gateway: what its requests share. Two may live in one process; they share nothing."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask

from app.access.authentication import Authenticate, KeyAuthentication
from app.access.client_limits import open_limits
from app.access.demo_keys import DEMO_KEYS
from app.access.digests import load_secrets
from app.access.key_guessing import RefusedKeys
from app.access.keys import ApiKeys
from app.audit.audit import LINK_SECONDS, open_audit
from app.config.private_files import prepare_instance
from app.entitlements.bought_limits import LOOK_SECONDS as ENTITLEMENTS_SECONDS
from app.entitlements.bought_limits import BoughtLimits
from app.events.account_events import LOOK_SECONDS as EVENTS_SECONDS
from app.events.account_events import AccountEvents
from app.leadership import Job, Leadership, Term
from app.leadership.lease import Lease
from app.operations.metrics import Metrics
from app.operations.metrics.observers import observe_calls, observe_push
from app.orders.databases import open_databases
from app.orders.journal_stats import JournalStats
from app.orders.reconciler import Reconciler
from app.orders.recording import Recording
from app.orders.service import OrderService
from app.push import PushHub
from app.quote_feed import LiveQuotes
from app.quote_permission.permission import LOOK_SECONDS, QuotePermission, open_permissions
from app.quote_permission.record import make_device_id
from app.risk.confirmations import Confirmations
from app.risk.gates import Gates
from app.risk.halt_cancellations import HaltCancellations
from app.risk.halt_watch import HaltWatch
from app.risk.halting import Halting
from app.risk.halts import Halts
from app.risk.limiting import PURGE_SECONDS, open_limiting
from app.risk.rules import Rules
from app.server.simulator_process import SimulatorProcess
from app.settings import Credential, Mode, Settings
from app.shared.answers import SharedAnswers
from app.shared.call_counter import CallCounter
from app.storage.condition import Trouble
from app.streams.open_streams import OpenStreams
from app.streams.tickets import Tickets
from app.tiger.sessions import Session, Sessions
from app.tokens.refresh_job import TICK_SECONDS
from app.tokens.tokens import Tokens

EXTENSION = "tiger_rest"
HALTS_SECONDS = 1.0
PUSH_SECONDS = 1.0
"""How soon the job is begun again should it end within its term."""


@dataclass(frozen=True, slots=True)
class _Connection:
    """What there is once it is known which credentials are in force."""

    credentials: tuple[Credential, ...]
    tokens: Tokens
    quote_permissions: Mapping[str, QuotePermission]
    bought_limits: tuple[BoughtLimits, ...]
    push: PushHub
    sessions: Sessions


class Gateway:
    """The parts of one gateway, built once for each process."""

    def __init__(self, settings: Settings, authenticate: Authenticate | None = None) -> None:
        """Open the database, bring it up to date, and make ready what the settings describe.

        Raises:
            ConfigurationError: The database was written by a newer release, or the instance folder cannot be written.
            StorageUnavailable: The database does not answer.
        """
        prepare_instance(settings.instance)
        self.settings = settings
        self.storage, self._swift_storage = open_databases(settings)
        self.call_counter = CallCounter(self._swift_storage)
        self.metrics = Metrics(settings.instance / "metrics" if settings.metrics.enabled else None)
        self.secrets = secret, *older = load_secrets(settings)
        # Of the oldest: to Tiger this is the same device for as long as that one counts.
        self.device_id = settings.tiger.device_id or make_device_id(self.secrets[-1])
        counted = {"written": self.metrics.count_audit_row, "found": self.metrics.count_audit_fault}
        self.audit = open_audit(settings, self.storage, self.secrets, **counted)
        self.trail = self.audit.trail
        fixed = DEMO_KEYS if self.mode == "simulator" else {}
        self.keys = ApiKeys(self.storage, secret, fixed, *older, trail=self.trail)
        self.authenticate = authenticate or KeyAuthentication(self.keys, RefusedKeys(settings.instance, secret))
        has_keys = isinstance(self.authenticate, KeyAuthentication)
        self.open_streams = OpenStreams(
            self.keys.find_valid if has_keys else None,
            settings.gateway.threads,
            self.metrics.set_streams,
            self.metrics.count_stream_end,
        )
        self.live_quotes = LiveQuotes(settings, self.secrets[-1], self.metrics.observe_quote_lag)
        self.limits = open_limits(settings.limits)
        halts, self.confirmations = Halts(self.storage, self.trail), Confirmations(self.storage, self.trail)
        self._halt_watch = HaltWatch(halts)
        rules = Rules(halts, self._halt_watch, self.confirmations, self.metrics.count_guarded)
        count_refusal = self.metrics.count_limit_refusal
        self.limiting = open_limiting(settings, self.storage, lambda: self.tiger, self.trail, count_refusal)
        self.tickets = Tickets(self.storage, secret)
        self.account_events = AccountEvents(settings, self.storage, self.metrics, self._get_session)
        gate, witnesses = Gates(rules, self.limiting.rules), (self.account_events.witness, self.limiting.rules)
        recording = Recording(self.trail)
        self.orders = OrderService(settings, self.storage, gate=gate, witnesses=witnesses, recording=recording)
        self._halt_cancellations = HaltCancellations(halts, self.orders, lambda: self.tiger)
        self.halting = Halting(halts, self._halt_cancellations)
        self.account_streams = self.account_events.serve(self.orders)
        self.journal_stats = JournalStats(self.storage)
        self.leadership = Leadership(self.storage, settings.leadership)
        self._add_jobs()
        self._threads = settings.gateway.threads
        self._connection: _Connection | None = None
        self._connecting = threading.Lock()
        if self.mode == "live":
            self._connection = self._connect(settings.credentials)

    @property
    def mode(self) -> Mode:
        """Return whether Tiger or the simulator is at the other end."""
        return self.settings.mode

    @property
    def tiger(self) -> Sessions:
        """Return the sessions with Tiger; in simulator mode the first use makes sure that the simulator runs."""
        return self._connected.sessions

    @property
    def tokens(self) -> Tokens:
        """Return the tokens of the credentials in force."""
        return self._connected.tokens

    @property
    def quote_permissions(self) -> Mapping[str, QuotePermission]:
        """Return the permission of each tiger_id of the credentials in force."""
        return self._connected.quote_permissions

    @property
    def push(self) -> PushHub:
        """Return what Tiger pushes, and who wants it."""
        return self._connected.push

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """Return the credentials in force: the simulator's where none are configured."""
        return self._connected.credentials

    @property
    def needs_attention(self) -> bool:
        """Return whether something will need an operator before long, as far as is known without looking."""
        if self.storage.condition.trouble is not None:
            return True
        connection = self._connection
        return connection is not None and bool(connection.sessions.pipeline.outages or connection.tokens.known_problems)

    def find_storage_trouble(self) -> Trouble | None:
        """Return why nothing can be written to the database, or None; it may have to be tried for that."""
        return self.storage.condition.look(Lease(self._swift_storage).touch)

    def serve_with(self, threads: int) -> None:
        """Take how many threads really serve in this process; some of them are kept from reads that hang."""
        self._threads = threads
        self.open_streams.resize(threads)
        if self._connection is not None:
            self._connection.sessions.pipeline.bulkhead.resize(threads)

    def start(self) -> None:
        """Count, and stand for the election of the worker that does scheduled work; calling it again costs nothing."""
        self.metrics.open()
        self.live_quotes.start()
        self.leadership.start()

    def retire(self) -> None:
        """Begin nothing that must not be cut short: this process was asked to end, and has only so much time for it.

        It may be called from a signal handler.
        """
        if self._connection is not None:
            self._connection.tokens.retire()

    def close(self) -> None:
        """Let go of what this process holds, the lease included."""
        self.open_streams.close()
        self.account_events.close()
        self.live_quotes.close()
        self.leadership.stop()
        if self._connection is not None:
            self._connection.tokens.close()
            self._connection.sessions.close()
        self._swift_storage.close()
        self.storage.close()
        self.metrics.close()

    def forget_connections(self) -> None:
        """Drop connections that were opened before a fork, without closing what the parent still uses."""
        self.storage.forget_connections()
        self._swift_storage.forget_connections()

    @property
    def _connected(self) -> _Connection:
        if self._connection is None:
            with self._connecting:
                if self._connection is None:
                    self._connection = self._connect(SimulatorProcess(self.settings).start())
        return self._connection

    def _connect(self, credentials: tuple[Credential, ...]) -> _Connection:
        settings, storage, leadership = self.settings, self.storage, self.leadership
        device_id = self.device_id
        tokens = Tokens(settings, credentials, storage, self.secrets, leadership, self._get_session, self.trail)
        permissions = open_permissions(settings.quotes, credentials, storage, device_id, leadership, self._get_session)
        answers = SharedAnswers(self._swift_storage)
        sessions = Sessions(
            settings,
            credentials,
            token_source=tokens.get_source,
            permission_source=lambda credential: permissions[credential.tiger_id],
            device_id=device_id,
            counter=self.call_counter,
            shared_cache=answers,
            observer=observe_calls(self.metrics),
            clearance=self._halt_watch,
            threads=self._threads,
        )
        owners = {credential.tiger_id: credential for credential in reversed(credentials)}
        bought = tuple(BoughtLimits(owner, sessions, answers, self.call_counter) for owner in owners.values())
        push = PushHub(settings.push, credentials, storage, sessions.get_domains, observe_push(self.metrics))
        self.account_events.listen(push)
        self.live_quotes.connect(credentials, sessions, push)
        return _Connection(credentials, tokens, permissions, bought, push, sessions)

    def _get_session(self, account: str) -> Session:
        return self.tiger.session(account)

    def _add_jobs(self) -> None:
        settings = self.settings
        reconciler = Reconciler(self.orders.context, lambda: self.tiger)
        self.leadership.add_job(Job("orders", settings.orders.reconcile_seconds, reconciler.run))
        self.leadership.add_job(Job("halts", HALTS_SECONDS, self._halt_cancellations.carry_on))
        self.leadership.add_job(Job("token-refresh", TICK_SECONDS, self._refresh_tokens))
        self.leadership.add_job(Job("quote-permission", LOOK_SECONDS, self._keep_quote_permissions))
        self.leadership.add_job(Job("entitlements", ENTITLEMENTS_SECONDS, self._read_entitlements))
        self.leadership.add_job(Job("push", PUSH_SECONDS, self._hold_push))
        self.leadership.add_job(Job("account-events", EVENTS_SECONDS, self._watch_accounts))
        self.leadership.add_job(Job("limit-uses", PURGE_SECONDS, self.limiting.purge))
        self.leadership.add_job(Job("quotes", PUSH_SECONDS, self._publish_quotes))
        self.leadership.add_job(Job("audit", LINK_SECONDS, self.audit.run))
        self.leadership.on_tick(self.audit.chain.follow)
        self.leadership.on_tick(self._look_after_tokens)
        self.leadership.on_tick(self._follow_entitlements)

    # In simulator mode the credentials are known only once the simulator runs: not when these are registered.

    def _refresh_tokens(self, term: Term) -> None:
        self.tokens.job.run(term)

    def _keep_quote_permissions(self, term: Term) -> None:
        for permission in self.quote_permissions.values():
            permission.keep(term)

    def _read_entitlements(self, term: Term) -> None:
        for bought in self._connected.bought_limits:
            bought.keep(term)

    def _hold_push(self, term: Term) -> None:
        self.push.run(term)

    def _watch_accounts(self, term: Term) -> None:
        self.account_events.watcher.run(term, self.push)

    def _publish_quotes(self, term: Term) -> None:
        _ = self._connected
        self.live_quotes.publish(term)

    def _look_after_tokens(self) -> None:
        self.tokens.look_after()

    def _follow_entitlements(self) -> None:
        for bought in self._connected.bought_limits:
            bought.follow()


def get_gateway(app: Flask) -> Gateway:
    """Return the gateway of an application that is nothing else."""
    gateway: Gateway = app.extensions[EXTENSION].get()
    return gateway
