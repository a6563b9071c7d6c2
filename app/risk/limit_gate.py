"""The way of an order through its limits: what they need is read first, and decided in the journal's transaction."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import PoolProxiedConnection

from app.errors import GatewayError, LimitExceeded, TooBusy
from app.orders.bodies import read_changes
from app.orders.gate import GATED
from app.orders.journal_reader import JournalReader
from app.orders.naming import fetch_named
from app.orders.records import CommandRecord, Kind, NewCommand
from app.orders.states import State
from app.risk.exposure import VAST, Holdings, get_name
from app.risk.limit_refusals import Refused, find_refused, get_refusal, list_names
from app.risk.limit_rows import LimitRows, OwnedLimits, Owners
from app.risk.limits.case import Asked, CannotTell, Case, Exposure, Figure, Unknown
from app.risk.limits.table import Need
from app.risk.market_facts import MarketFacts
from app.risk.uses import Use, UsedPart
from app.risk.valuation import Market, describe_change, describe_ticket, list_instruments
from app.tiger.deadline import Deadline
from app.tiger.instrument import Instrument
from app.tiger.order_kinds import COMBINATION
from app.tiger.sessions import Session
from app.tiger.trading.orders import Order
from app.tiger.trading.prepared_orders import PreparedOrder
from app.tiger.trading.tradable_contracts import TradableContract

GONE: Final = frozenset({State.DENIED, State.REJECTED})
CHANGED: Final = "The limits were changed at this moment; nothing was sent. Try again."
NOT_READ: Final = Unknown("It was not read.")


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read for one command; ``asked`` is None where it cannot be said what it asks, for the ``reason``."""

    needs: frozenset[Need] = frozenset()
    asked: Asked | None = None
    reason: str = ""
    instruments: Sequence[Instrument] = ()
    rates: Mapping[str, Figure] = field(default_factory=dict)
    holdings: Holdings | Unknown = NOT_READ
    losses: Sequence[tuple[Decimal, str]] | Unknown = NOT_READ
    order: Order | None = None


