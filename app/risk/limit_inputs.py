"""Read what the limits need to know of one command, before its row is written; what cannot be had is unknown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Final

from app.orders.bodies import read_changes
from app.orders.journal_reader import JournalReader
from app.orders.naming import fetch_named
from app.orders.records import Kind, NewCommand
from app.risk.changes import describe_change
from app.risk.exposure import Holdings, get_name
from app.risk.limits.case import BASE_CURRENCY, Asked, Figure, NotKnown, Unknown
from app.risk.limits.table import LimitInput
from app.risk.market_inputs import MarketInputs
from app.risk.owners import OwnedLimits, Owners
from app.risk.valuation import Market, describe_ticket, list_instruments
from app.tiger.deadline import Deadline
from app.tiger.instrument import STOCK, Instrument
from app.tiger.order_kinds import ATTACHED, COMBINATION
from app.tiger.sessions import Session
from app.tiger.trading.order_tickets import OrderChanges
from app.tiger.trading.orders import Order
from app.tiger.trading.prepared_orders import PreparedOrder
from app.tiger.trading.related_orders import fetch_related
from app.tiger.trading.tradable_contracts import TradableContract

NOT_READ: Final = Unknown("It was not read.")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was read for one command; ``asked`` is None where it cannot be said what it asks, for the ``reason``."""

    needs: frozenset[LimitInput] = frozenset()
    asked: Asked | None = None
    reason: str = ""
    instruments: Sequence[Instrument] = ()
    rates: Mapping[str, Figure] = field(default_factory=dict)
    holdings: Holdings | Unknown = NOT_READ
    losses: Sequence[tuple[Decimal, str]] | Unknown = NOT_READ
    change: "Change | None" = None

    def knows(self, owners: Owners) -> bool:
        """Return whether all that these limits need was read; they may have been set meanwhile."""
        if self.asked is None:
            return bool(self.reason)
        told = [] if isinstance(self.losses, Unknown) else [currency for _, currency in self.losses]
        foreign = list_foreign(owners.limits, [self.asked.currency, *told])
        has_rates = LimitInput.RATES not in owners.needs or {*foreign} <= {BASE_CURRENCY, *self.rates}
        return has_rates and owners.needs <= self.needs


@dataclass(frozen=True, slots=True)
class Change:
    """A change, and the order as it stood when it was read."""

    order: Order
    changes: OrderChanges

    @property
    def target(self) -> Decimal | None:
        """Return the quantity that the order is to have."""
        return self.order.quantity if self.changes.quantity is None else self.changes.quantity


