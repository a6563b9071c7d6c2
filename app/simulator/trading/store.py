"""Keeps accounts, orders and fills in the state file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from app.simulator.state import StateFile
from app.simulator.trading.accounts import Account, Holding
from app.simulator.trading.orders import Fill, Order
from app.simulator.trading.prices import Prices

PURSES: Mapping[str, Callable[[Account], tuple[dict[str, Decimal], dict[str, Decimal]]]] = {
    "cash": lambda account: (account.cash, account.realized),
    "futures_cash": lambda account: (account.futures.cash, account.futures.realized),
}
"""The tables of money: cash and realized profit by currency."""


class Watcher(Protocol):
    """Hear of what is written, in the moment of writing: what becomes of it is known once the event loop turns."""

    def order_written(self, order: Order) -> None:
        """Hear that an order is new or has changed."""

    def fills_written(self, fills: Sequence[Fill]) -> None:
        """Hear of new fills."""

    def money_written(self, account: Account) -> None:
        """Hear that an account's cash or holdings may have changed."""


class TradingStore:
    """Read everything at the start, then write what changes; callers hold the transaction."""

    def __init__(self, state: StateFile) -> None:
        self.state = state
        self.watcher: Watcher | None = None

    def load_accounts(self, prices: Prices) -> dict[str, Account]:
        """Return all accounts with cash and holdings; raises LookupError for a contract that is no more."""
        connection = self.state.connection
        accounts = {
            row[0]: Account(*row)
            for row in connection.execute("SELECT account, tiger_id, kind, next_number FROM accounts")
        }
        for table, get_purse in PURSES.items():
            for account, currency, amount, realized in connection.execute(
                f"SELECT account, currency, amount, realized FROM {table}"  # noqa: S608 - one of our own names.
            ):
                cash, profits = get_purse(accounts[account])
                cash[currency], profits[currency] = Decimal(amount), Decimal(realized)
        for account, settled_ms in connection.execute("SELECT account, settled_ms FROM futures_settlements"):
            accounts[account].settled_ms = settled_ms
        for account, key, quantity, basis, realized in connection.execute(
            "SELECT account, listing, quantity, basis, realized FROM positions"
        ):
            contract = prices.find_key(key)
            if contract is None:
                message = f"the state file holds a position in {key}, which the market does not have"
                raise LookupError(message)
            accounts[account].holdings[key] = Holding(contract, Decimal(quantity), Decimal(basis), Decimal(realized))
        return accounts

    def load_orders(self) -> list[Order]:
        """Return all orders, oldest first."""
        rows = self.state.connection.execute("SELECT body FROM orders ORDER BY id")
        return [Order.from_json(body) for (body,) in rows]

    def load_fills(self) -> list[Fill]:
        """Return all fills, oldest first."""
        rows = self.state.connection.execute(
            "SELECT id, order_id, account, at_ms, quantity, price, amount, listing, action"
            " FROM fills LEFT JOIN fill_legs ON fill_id = id ORDER BY id"
        )
        return [_read_fill(row) for row in rows]

    def save_account(self, account: Account) -> None:
        """Write an account without its cash and holdings."""
        self.state.connection.execute(
            "INSERT OR REPLACE INTO accounts (account, tiger_id, kind, next_number) VALUES (?, ?, ?, ?)",
            (account.account, account.tiger_id, account.kind, account.next_number),
        )

    def save_money(self, account: Account) -> None:
        """Write an account's cash and holdings."""
        if self.watcher is not None:
            self.watcher.money_written(account)
        connection = self.state.connection
        for table, get_purse in PURSES.items():
            cash, profits = get_purse(account)
            connection.executemany(
                # One of our own names.
                f"INSERT OR REPLACE INTO {table} (account, currency, amount, realized) VALUES (?, ?, ?, ?)",  # noqa: S608
                [
                    (account.account, currency, str(amount), str(profits.get(currency, Decimal(0))))
                    for currency, amount in cash.items()
                ],
            )
        connection.execute(
            "INSERT OR REPLACE INTO futures_settlements (account, settled_ms) VALUES (?, ?)",
            (account.account, account.settled_ms),
        )
        connection.execute("DELETE FROM positions WHERE account = ?", (account.account,))
        connection.executemany(
            "INSERT INTO positions (account, listing, quantity, basis, realized) VALUES (?, ?, ?, ?, ?)",
            [
                (account.account, key, str(holding.quantity), str(holding.basis), str(holding.realized))
                for key, holding in account.holdings.items()
            ],
        )

    def save_order(self, order: Order) -> None:
        """Write one order."""
        if self.watcher is not None:
            self.watcher.order_written(order)
        self.state.connection.execute(
            "INSERT INTO orders (id, account, number, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (order.id, order.account, order.number, order.to_json()),
        )

    def save_fills(self, fills: Iterable[Fill]) -> None:
        """Write new fills."""
        written = tuple(fills)
        if self.watcher is not None:
            self.watcher.fills_written(written)
        self.state.connection.executemany(
            "INSERT INTO fill_legs (fill_id, listing, action) VALUES (?, ?, ?)",
            [(fill.id, fill.key, fill.action) for fill in written if fill.key],
        )
        self.state.connection.executemany(
            "INSERT INTO fills (id, order_id, account, at_ms, quantity, price, amount) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    fill.id,
                    fill.order_id,
                    fill.account,
                    fill.at_ms,
                    str(fill.quantity),
                    str(fill.price),
                    str(fill.amount),
                )
                for fill in written
            ],
        )


def _read_fill(row: Sequence[Any]) -> Fill:
    quantity, price, amount = (Decimal(text) for text in row[4:7])
    return Fill(row[0], row[1], row[2], row[3], quantity, price, amount, row[7] or "", row[8] or "")
