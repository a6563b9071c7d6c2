"""The sessions of all accounts of this process, and what they share."""

from collections.abc import Callable, Sequence
from typing import Final

from app.errors import AccountNotFound
from app.settings import Account, Credential, Settings
from app.tiger.pipeline.call import Clearance, Go
from app.tiger.pipeline.link import Connection, Link
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.pipeline import Pipeline
from app.tiger.pipeline.quota import CallCounter
from app.tiger.pipeline.shared_cache import SharedCache
from app.tiger.pipeline.stages import WAYS, Way, build
from app.tiger.session import Session
from app.tiger.wire.domains import Domains
from app.tiger.wire.permission_source import PermissionSource
from app.tiger.wire.token_source import FileToken, TokenSource
from app.tiger.wire.transport import Transport

__all__ = ["Session", "Sessions"]

ORDERS_SHARE: Final = 4
"""Order commands have connections of their own: one for so many of the reads'."""


class Sessions:
    """Hold what the sessions of all accounts of this process share; nothing is sent until one of them calls."""

    def __init__(
        self,
        settings: Settings,
        credentials: Sequence[Credential],
        *,
        token_source: Callable[[Credential], TokenSource] = lambda credential: FileToken(credential.path),
        permission_source: Callable[[Credential], PermissionSource] | None = None,
        device_id: str | None = None,
        counter: CallCounter | None = None,
        shared_cache: SharedCache | None = None,
        observer: Observer | None = None,
        clearance: Clearance | None = None,
        threads: int | None = None,
    ) -> None:
        """Take what counts the calls and keeps answers for all workers; without them this process is on its own.

        Without a ``clearance`` trading is always open.
        """
        self._transports = (
            Transport(settings.tiger.connections),
            Transport(max(2, settings.tiger.connections // ORDERS_SHARE)),
        )
        self.pipeline = Pipeline(
            settings.cache,
            settings.budget,
            threads=threads or settings.gateway.threads,
            counter=counter,
            shared_cache=shared_cache,
            observer=observer,
            clearance=clearance,
        )
        self._links: dict[str, tuple[Link, dict[Way, Go]]] = {}
        for credential in credentials:
            permission = permission_source(credential) if permission_source else None
            connection = Connection(credential, self._transports, token_source(credential), permission, device_id)
            for account in credential.accounts:
                may_delay = settings.quotes.delayed_fallback
                link = Link(account, connection, settings.tiger, self.pipeline, may_delay=may_delay)
                self._links[account.account] = link, {way: build(way, link) for way in WAYS}

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts that can be called for, as configured."""
        return tuple(link.account for link, _ in self._links.values())

    def close(self) -> None:
        """Close the idle connections, once the last late answers are counted."""
        self.pipeline.quota.close()
        for transport in self._transports:
            transport.close()

    def get_domains(self, account: str) -> Domains:
        """Return what finds the servers for an account."""
        return self._links[account][0].connection.domains

    def session(self, account: str, *, wants_fresh: bool = False, asked_at: float | None = None) -> Session:
        """Return a session of an account, for one request; ``wants_fresh`` passes by what is kept.

        ``asked_at`` is when the request arrived (monotonic seconds): its deadlines count from then.

        Raises:
            AccountNotFound: No credential has it.
        """
        try:
            return Session(*self._links[account], wants_fresh=wants_fresh, asked_at=asked_at)
        except KeyError as error:
            raise AccountNotFound(f"No account {account} is configured.") from error
