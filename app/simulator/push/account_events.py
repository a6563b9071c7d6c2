"""What happens to orders and accounts, as events: told once the change is kept, in the turn of the loop after it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.simulator.push.account_documents import (
    SEGMENTS,
    get_asset,
    get_order_status,
    get_position,
    get_transaction,
)
from app.simulator.push.events import Event
from app.simulator.push.vocabulary import DataType
from app.simulator.trading.accounts import Account, Holding
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.orders import INITIAL, PENDING_CANCEL, Fill, Order

UNTOLD_STATUSES = frozenset({INITIAL, PENDING_CANCEL})
"""Tiger's page on the push of accounts names Submitted, Cancelled, Inactive, Filled; Invalid is a kind of Inactive."""


class AccountEvents:
    """Watch the engine while anybody wants to know, and publish what has changed."""

    def __init__(self, engine: TradingEngine, publish: Callable[[Event], None]) -> None:
        self._engine = engine
        self._publish = publish
        self._is_watching = False
        self._flush: asyncio.Handle | None = None
        self._orders: dict[int, Order] = {}
        self._fills: list[Fill] = []
        self._accounts: set[str] = set()
        self._holdings: dict[str, dict[str, Holding]] = {}
        self._assets: dict[tuple[str, str], dict[str, Any]] = {}

    def watch(self, *, wanted: bool) -> None:
        """Begin to watch, or stop; what happened before is told to nobody."""
        if wanted is self._is_watching:
            return
        self._is_watching = wanted
        self._engine.watch(self if wanted else None)
        self._orders, self._fills, self._accounts = {}, [], set()
        self._holdings, self._assets = {}, {}
        for name, account in self._engine.accounts.items() if wanted else ():
            self._holdings[name] = _copy(account)
            self._assets |= {(name, segment): asset for segment, asset in self._get_assets(account).items()}

    def order_written(self, order: Order) -> None:
        """Hear that an order is new or has changed."""
        self._orders[order.id] = order
        self._accounts.add(order.account)
        self._tell_soon()

    def fills_written(self, fills: Sequence[Fill]) -> None:
        """Hear of new fills."""
        self._fills += fills

    def money_written(self, account: Account) -> None:
        """Hear that an account's cash or holdings may have changed."""
        self._accounts.add(account.account)
        self._tell_soon()

    def _tell_soon(self) -> None:
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Publish what has changed: orders, then executions, positions and assets.

        An order that lookups do not find yet waits until they do.
        """
        self._flush = None
        orders, fills, accounts = self._orders, self._fills, self._accounts
        self._orders, self._fills, self._accounts = {}, [], set()
        for order in orders.values():
            if not self._engine.is_shown(order):
                self._orders[order.id] = order
            elif order.status not in UNTOLD_STATUSES:
                self._publish(Event(DataType.OrderStatus, get_order_status(self._engine, order), order.account))
        for fill in fills:
            if not self._engine.is_shown(self._engine.orders[fill.order_id]):
                self._fills.append(fill)
                continue
            self._publish(Event(DataType.OrderTransaction, get_transaction(self._engine, fill), fill.account))
        for name in sorted(accounts & set(self._engine.accounts)):
            self._tell_account(self._engine.accounts[name])

    def tell_late(self) -> None:
        """Publish orders that have come to be seen since they changed."""
        if self._orders and self._flush is None and any(map(self._engine.is_shown, self._orders.values())):
            self.flush()

    def _tell_account(self, account: Account) -> None:
        before, now = self._holdings.get(account.account, {}), _copy(account)
        self._holdings[account.account] = now
        for key in sorted(before.keys() | now.keys()):
            if _get_size(before.get(key)) != _get_size(now.get(key)):
                holding = now.get(key) or Holding(before[key].contract)
                self._publish(Event(DataType.Position, get_position(self._engine, account, holding), account.account))
        for segment, asset in self._get_assets(account).items():
            told = self._assets.get((account.account, segment))
            if told is None or asset | {"timestamp": 0} != told | {"timestamp": 0}:
                self._assets[account.account, segment] = asset
                self._publish(Event(DataType.Asset, asset, account.account))

    def _get_assets(self, account: Account) -> dict[str, dict[str, Any]]:
        return {segment: get_asset(self._engine, account, segment) for segment in SEGMENTS}


def _copy(account: Account) -> dict[str, Holding]:
    return {key: replace(holding) for key, holding in account.holdings.items()}


def _get_size(holding: Holding | None) -> tuple[Decimal, Decimal]:
    return (ZERO, ZERO) if holding is None else (holding.quantity, holding.basis)
