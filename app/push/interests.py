"""Count who wants what, so that one who leaves never ends what another still wants."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Self, TypeVar

from app.tiger.instrument import Instrument
from app.tiger.push.feeds import Feed

T = TypeVar("T")
Item = tuple[Feed, Instrument]


class Wants:
    """What is wanted of one tiger_id, each thing with how many want it, in the order in which it was first wanted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accounts: Counter[str] = Counter()
        self._items: Counter[Item] = Counter()
        self.on_change: Callable[[], None] = lambda: None

    @property
    def is_empty(self) -> bool:
        """Tell whether nobody wants anything."""
        return not self._accounts and not self._items

    def list_accounts(self) -> tuple[str, ...]:
        """Return the accounts that anybody wants."""
        with self._lock:
            return tuple(self._accounts)

    def list_items(self) -> tuple[Item, ...]:
        """Return the instruments that anybody wants, by feed."""
        with self._lock:
            return tuple(self._items)

    def add(self, accounts: Iterable[str] = (), items: Iterable[Item] = ()) -> None:
        """Count one more who wants these."""
        with self._lock:
            self._accounts.update(accounts)
            self._items.update(items)
        self.on_change()

    def remove(self, accounts: Iterable[str] = (), items: Iterable[Item] = ()) -> None:
        """Count one less; what nobody wants any more is forgotten."""
        with self._lock:
            _subtract(self._accounts, accounts)
            _subtract(self._items, items)
        self.on_change()


def _subtract(counter: Counter[T], gone: Iterable[T]) -> None:
    for one in gone:
        if counter[one] <= 1:
            del counter[one]
        else:
            counter[one] -= 1


class Interest:
    """What one party wants, such as a client or another worker; to want something twice is to want it.

    Every method may be called from any thread, in any process: what is wanted counts where the worker is elected.
    """

    def __init__(self, wants: Mapping[str, Wants], owners: Mapping[str, str]) -> None:
        """Take what is wanted of each tiger_id, and which tiger_id each account has."""
        self._wants = wants
        self._owners = owners
        self._lock = threading.Lock()
        self._accounts: set[str] = set()
        self._items: dict[str, set[Item]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def want_account(self, account: str) -> None:
        """Want to hear of an account: of its orders, executions, positions and assets."""
        with self._lock:
            if account in self._accounts:
                return
            self._accounts.add(account)
        self._wants[self._owners[account]].add(accounts=[account])

    def drop_account(self, account: str) -> None:
        """Want an account no longer."""
        with self._lock:
            if account not in self._accounts:
                return
            self._accounts.discard(account)
        self._wants[self._owners[account]].remove(accounts=[account])

    def want_quotes(self, account: str, instruments: Iterable[Instrument], feed: Feed = Feed.QUOTES) -> None:
        """Want a feed of instruments, by the tiger_id of an account."""
        tiger_id = self._owners[account]
        with self._lock:
            held = self._items.setdefault(tiger_id, set())
            added = [item for item in dict.fromkeys((feed, each) for each in instruments) if item not in held]
            held.update(added)
        self._wants[tiger_id].add(items=added)

    def drop_quotes(self, account: str, instruments: Iterable[Instrument], feed: Feed = Feed.QUOTES) -> None:
        """Want them no longer."""
        tiger_id = self._owners[account]
        with self._lock:
            held = self._items.setdefault(tiger_id, set())
            gone = held & {(feed, each) for each in instruments}
            held -= gone
        self._wants[tiger_id].remove(items=gone)

    def close(self) -> None:
        """Want nothing any more."""
        with self._lock:
            accounts, items = self._accounts, self._items
            self._accounts, self._items = set(), {}
        for account in accounts:
            self._wants[self._owners[account]].remove(accounts=[account])
        for tiger_id, held in items.items():
            self._wants[tiger_id].remove(items=held)
