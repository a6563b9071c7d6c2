"""The push client as the rest of a gateway sees it: who wants what, who listens, and how each connection stands."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from app.leadership import Term
from app.push.events import AccountEvent, Gap, PushState, QuoteEvent, Refusal
from app.push.interests import Interest, Wants
from app.push.listeners import Listeners
from app.settings import Credential


class PushHub:
    """One for each process; only that of the elected worker has connections, and calls the listeners.

    Listeners are called from threads of the hub's, one for accounts and one for quotes of each tiger_id: in order, and
    one after the other. One that is slow holds up its own kind only; what does not fit into the queue before it is left
    out, and a ``Gap`` says so.
    """

    def __init__(self, credentials: Sequence[Credential]) -> None:
        """Take the credentials in force; of those that share a tiger_id the first one signs in."""
        self._owners: Mapping[str, Credential] = MappingProxyType(
            {credential.tiger_id: credential for credential in reversed(credentials)}
        )
        self._tiger_ids = {
            account.account: credential.tiger_id for credential in credentials for account in credential.accounts
        }
        self._wants = {tiger_id: Wants() for tiger_id in self._owners}
        self._listeners = Listeners()
        self._states: dict[str, PushState] = {}
        self._refusals: dict[str, dict[object, Refusal]] = {}

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

    def get_state(self, account: str) -> PushState | None:
        """Return how the connection for an account stands, as this process knows it; None where it does not lead."""
        return self._states.get(self._tiger_ids[account])

    def list_refusals(self, account: str) -> tuple[Refusal, ...]:
        """Return what Tiger does not push of what is wanted by the tiger_id of an account, as this process knows."""
        return tuple(self._refusals.get(self._tiger_ids[account], {}).values())

    # The leader's job.

    def run(self, term: Term) -> None:
        """Hold the connections for as long as the term lasts."""
        term.ended.wait()
