"""The push client as the rest of a gateway sees it: who wants what, who listens, and how each connection stands."""

import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from app.leadership import Term
from app.push.client import PushClient
from app.push.connection import Connection, make_context
from app.push.endings import describe
from app.push.events import CONDITIONS, AccountEvent, Gap, PushState, QuoteEvent, Refusal
from app.push.interests import Interest, Wants
from app.push.listeners import Listeners
from app.push.observer import Observer
from app.push.record import PushRecord, PushStore
from app.settings import Credential, PushSettings
from app.storage import Storage
from app.tiger.deadline import Deadline
from app.tiger.instrument import Instrument
from app.tiger.push.address import PushAddress, find_address
from app.tiger.push.feeds import Feed
from app.tiger.push.requests import make_sign_in
from app.tiger.wire.domains import Domains

END_SECONDS: Final = 4.0
"""So long the end of a term waits for its connections: whoever leaves the lease behind has closed them."""
ADDRESS_SECONDS: Final = 5.0
PROBLEMS: Final = {
    "down": "push of credential {name} is down: {reason}",
    "refused": "push of credential {name} is refused: {reason}",
    "kicked": "push of credential {name} is left to another program that signed in with its tiger_id",
}


class PushHub:
    """One for each process; only that of the elected worker has connections, and calls the listeners.

    Listeners are called from threads of the hub's, one for accounts and one for quotes of each tiger_id: in order, and
    one after the other. One that is slow holds up its own kind only; what does not fit into the queue before it is left
    out, and a ``Gap`` says so.
    """

    def __init__(
        self,
        settings: PushSettings,
        credentials: Sequence[Credential],
        storage: Storage,
        get_domains: Callable[[str], Domains],
        observer: Observer | None = None,
    ) -> None:
        """Take the credentials in force; of those that share a tiger_id the first one signs in."""
        self._settings = settings
        self._owners: Mapping[str, Credential] = MappingProxyType(
            {credential.tiger_id: credential for credential in reversed(credentials)}
        )
        self._tiger_ids = {
            account.account: credential.tiger_id for credential in credentials for account in credential.accounts
        }
        self._wants = {tiger_id: Wants() for tiger_id in self._owners}
        self._store = PushStore(storage)
        self._get_domains = get_domains
        self._observer = observer or Observer()
        self._listeners = Listeners()
        self._clients: Mapping[str, PushClient] = {}

    # Listening. Call these before the worker stands for election.

    def subscribe_account(self, callback: Callable[[AccountEvent], None]) -> None:
        """Have this called for all that is pushed about accounts that anybody wants."""
        self._listeners.add(AccountEvent, callback)

    def subscribe_quotes(self, callback: Callable[[QuoteEvent], None]) -> None:
        """Have this called for all that is pushed about instruments that anybody wants."""
        self._listeners.add(QuoteEvent, callback)

    def on_gap(self, callback: Callable[[Gap], None]) -> None:
        """Have this called whenever something may have been missed, once it can be read again without another gap.

        A gap of accounts comes in order with the events of accounts, one of quotes with those of quotes.
        """
        self._listeners.add(Gap, callback)

    def on_state(self, callback: Callable[[PushState], None]) -> None:
        """Have this called whenever a connection stands otherwise than before: from it on nothing comes, or again."""
        self._listeners.add(PushState, callback)

    def on_refusal(self, callback: Callable[[Refusal], None]) -> None:
        """Have this called for each thing that Tiger does not push, whoever wants it."""
        self._listeners.add(Refusal, callback)

    # Wanting.

    def open_interest(self) -> Interest:
        """Return what one party may put down its wishes in; it wants nothing yet."""
        return Interest(self._wants, self._tiger_ids)

    # Looking.

    @property
    def is_on(self) -> bool:
        """Tell whether there is a push client at all."""
        return self._settings.enabled

    def get_state(self, account: str) -> PushState | None:
        """Return how the connection for an account stands, as this process knows it; None where it does not lead."""
        client = self._clients.get(self._tiger_ids[account])
        return client.state if client else None

    def is_pushed(self, tiger_id: str, feed: Feed, instrument: Instrument) -> bool:
        """Tell whether Tiger has confirmed that it pushes this over the connection that this process holds now."""
        client = self._clients.get(tiger_id)
        subscriptions = client.subscriptions if client else None
        return subscriptions is not None and (feed, instrument) in subscriptions.items

    def list_refusals(self, account: str) -> tuple[Refusal, ...]:
        """Return what Tiger does not push of what is wanted by the tiger_id of an account, as this process knows."""
        client = self._clients.get(self._tiger_ids[account])
        subscriptions = client.subscriptions if client else None
        return tuple(subscriptions.refused.values()) if subscriptions else ()

    def fetch_records(self) -> dict[str, PushRecord]:
        """Return how each connection stood when the leader last wrote it, by the credential's name.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        found = {owner.name: self._store.fetch(tiger_id) for tiger_id, owner in self._owners.items()}
        return {name: record for name, record in found.items() if record is not None}

    def fetch_conditions(self) -> dict[tuple[str, str], bool]:
        """Return for each credential that ever was connected, and each condition, whether it stands so.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        if not self.is_on:
            return {}
        return {
            (name, condition): record.condition == condition
            for name, record in self.fetch_records().items()
            for condition in CONDITIONS
        }

    def fetch_problems(self) -> dict[str, str]:
        """Return a sentence for each connection that should be there and is not, by the credential's name.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        if not self.is_on:
            return {}
        return {
            name: PROBLEMS[record.condition].format(name=name, reason=record.reason)
            for name, record in self.fetch_records().items()
            if record.condition in PROBLEMS
        }

    def try_address(self, owner: Credential) -> tuple[str, str | None]:
        """Connect as far as TLS goes, and return to which host and port, and why none came about.

        It does not sign in, which would sign out whoever is.
        """
        address = self._find_address(owner)
        where = f"{address.host}:{address.port}"
        try:
            Connection(address, self._make_context() if address.is_tls else None).close()
        except OSError as error:
            return where, describe(error)
        return where, None

    # The leader's job.

    def run(self, term: Term) -> None:
        """Hold the connections for as long as the term lasts, and return once they are closed."""
        if not self.is_on:
            term.ended.wait()
            return
        self._clients = {tiger_id: self._make_client(owner, term) for tiger_id, owner in self._owners.items()}
        threads = [
            threading.Thread(target=client.run, name=f"push-{tiger_id}", daemon=True)
            for tiger_id, client in self._clients.items()
        ]
        for tiger_id, client in self._clients.items():
            self._wants[tiger_id].on_change = client.wake
        try:
            for thread in threads:
                thread.start()
            while not term.ended.wait(1.0):
                if not all(thread.is_alive() for thread in threads):
                    break
        finally:
            for client in self._clients.values():
                client.stop()
            for thread in threads:
                thread.join(END_SECONDS)
            self._clients = {}

    def _make_client(self, owner: Credential, term: Term) -> PushClient:
        return PushClient(
            tiger_id=owner.tiger_id,
            name=owner.name,
            wants=self._wants[owner.tiger_id],
            sign_in=make_sign_in(owner),
            find_address=lambda: self._find_address(owner),
            make_context=self._make_context,
            store=self._store,
            listeners=self._listeners,
            observer=self._observer,
            term=term,
        )

    def _find_address(self, owner: Credential) -> PushAddress:
        return find_address(owner, self._get_domains(owner.accounts[0].account), Deadline.after(ADDRESS_SECONDS))

    def _make_context(self) -> ssl.SSLContext:
        return make_context(self._settings.certificate_file)
