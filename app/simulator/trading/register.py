"""All orders that there are, by id, number and account; those that are open, and those that the market has not met."""

from collections import defaultdict
from collections.abc import Iterable

from app.simulator.trading.orders import INITIAL, Order

ID_EPOCH_MS = 1_167_609_600_000
"""Global ids count from here in steps of a fraction of a millisecond, which puts them beyond 2^53."""
ID_SHIFT = 16


class OrderRegister:
    """Hold the orders of all accounts in memory."""

    def __init__(self, orders: Iterable[Order]) -> None:
        self.orders: dict[int, Order] = {}
        self.open: dict[int, Order] = {}
        self.new: set[int] = set()
        self._by_number: dict[tuple[str, int], Order] = {}
        self._by_account: dict[str, list[Order]] = defaultdict(list)
        self._by_group: dict[str, list[Order]] = defaultdict(list)
        for order in orders:
            self.add(order)
            # After a restart an accepted order may never have met the market.
            if order.is_open and order.status == INITIAL:
                self.new.add(order.id)
        self._last_id = max(self.orders, default=0)

    def next_id(self, now_ms: int) -> int:
        """Return a global id that no order has; they grow with time."""
        self._last_id = max(self._last_id + 1, (now_ms - ID_EPOCH_MS) << ID_SHIFT)
        return self._last_id

    def add(self, order: Order) -> None:
        """Take an order in."""
        self.orders[order.id] = order
        self._by_number[(order.account, order.number)] = order
        self._by_account[order.account].append(order)
        if order.oca_group:
            self._by_group[order.oca_group].append(order)
        if order.is_open:
            self.open[order.id] = order

    def note(self, order: Order) -> None:
        """Let an order that has ended be open no more."""
        if not order.is_open:
            self.open.pop(order.id, None)

    def find(self, account: str, order_id: int | None, number: int | None) -> Order | None:
        """Return an order of the account by its global id, else by the account's number."""
        if order_id is not None:
            order = self.orders.get(order_id)
            return order if order is not None and order.account == account else None
        return self._by_number.get((account, number or 0))

    def list_open(self, account: str) -> list[Order]:
        """Return an account's open orders, oldest first; not those that sleep until another is filled."""
        return [order for order in self.open.values() if order.account == account and not order.is_dormant]

    def list_of(self, account: str) -> list[Order]:
        """Return all orders of an account, oldest first."""
        return self._by_account[account]

    def list_partners(self, order: Order) -> list[Order]:
        """Return the other orders of an order's group that are open."""
        if not order.oca_group:
            return []
        return [other for other in self._by_group[order.oca_group] if other.is_open and other is not order]

    def list_children(self, order: Order) -> list[Order]:
        """Return the orders that are attached to an order."""
        return [self.orders[child] for child in order.children]
