"""Holds all accounts and orders, takes order commands, and lets time pass over what is open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from app.simulator.clock import Clock
from app.simulator.options import SimulatorOptions
from app.simulator.readings import ReadingsInForce
from app.simulator.trading.accounts import Account, Holding
from app.simulator.trading.contracts import STOCK, Contract
from app.simulator.trading.drafts import Draft
from app.simulator.trading.late_refusals import LateRefusal, find_late_refusal
from app.simulator.trading.making import make_attached, make_order
from app.simulator.trading.modifying import modify_order
from app.simulator.trading.needs import get_locked
from app.simulator.trading.orders import PENDING_CANCEL, Fill, Order
from app.simulator.trading.passing import TimePassing
from app.simulator.trading.prices import Prices
from app.simulator.trading.reasons import NOT_CANCELLABLE, ORDER_NOT_FOUND
from app.simulator.trading.refusals import get_duplicate, get_refusal
from app.simulator.trading.register import OrderRegister
from app.simulator.trading.rules import Desk, adjust_prices, find_contract, find_objection
from app.simulator.trading.store import TradingStore, Watcher
from app.simulator.wire import BUSINESS_PARAMETER_ERROR, WireRefusal

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
        self.register = OrderRegister(store.load_orders())
        self.orders = self.register.orders
        self.fills: list[Fill] = store.load_fills()
        self._passing = TimePassing(self.accounts, self.register, self.fills, prices, readings, store)
        self._hidden_ms = 0
        self._late_refusal: LateRefusal | None = None
        self.late_fills_ms = 0

    def watch(self, watcher: Watcher | None) -> None:
        """Let somebody hear of every change of an order or account, or nobody with None."""
        self._store.watcher = watcher

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
    def spoiling(
        self, hidden_ms: int = 0, refusal: LateRefusal | None = None, late_fills_ms: int = 0
    ) -> Iterator[None]:
        """Let the orders placed in the block stay hidden from lookups, or be refused after they were taken.

        Positions told in the block lack the fills of so many milliseconds.
        """
        self._hidden_ms, self._late_refusal, self.late_fills_ms = hidden_ms, refusal, late_fills_ms
        try:
            yield
        finally:
            self._hidden_ms, self._late_refusal, self.late_fills_ms = 0, None, 0

    def get_account(self, account: str) -> Account:
        """Return an account that the service has found to be the caller's."""
        if account not in self.accounts:
            raise WireRefusal(BUSINESS_PARAMETER_ERROR, f"biz param error(account '{account}' is invalid)")
        return self.accounts[account]

    def get_desk(self, account: Account, without: Order | None = None) -> Desk:
        """Return what the rules look at; a modified order competes neither with itself nor with its group."""
        competing = self.get_open_orders(account.account)
        if without is not None:
            partners = {without.id, *(order.id for order in self.register.list_partners(without))}
            competing = [order for order in competing if order.id not in partners]
        return Desk(account, tuple(competing), self.prices, self.clock.now_ms())

    def get_open_orders(self, account: str) -> list[Order]:
        """Return an account's open orders, oldest first; not those that sleep until another is filled."""
        return self.register.list_open(account)

    def list_orders(self, account: str) -> list[Order]:
        """Return all orders of an account, oldest first, hidden ones too."""
        return self.register.list_of(account)

    def is_shown(self, order: Order) -> bool:
        """Say whether lookups find an order: not while it is hidden, or sleeps and is read as not there yet."""
        sleeps = order.is_dormant and self._options.attached_orders == "when_filled"
        return order.visible_ms <= self.clock.now_ms() and not sleeps

    def get_contract(self, order: Order) -> Contract:
        """Return what an order trades."""
        contract = self.prices.find_key(order.key)
        if contract is None:
            message = f"order {order.id} is for {order.key}, which the market does not have"
            raise LookupError(message)
        return contract

    def find_order(self, account: str, order_id: int | None, number: int | None) -> Order | None:
        """Return an order of the account by its global id, else by the account's number."""
        return self.register.find(account, order_id, number)

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
        return self.place_all((draft,))[0]

    def place_all(self, drafts: tuple[Draft, ...]) -> list[Order]:
        """Accept one order, or a group of which the first that fills ends the others: all of them or none."""
        account = self.get_account(drafts[0].account)
        self.refresh()
        number = drafts[0].number
        if number is not None and (known := self.find_order(account.account, None, number)):
            if self._readings.now.used_number == "answers_holder":
                return [replace(known)]
            raise get_duplicate(account.kind, self._readings.now)
        judged = [self._judge(draft, account) for draft in drafts]
        placed = [self._make_order(draft, contract, account, refusal) for draft, contract, refusal in judged]
        if len(placed) > 1:
            for order in placed:
                order.oca_group = str(placed[0].id)
                order.attributes = ["OCA"]
        children = [child for order, draft in zip(placed, drafts, strict=True) for child in self._attach(order, draft)]
        with self._store.state.transaction():
            for order in placed + children:
                self._store.save_order(order)
            self._store.save_account(account)
        for order in placed + children:
            self.register.add(order)
        self.register.new.update(order.id for order in placed)
        return [replace(order) for order in placed]

    def _judge(self, draft: Draft, account: Account) -> tuple[Draft, Contract, LateRefusal | None]:
        contract = find_contract(draft, self.prices, account.kind, self.clock.now_ms())
        draft = adjust_prices(draft, contract, self.prices)
        objection = find_objection(draft, contract, self.get_desk(account))
        refusal = find_late_refusal(objection, self._readings.now, self._options.late_refusal_seconds)
        if objection is not None and refusal is None:
            raise get_refusal(account.kind, objection)
        return draft, contract, refusal

    def _make_order(self, draft: Draft, contract: Contract, account: Account, refusal: LateRefusal | None) -> Order:
        now_ms = self.clock.now_ms()
        order = make_order(self.register.next_id(now_ms), draft, contract, account, self.prices, now_ms)
        if self._hidden_ms:
            order.visible_ms = now_ms + self._hidden_ms
        order.refuse_later(refusal or self._late_refusal)
        order.locked = get_locked(account, order, self.prices, now_ms)
        account.next_number = max(account.next_number, order.number + 1)
        return order

    def _attach(self, order: Order, draft: Draft) -> list[Order]:
        account, now_ms = self.accounts[order.account], self.clock.now_ms()
        children = []
        for attachment in draft.attachments:
            children.append(make_attached(self.register.next_id(now_ms), order, attachment, account, now_ms))
            account.next_number += 1
        order.children = [child.id for child in children]
        return children

    def modify(self, order: Order, draft: Draft) -> None:
        """Change quantity and prices of an open order; raises WireRefusal and changes nothing otherwise."""
        self.advance()
        changed = modify_order(
            order,
            draft,
            self.get_contract(order),
            self.get_desk(self.accounts[order.account], without=order),
            self.register.list_children(order),
        )
        with self._store.state.transaction():
            for each in changed:
                self._store.save_order(each)
        for each in changed:
            self.register.note(each)
        if order.is_open and not order.is_dormant:
            self.register.new.add(order.id)

    def cancel(self, order: Order) -> None:
        """Ask for an open order's end; it comes with the next advance, or after the chosen delay.

        Until then the order is PendingCancel. In two steps it keeps its status, for a second if nothing was chosen.
        """
        self.refresh()
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
            with self._store.state.transaction():
                self._store.save_order(order)
        if delay_seconds <= 0:
            self.register.new.add(order.id)

    def require_order(self, account: Account, order_id: int | None, number: int | None) -> Order:
        """Return the order that a command is about, or refuse."""
        order = self.find_order(account.account, order_id, number)
        if order is None:
            raise get_refusal(account.kind, ORDER_NOT_FOUND)
        return order

    def advance(self) -> None:
        """Let every open order meet the market as it is now, and settle what has fallen due."""
        self._passing.advance(self.clock.now_ms())

    def refresh(self) -> None:
        """Bring up to date what a lookup is about to show; the tick looks after resting orders."""
        self._passing.meet_new(self.clock.now_ms())
