"""Holds all accounts and orders, takes order commands, and lets time pass over what is open."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from app.simulator.clock import Clock
from app.simulator.options import SimulatorOptions
from app.simulator.readings import ReadingsInForce
from app.simulator.trading.accounts import Account, Holding
from app.simulator.trading.contracts import STOCK, Contract, Prices
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.drafts import Draft
from app.simulator.trading.late_refusals import LateRefusal, find_late_refusal
from app.simulator.trading.making import change_order, make_order
from app.simulator.trading.orders import (
    FILLED,
    INITIAL,
    PENDING_CANCEL,
    Fill,
    Order,
)
from app.simulator.trading.progress import Moment, Progress, step
from app.simulator.trading.reasons import (
    BELOW_FILLED,
    FIXED_CONTRACT,
    FIXED_SIDE,
    NOT_CANCELLABLE,
    NOT_MODIFIABLE,
    ORDER_NOT_FOUND,
)
from app.simulator.trading.refusals import get_duplicate, get_refusal
from app.simulator.trading.rules import Desk, adjust_prices, check_draft, find_contract, find_objection
from app.simulator.trading.settlement import settle_expired
from app.simulator.trading.store import TradingStore
from app.simulator.trading.valuation import get_locked
from app.simulator.wire import BUSINESS_PARAMETER_ERROR, WireRefusal

ID_EPOCH_MS = 1_167_609_600_000
"""Global ids count from here in steps of a fraction of a millisecond, which puts them beyond 2^53."""
ID_SHIFT = 16
STEPWISE_CANCEL_SECONDS = 1.0


class TradingEngine:
    """Answer for every account of every developer id; lives on one thread."""

    def __init__(
        self,
        options: SimulatorOptions,
        readings: ReadingsInForce,
        clock: Clock,
        prices: Prices,
        store: TradingStore,
    ) -> None:
        self.clock = clock
        self.prices = prices
        self._options = options
        self._readings = readings
        self._store = store
        self.accounts: dict[str, Account] = store.load_accounts(prices)
        self.orders: dict[int, Order] = {}
        self._by_number: dict[tuple[str, int], Order] = {}
        self._by_account: dict[str, list[Order]] = defaultdict(list)
        self._open: dict[int, Order] = {}
        self._new: set[int] = set()
        self.fills: list[Fill] = store.load_fills()
        for order in store.load_orders():
            self._remember(order)
        self._last_order_id = max(self.orders, default=0)
        self._last_fill_id = self.fills[-1].id if self.fills else 0
        self._hidden_ms = 0
        self._late_refusal: LateRefusal | None = None

    def add_account(self, account: Account) -> None:
        """Open an account with the cash and holdings that it has."""
        with self._store.state.transaction():
            self._store.save_account(account)
            self._store.save_money(account)
        self.accounts[account.account] = account

    def hold(self, account: str, symbol: str, quantity: Decimal) -> None:
        """Let an account hold so much of a stock, as a gift or a split would; raises LookupError for an unknown one."""
        contract = self.prices.find(STOCK, symbol)
        if contract is None or account not in self.accounts:
            message = f"there is no account {account} that could hold {symbol}"
            raise LookupError(message)
        basis = quantity * self.prices.get_book(contract, self.clock.now_ms()).latest
        self.accounts[account].holdings[contract.key] = Holding(contract, quantity, basis)
        with self._store.state.transaction():
            self._store.save_money(self.accounts[account])

    @contextmanager
    def spoiling(self, hidden_ms: int = 0, refusal: LateRefusal | None = None) -> Iterator[None]:
        """Let the orders placed in the block stay hidden from lookups, or be refused after they were taken."""
        self._hidden_ms, self._late_refusal = hidden_ms, refusal
        try:
            yield
        finally:
            self._hidden_ms, self._late_refusal = 0, None

    def get_account(self, account: str) -> Account:
        """Return an account that the service has found to be the caller's."""
        if account not in self.accounts:
            raise WireRefusal(BUSINESS_PARAMETER_ERROR, f"biz param error(account '{account}' is invalid)")
        return self.accounts[account]

    def get_desk(self, account: Account, without: Order | None = None) -> Desk:
        """Return what the rules look at; a modified order does not compete with itself."""
        competing = tuple(order for order in self.get_open_orders(account.account) if order is not without)
        return Desk(account, competing, self.prices, self.clock.now_ms())

    def get_open_orders(self, account: str) -> list[Order]:
        """Return an account's open orders, oldest first."""
        return [order for order in self._open.values() if order.account == account]

    def list_orders(self, account: str) -> list[Order]:
        """Return all orders of an account, oldest first, hidden ones too."""
        return self._by_account[account]

    def get_contract(self, order: Order) -> Contract:
        """Return what an order trades."""
        contract = self.prices.find_key(order.key)
        if contract is None:
            message = f"order {order.id} is for {order.key}, which the market does not have"
            raise LookupError(message)
        return contract

    def find_order(self, account: str, order_id: int | None, number: int | None) -> Order | None:
        """Return an order of the account by its global id, else by the account's number."""
        if order_id is not None:
            order = self.orders.get(order_id)
            return order if order is not None and order.account == account else None
        return self._by_number.get((account, number or 0))

    def tell_number(self, account: Account) -> int:
        """Return the account's next order number; where numbers are reserved it is never told again."""
        number = account.next_number
        if self._readings.now.order_numbers == "reserved":
            account.next_number += 1
            with self._store.state.transaction():
                self._store.save_account(account)
        return number

    def place(self, draft: Draft) -> Order:
        """Accept an order and return it as it stood at that moment, or raise WireRefusal.

        The order is on disk before this returns. A number that was used is answered as the readings say.
        """
        account = self.get_account(draft.account)
        self._advance_new()
        if draft.number is not None and (known := self._by_number.get((account.account, draft.number))):
            if self._readings.now.used_number == "answers_holder":
                return replace(known)
            raise get_duplicate(account.kind, self._readings.now)
        contract = find_contract(draft, self.prices, account.kind, self.clock.now_ms())
        draft = adjust_prices(draft, contract, self.prices)
        objection = find_objection(draft, contract, self.get_desk(account))
        refusal = find_late_refusal(objection, self._readings.now, self._options.late_refusal_seconds)
        if objection is not None and refusal is None:
            raise get_refusal(account.kind, objection)
        order = self._make_order(draft, contract, account)
        order.refuse_later(refusal or self._late_refusal)
        order.locked = get_locked(account, order, self.prices, self.clock.now_ms())
        account.next_number = max(account.next_number, order.number + 1)
        with self._store.state.transaction():
            self._store.save_order(order)
            self._store.save_account(account)
        self._remember(order)
        self._new.add(order.id)
        return replace(order)

    def _make_order(self, draft: Draft, contract: Contract, account: Account) -> Order:
        now_ms = self.clock.now_ms()
        self._last_order_id = max(self._last_order_id + 1, (now_ms - ID_EPOCH_MS) << ID_SHIFT)
        order = make_order(self._last_order_id, draft, contract, account, self.prices, now_ms)
        if self._hidden_ms:
            order.visible_ms = now_ms + self._hidden_ms
        return order

    def modify(self, order: Order, draft: Draft) -> None:
        """Change quantity and prices of an open order; raises WireRefusal and changes nothing otherwise."""
        account = self.accounts[order.account]
        self.advance()
        contract = self.get_contract(order)
        if not order.is_open or order.is_being_cancelled:
            status = PENDING_CANCEL if order.is_being_cancelled else order.status
            raise get_refusal(account.kind, NOT_MODIFIABLE.about(status))
        if draft.action != order.action or draft.order_type != order.order_type:
            raise get_refusal(account.kind, FIXED_SIDE)
        if find_contract(draft, self.prices, account.kind, self.clock.now_ms()).key != order.key:
            raise get_refusal(account.kind, FIXED_CONTRACT)
        draft = adjust_prices(draft, contract, self.prices)
        if draft.quantity is not None and draft.quantity < order.filled:
            raise get_refusal(account.kind, BELOW_FILLED)
        rest = None if draft.quantity is None else draft.quantity - order.filled
        if rest != ZERO:
            check_draft(replace(draft, quantity=rest), contract, self.get_desk(account, without=order))
        change_order(order, draft, contract, self.prices, self.clock.now_ms())
        if rest == ZERO:
            order.status = FILLED
        order.locked = get_locked(account, order, self.prices, self.clock.now_ms())
        self._save(order)
        if order.is_open:
            self._new.add(order.id)

    def cancel(self, order: Order) -> None:
        """Ask for an open order's end; it comes with the next advance, or after the chosen delay.

        Until then the order is PendingCancel. In two steps it keeps its status, for a second if nothing was chosen.
        """
        self._advance_new()
        if not order.is_open:
            kind = self.accounts[order.account].kind
            raise get_refusal(kind, NOT_CANCELLABLE.about(order.status))
        is_stepwise = self._readings.now.cancel == "two_steps"
        delay_seconds = self._options.cancel_delay_seconds or (STEPWISE_CANCEL_SECONDS if is_stepwise else 0)
        if order.cancel_due_ms is None:
            order.cancel_due_ms = self.clock.now_ms() + int(delay_seconds * 1000)
            if not is_stepwise:
                order.status = PENDING_CANCEL
            order.cancel_status = "RECEIVED"
            order.update_ms = self.clock.now_ms()
            self._save(order)
        if delay_seconds <= 0:
            self._new.add(order.id)

    def require_order(self, account: Account, order_id: int | None, number: int | None) -> Order:
        """Return the order that a command is about, or refuse."""
        order = self.find_order(account.account, order_id, number)
        if order is None:
            raise get_refusal(account.kind, ORDER_NOT_FOUND)
        return order

    def advance(self) -> None:
        """Let every open order meet the market as it is now."""
        self._step(list(self._open.values()))
        self._settle()

    def _advance_new(self) -> None:
        """Let the orders meet the market that have not done so since they came or changed."""
        if self._new:
            self._step([self.orders[order_id] for order_id in sorted(self._new)])

    def refresh(self) -> None:
        """Bring up to date what a lookup is about to show; the tick looks after resting orders."""
        self._advance_new()

    def _step(self, orders: list[Order]) -> None:
        moment = Moment(self.prices, self.clock.now_ms(), self._readings.now)
        progress = Progress()
        for order in orders:
            step(order, self.accounts[order.account], self.get_contract(order), moment, progress)
        self._new.difference_update(order.id for order in orders)
        self._keep(progress)

    def _settle(self) -> None:
        progress = Progress()
        for account in self.accounts.values():
            settle_expired(account, self.prices, self.clock.now_ms(), progress)
        self._keep(progress)

    def _keep(self, progress: Progress) -> None:
        if not progress.orders and not progress.accounts:
            return
        self._lock_again(progress)
        fills = []
        for execution in progress.fills:
            self._last_fill_id = max(self._last_fill_id + 1, (self.clock.now_ms() - ID_EPOCH_MS) << ID_SHIFT)
            fills.append(replace(execution, id=self._last_fill_id))
        with self._store.state.transaction():
            for order in progress.orders.values():
                self._store.save_order(order)
            self._store.save_fills(fills)
            for account in progress.accounts.values():
                self._store.save_money(account)
        self.fills.extend(fills)
        for order in progress.orders.values():
            if not order.is_open:
                self._open.pop(order.id, None)

    def _lock_again(self, progress: Progress) -> None:
        """Reckon anew what the open orders for a contract tie down when its position has changed."""
        moved = {(fill.account, self.orders[fill.order_id].key) for fill in progress.fills}
        if not moved:
            return
        for order in self._open.values():
            if (order.account, order.key) in moved:
                order.locked = get_locked(self.accounts[order.account], order, self.prices, self.clock.now_ms())
                progress.orders[order.id] = order

    def _save(self, order: Order) -> None:
        with self._store.state.transaction():
            self._store.save_order(order)
        if not order.is_open:
            self._open.pop(order.id, None)

    def _remember(self, order: Order) -> None:
        self.orders[order.id] = order
        self._by_number[(order.account, order.number)] = order
        self._by_account[order.account].append(order)
        if order.is_open:
            self._open[order.id] = order
            # After a restart an accepted order may never have met the market.
            if order.status == INITIAL:
                self._new.add(order.id)