class LimitRules:
    """The limits of one gateway, for all its requests; ``zone`` is the one whose days count."""

    def __init__(
        self,
        rows: LimitRows,
        facts: MarketFacts,
        journal: JournalReader,
        zone: ZoneInfo,
        count_refusal: Callable[[str, str], None] = lambda _limit, _of: None,
    ) -> None:
        """Take what counts each limit that did not let an order pass, by its name and whose it is."""
        self._rows = rows
        self._facts = facts
        self._journal = journal
        self._zone = zone
        self._count_refusal = count_refusal

    def prepare(
        self, session: Session, command: NewCommand, prepared: PreparedOrder | None, deadline: Deadline
    ) -> "LimitAdmission":
        """Read what the limits need to know of a command; what cannot be had is decided on when it is admitted.

        Raises:
            StorageUnavailable: The limits cannot be read.
            GatewayError: The order that is to be changed cannot be read.
        """
        owners = self._rows.look(command.account, command.requester.key_id)
        if not owners.has_any:
            return LimitAdmission(self._rows, self._zone, Facts())
        if command.kind is Kind.MODIFY:
            facts = self._read_change(session, command, owners, deadline)
        elif prepared is None:
            raise ValueError("A placement is prepared before it is admitted.")
        else:
            facts = self._read_placement(session, command, prepared, owners, deadline)
        return LimitAdmission(self._rows, self._zone, facts)

    def readmit(self, driver: PoolProxiedConnection, record: CommandRecord) -> None:
        """Let pass what is sent again: it was counted the first time."""

    def note_refusal(self, _session: Session, command: NewCommand, error: GatewayError) -> None:
        """Count a command that a limit did not let pass, and log it."""
        if not isinstance(error, LimitExceeded):
            return
        for limit, of in list_names(error):
            self._count_refusal(limit, of)
            key = command.requester.name
            logger.warning("%s of the %s let no order of %s pass for account %s", limit, of, key, command.account)

    def note(
        self, driver: PoolProxiedConnection, record: CommandRecord, _event: str, _details: Mapping[str, Any]
    ) -> None:
        """Take back what a command took that was certainly never sent, and what it may do where Tiger refused it."""
        if record.state in GONE and record.kind in GATED:
            self._rows.release(driver, record.id, gives_back=record.state is State.DENIED)

    def _read_placement(
        self, session: Session, command: NewCommand, prepared: PreparedOrder, owners: Owners, deadline: Deadline
    ) -> Facts:
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
        return self._read_rest(session, owners, Facts(needs, asked, reason, instruments), currency)

    def _read_change(self, session: Session, command: NewCommand, owners: Owners, deadline: Deadline) -> Facts:
        needs = owners.needs
        order = fetch_named(session, self._journal, command.requested_order_id or "", deadline)
        instrument = order.contract.instrument
        instruments = [] if instrument is None else [instrument]
        market = self._read_market(session, instruments, {}, needs, deadline, is_bounded=False)
        currency = order.contract.currency or _get_currency(market, instruments)
        asked, reason = _try(lambda: describe_change(order, read_changes(command.body), currency, market))
        facts = Facts(needs, asked, reason, instruments, order=order)
        return self._read_rest(session, owners, facts, currency)

    def _read_market(
        self,
        session: Session,
        instruments: Sequence[Instrument],
        known: Mapping[str, TradableContract],
        needs: frozenset[Need],
        deadline: Deadline,
        *,
        is_bounded: bool,
    ) -> Market:
        """Return prices and contracts, as far as limits need them; ``is_bounded`` is an order worth its limit price."""
        contracts: dict[str, TradableContract | Unknown] = dict(known)
        if needs & {Need.VALUE, Need.WORTH}:
            missing = [each for each in instruments if get_name(each) not in known]
            contracts |= self._facts.get_contracts(session, missing, deadline)
        has_prices = Need.WORTH in needs or (Need.VALUE in needs and not is_bounded)
        return Market(self._facts.get_prices(session, instruments) if has_prices else {}, contracts)

    def _read_rest(self, session: Session, owners: Owners, facts: Facts, currency: str) -> Facts:
        """Return the facts with what does not hang on the order itself."""
        needs = facts.needs
        rates: Mapping[str, Figure] = {}
        losses: Sequence[tuple[Decimal, str]] | Unknown = NOT_READ
        if Need.LOSS in needs:
            losses = self._facts.get_losses(session)
        if Need.RATES in needs:
            told = [] if isinstance(losses, Unknown) else [each for _, each in losses]
            rates = self._facts.get_rates(session, _list_foreign(owners.limits, [currency, *told]))
        holdings: Holdings | Unknown = NOT_READ
        if Need.HOLDINGS in needs:
            types = [each.sec_type for each in facts.instruments] or ["STK"]
            holdings = self._facts.get_holdings(session, types)
        return replace(facts, rates=rates, holdings=holdings, losses=losses)