class InputReader:
    """Read the inputs of commands, for all requests of a gateway."""

    def __init__(self, inputs: MarketInputs, journal: JournalReader) -> None:
        self._inputs = inputs
        self._journal = journal

    def read(
        self,
        session: Session,
        command: NewCommand,
        prepared: PreparedOrder | None,
        owners: Owners,
        deadline: Deadline,
    ) -> Inputs:
        """Return what the limits of a command's owners need to know of it.

        Raises:
            GatewayError: The order that is to be changed cannot be read.
        """
        if command.kind is Kind.MODIFY:
            return self._read_change(session, command, owners, deadline)
        if prepared is None:
            raise ValueError("A placement is prepared before it is admitted.")
        return self._read_placement(session, command, prepared, owners, deadline)

    def _read_placement(
        self, session: Session, command: NewCommand, prepared: PreparedOrder, owners: Owners, deadline: Deadline
    ) -> Inputs:
        ticket = prepared.ticket
        is_bounded = ticket.limit_price is not None and ticket.action == "BUY" and not ticket.legs
        # What an amount buys hangs on the price, and so does what is attached.
        is_bounded = is_bounded and not ticket.roles and ticket.cash_amount is None
        instruments = list_instruments(ticket)
        known = {get_name(ticket.instrument): prepared.contract} if prepared.contract.sec_type != COMBINATION else {}
        needs = owners.needs
        market = self._read_market(session, instruments, known, needs, deadline, is_bounded=is_bounded)
        currency = _get_currency(market, instruments)
        describe = partial(describe_ticket, ticket, currency, market, outside_rth=prepared.params.outside_rth)
        asked, reason = _try(describe)
        if asked is not None and command.asked is not None:
            # The command of a closing says what was asked; what is sent was decided with the row.
            asked = replace(asked, is_closing=True)
        return self._read_rest(session, owners, Inputs(needs, asked, reason, instruments), currency)

    def _read_change(self, session: Session, command: NewCommand, owners: Owners, deadline: Deadline) -> Inputs:
        needs, changes = owners.needs, read_changes(command.body)
        order = fetch_named(session, self._journal, command.requested_order_id or "", deadline)
        if order.related or changes.attached:
            order = fetch_related(session, order, ATTACHED, deadline)
        instrument = order.contract.instrument
        instruments = [] if instrument is None else [instrument]
        market = self._read_market(session, instruments, {}, needs, deadline, is_bounded=False)
        currency = order.contract.currency or _get_currency(market, instruments)
        asked, reason = _try(lambda: describe_change(order, changes, currency, market))
        inputs = Inputs(needs, asked, reason, instruments, change=Change(order, changes))
        return self._read_rest(session, owners, inputs, currency)

    def _read_market(
        self,
        session: Session,
        instruments: Sequence[Instrument],
        known: Mapping[str, TradableContract],
        needs: frozenset[LimitInput],
        deadline: Deadline,
        *,
        is_bounded: bool,
    ) -> Market:
        """Return prices and contracts, as far as limits need them; ``is_bounded`` is an order worth its limit price."""
        contracts: dict[str, TradableContract | Unknown] = dict(known)
        if needs & {LimitInput.VALUE, LimitInput.WORTH}:
            missing = [each for each in instruments if get_name(each) not in known]
            contracts |= self._inputs.get_contracts(session, missing, deadline)
        has_prices = LimitInput.WORTH in needs or (LimitInput.VALUE in needs and not is_bounded)
        return Market(self._inputs.get_prices(session, instruments) if has_prices else {}, contracts)

    def _read_rest(self, session: Session, owners: Owners, inputs: Inputs, currency: str) -> Inputs:
        """Return the inputs with what does not hang on the order itself."""
        needs = inputs.needs
        rates: Mapping[str, Figure] = {}
        losses: Sequence[tuple[Decimal, str]] | Unknown = NOT_READ
        if LimitInput.LOSS in needs:
            losses = self._inputs.get_losses(session)
        if LimitInput.RATES in needs:
            told = [] if isinstance(losses, Unknown) else [each for _, each in losses]
            rates = self._inputs.get_rates(session, list_foreign(owners.limits, [currency, *told]))
        holdings: Holdings | Unknown = NOT_READ
        if LimitInput.HOLDINGS in needs:
            types = [each.sec_type for each in inputs.instruments] or [STOCK]
            holdings = self._inputs.get_holdings(session, types)
        return replace(inputs, rates=rates, holdings=holdings, losses=losses)


def list_foreign(limits: Iterable[OwnedLimits], currencies: Iterable[str]) -> list[str]:
    """Return the currencies of which a rate is needed: none where all amounts are in the one of the limits."""
    found: set[str] = set()
    for each in limits:
        others = {*currencies, *each.counters.values} - {each.currency, ""}
        if others:
            found |= {*others, each.currency}
    return sorted(found)


def _try(describe: Callable[[], Asked]) -> tuple[Asked | None, str]:
    """Return what a command asks, or why nobody can say it."""
    try:
        return describe(), ""
    except NotKnown as error:
        return None, str(error)


def _get_currency(market: Market, instruments: Sequence[Instrument]) -> str:
    """Return in which currency instruments trade; nothing where that is not known, or not one for all."""
    contracts = [market.contracts.get(get_name(each)) for each in instruments]
    known = {each.currency for each in contracts if isinstance(each, TradableContract)}
    return known.pop() or "" if len(known) == 1 else ""
