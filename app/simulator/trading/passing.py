"""Lets time pass: open orders meet the market, others follow, positions are settled, and all of it is kept."""

from collections.abc import Mapping
from dataclasses import replace

from app.simulator.readings import ReadingsInForce
from app.simulator.trading.accounts import Account
from app.simulator.trading.closing_out import find_unaffordable
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.families import follow
from app.simulator.trading.making import make_event
from app.simulator.trading.needs import get_locked
from app.simulator.trading.orders import CANCELLED, INITIAL, Fill, Order
from app.simulator.trading.prices import Prices
from app.simulator.trading.progress import Moment, Progress, end_order, step
from app.simulator.trading.register import ID_EPOCH_MS, ID_SHIFT, OrderRegister
from app.simulator.trading.settlement import Settlement
from app.simulator.trading.store import TradingStore

FILL_STEP = 2
"""Between the ids of two fills there is room for that of the first one's charges."""


class TimePassing:
    """Take orders and accounts to what they are at a moment."""

    def __init__(
        self,
        accounts: Mapping[str, Account],
        register: OrderRegister,
        fills: list[Fill],
        prices: Prices,
        readings: ReadingsInForce,
        store: TradingStore,
    ) -> None:
        self._accounts = accounts
        self._register = register
        self._fills = fills
        self._prices = prices
        self._readings = readings
        self._store = store
        self._last_fill_id = fills[-1].id if fills else 0

    def advance(self, now_ms: int) -> None:
        """Let every open order meet the market, and settle what has fallen due."""
        self._step(list(self._register.open.values()), now_ms)
        self._settle(now_ms)
        self._close_out(now_ms)

    def meet_new(self, now_ms: int) -> None:
        """Let the orders meet the market that have not done so since they came or changed."""
        if self._register.new:
            self._step([self._register.orders[order_id] for order_id in sorted(self._register.new)], now_ms)

    def _step(self, orders: list[Order], now_ms: int) -> None:
        moment = Moment(self._prices, now_ms, self._readings.now)
        progress = Progress()
        self._register.new.difference_update(order.id for order in orders)
        waiting = list(orders)
        while waiting:
            order = waiting.pop(0)
            before = (order.filled, order.status)
            contract = self._prices.find_key(order.key)
            if contract is None:
                message = f"order {order.id} is for {order.key}, which the market does not have"
                raise LookupError(message)
            step(order, self._accounts[order.account], contract, moment, progress)
            if (order.filled, order.status) != before and (order.children or order.oca_group):
                waiting += follow(order, contract, self._register, moment, progress)
        self._keep(progress, now_ms)

    def _settle(self, now_ms: int) -> None:
        progress = Progress()
        for account in self._accounts.values():
            Settlement(
                account,
                self._prices,
                now_ms,
                progress,
                lambda: self._register.next_id(now_ms),
                self._register.add,
            ).run()
        self._keep(progress, now_ms)

    def _close_out(self, now_ms: int) -> None:
        """Sell, or buy back, options whose exercise could not be paid, by orders that nobody placed."""
        progress = Progress()
        moment = Moment(self._prices, now_ms, self._readings.now)
        for account in self._accounts.values():
            for holding in find_unaffordable(account, self._prices, now_ms):
                rivals = [o for o in self._register.list_open(account.account) if o.key == holding.contract.key]
                if any("LIQUIDATION" in order.attributes for order in rivals):
                    continue
                for rival in rivals:
                    end_order(rival, CANCELLED, "", moment.now_ms, progress)
                order = make_event(
                    self._register.next_id(now_ms), account, holding.contract, -holding.quantity, "LIQUIDATION", now_ms
                )
                order.status, order.filled, order.trade_ms = INITIAL, ZERO, None
                self._register.add(order)
                progress.orders[order.id] = order
                self._register.new.add(order.id)
        self._keep(progress, now_ms)

    def _keep(self, progress: Progress, now_ms: int) -> None:
        if not progress.orders and not progress.accounts:
            return
        self._lock_again(progress, now_ms)
        fills = []
        for execution in progress.fills:
            self._last_fill_id = max(self._last_fill_id + FILL_STEP, (now_ms - ID_EPOCH_MS) << ID_SHIFT)
            fills.append(replace(execution, id=self._last_fill_id))
        with self._store.state.transaction():
            for order in progress.orders.values():
                self._store.save_order(order)
            self._store.save_fills(fills)
            for account in progress.accounts.values():
                self._store.save_money(account)
        self._fills.extend(fills)
        for order in progress.orders.values():
            self._register.note(order)

    def _lock_again(self, progress: Progress, now_ms: int) -> None:
        """Reckon anew what the open orders for a contract tie down when its position has changed."""
        moved = {(fill.account, fill.key or self._register.orders[fill.order_id].key) for fill in progress.fills}
        if not moved:
            return
        for order in self._register.open.values():
            if (order.account, order.key) in moved:
                order.locked = get_locked(self._accounts[order.account], order, self._prices, now_ms)
                progress.orders[order.id] = order