class LimitAdmission:
    """What is known of one command when it asks to be sent."""

    def __init__(self, rows: LimitRows, zone: ZoneInfo, facts: Facts) -> None:
        self._rows = rows
        self._zone = zone
        self._facts = facts
        self.is_reducing = False

    def admit(self, driver: PoolProxiedConnection, record: CommandRecord) -> None:
        """Check all limits, and count the command, in the transaction that has just written its row.

        Raises:
            LimitExceeded: One of them does not let it pass.
            TooBusy: There are limits now that were not there when the facts were read.
        """
        owners = self._rows.lock(driver, record.account, record.api_key_id)
        if not owners.has_any:
            return
        facts = self._facts
        if facts.asked is None and not facts.reason:
            raise TooBusy(CHANGED, retry_after=1)
        if not owners.needs <= facts.needs:
            raise TooBusy(CHANGED, retry_after=1)
        since: list[Use] = []
        if not isinstance(facts.holdings, Unknown):
            since = self._rows.read_since(driver, record.account, facts.holdings.sequence)
        limits = [_stand(each, record.read_at, self._zone) for each in owners.limits]
        refused = [found for each in limits for found in self._find_refused(each, record, since)]
        if refused:
            raise get_refusal(refused)
        self._count(driver, record, limits)

    def _find_refused(self, limits: OwnedLimits, record: CommandRecord, since: Sequence[Use]) -> list[Refused]:
        facts = self._facts
        if facts.asked is None:
            return find_refused(limits, None, facts.reason)
        key_id = record.api_key_id if limits.owner.kind == "key" else None
        case = get_case(limits, facts, facts.asked, since, key_id)
        return find_refused(limits, case)

    def _count(self, driver: PoolProxiedConnection, record: CommandRecord, limits: Iterable[OwnedLimits]) -> None:
        """Write down what the command takes of each owner, and what it may do."""
        facts, asked, sequence, takings = self._facts, self._facts.asked, 0, {}
        for each in limits:
            value, currency = Decimal(0), None
            if asked is not None and "value_per_day" in each.values:
                value, currency = asked.added_value, asked.currency
            number = 0 if asked is None else asked.number
            taking = each.counters.take(record.read_at, number, currency, value)
            after = each.counters.after(taking)
            self._rows.write_counters(driver, each.owner, after)
            takings[each.owner.kind] = taking
            if each.owner.kind == "account":
                sequence = after.sequence
        order = facts.order
        use = Use(
            command_id=record.id,
            account=record.account,
            key_id=record.api_key_id,
            sequence=sequence,
            orders=0 if asked is None else asked.number,
            parts=() if asked is None else _get_used_parts(asked),
            takings=takings,
            order_id=None if order is None else order.order_id,
            target=None if order is None else record.changes.quantity or order.quantity,
        )
        self._rows.insert_use(driver, use, record.read_at)


def get_case(limits: OwnedLimits, facts: Facts, asked: Asked, since: Sequence[Use], key_id: str | None) -> Case:
    """Return what the limits of one owner are checked by."""
    exposures: dict[str, Exposure] | Unknown
    open_orders: int | Unknown
    if isinstance(facts.holdings, Unknown):
        exposures = open_orders = facts.holdings
    else:
        open_orders = facts.holdings.count_open(since, key_id)
        try:
            exposures = {get_name(each): facts.holdings.get_exposure(each, since) for each in facts.instruments}
        except CannotTell as error:
            exposures = Unknown(str(error))
    return Case(asked, limits.currency, limits.counters, facts.rates, exposures, open_orders, facts.losses)


def _stand(limits: OwnedLimits, now_ms: int, zone: ZoneInfo) -> OwnedLimits:
    return replace(limits, counters=limits.counters.at(now_ms, zone))


def _try(describe: Callable[[], Asked]) -> tuple[Asked | None, str]:
    """Return what a command asks, or why nobody can say it."""
    try:
        return describe(), ""
    except CannotTell as error:
        return None, str(error)


def _get_currency(market: Market, instruments: Sequence[Instrument]) -> str:
    """Return in which currency instruments trade; nothing where no limit needs it."""
    for each in instruments:
        contract = market.contracts.get(get_name(each))
        if contract is not None and not isinstance(contract, Unknown):
            return contract.currency
    return ""


def _list_foreign(limits: Iterable[OwnedLimits], currencies: Iterable[str]) -> list[str]:
    """Return the currencies of which a rate is needed: none where all amounts are in the one of the limits."""
    found: set[str] = set()
    for each in limits:
        others = {*currencies, *each.counters.values} - {each.currency, ""}
        if others:
            found |= {*others, each.currency}
    return sorted(found)


def _get_used_parts(asked: Asked) -> tuple[UsedPart, ...]:
    return tuple(
        UsedPart(part.name, part.sides, VAST if isinstance(part.quantity, Unknown) else part.quantity)
        for part in asked.parts
    )
