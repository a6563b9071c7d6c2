"""The way of an order through its limits: what they need is read first, and decided in the journal's transaction."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import PoolProxiedConnection

from app.errors import GatewayError, LimitExceeded, TooBusy
from app.orders.gate import GATED, NOTHING, Said
from app.orders.records import CommandRecord, NewCommand
from app.orders.states import State
from app.orders.witnesses import Change
from app.risk.exposure import get_name
from app.risk.limit_inputs import InputReader, Inputs
from app.risk.limit_refusals import Refused, find_refused, get_refusal, list_names
from app.risk.limit_rows import LimitRows
from app.risk.limits.case import NONE, Asked, Case, Exposure, NotKnown, Part, Unknown
from app.risk.limits.counters import Counters, Taking
from app.risk.owners import OwnedLimits, Owner
from app.risk.shown import VAST
from app.risk.use_rows import UseRows
from app.risk.uses import Use, UsedPart
from app.storage.outcomes import Outcome, on_outcome
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.orders import Order
from app.tiger.trading.prepared_orders import PreparedOrder

GONE: Final = frozenset({State.DENIED, State.REJECTED})
UNCOUNTED: Final = "It was sent long ago, or before there were limits: they do not count it."
CHANGED: Final = "The limits were changed at this moment; nothing was sent. Try again."

Exposures = Mapping[str, Exposure] | Unknown

logger = logging.getLogger(__name__)


class LimitRules:
    """The limits of one gateway, for all its requests; ``zone`` is the one whose days count."""

    def __init__(
        self,
        rows: LimitRows,
        uses: UseRows,
        reader: InputReader,
        zone: ZoneInfo,
        count_refusal: Callable[[str, str], None] = lambda _limit, _of: None,
    ) -> None:
        """Take what counts limits that refuse something, by name and whose it is."""
        self._rows = rows
        self._uses = uses
        self._reader = reader
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
            return LimitAdmission(self._rows, self._uses, self._zone, Inputs())
        inputs = self._reader.read(session, command, prepared, owners, deadline)
        return LimitAdmission(self._rows, self._uses, self._zone, inputs)

    def readmit(self, driver: PoolProxiedConnection, record: CommandRecord) -> None:
        """Let pass what is sent again and was counted the first time, as long as that is known.

        Raises:
            TooBusy: It is not: there were no limits then, or what was not seen for minutes is counted no longer.
        """
        owners = self._rows.lock(driver, record.account, record.api_key_id)
        if any(each.values for each in owners.limits) and not self._uses.counts(driver, record.id):
            raise TooBusy(UNCOUNTED)

    def note_refusal(self, _session: Session, command: NewCommand, error: GatewayError) -> None:
        """Count a command that a limit did not let pass, and log it."""
        if not isinstance(error, LimitExceeded):
            return
        for limit, of in list_names(error):
            self._count_refusal(limit, of)
            key = command.requester.name
            logger.warning("%s of the %s let no order of %s pass for account %s", limit, of, key, command.account)

    def note(self, driver: PoolProxiedConnection, change: Change) -> None:
        """Take back what a command took that was certainly never sent, and what it may do where Tiger refused it."""
        record = change.record
        if record.state in GONE and record.kind in GATED:
            self._uses.release(driver, record.id, gives_back=record.state is State.DENIED)


class LimitAdmission:
    """What is known of one command when it asks to be sent."""

    def __init__(self, rows: LimitRows, uses: UseRows, zone: ZoneInfo, inputs: Inputs) -> None:
        self._rows = rows
        self._uses = uses
        self._zone = zone
        self._inputs = inputs

    @property
    def order(self) -> Order | None:
        """Return the order that is to be changed, as it was read for the limits."""
        return None if self._inputs.change is None else self._inputs.change.order

    def admit(self, driver: PoolProxiedConnection, record: CommandRecord) -> Said:
        """Check all limits, and count the command, in the transaction that has just written its row.

        Returns what it took of whose limits; which limits there are stands in the rows of their changes.

        Raises:
            LimitExceeded: One of them does not let it pass.
            TooBusy: There are limits now that were not there when the inputs were read.
        """
        owners = self._rows.lock(driver, record.account, record.api_key_id)
        if not owners.has_any:
            return NOTHING
        inputs = self._inputs
        if not inputs.knows(owners):
            self._rows.forget_looks()
            raise TooBusy(CHANGED, retry_after=1)
        if not isinstance(inputs.holdings, Unknown):
            self._uses.note_later(driver, record.account, inputs.holdings, owners.account_sequence)
        asked = _grow(inputs)
        exposures = get_exposures(self._inputs)
        limits = [replace(each, counters=each.counters.at(record.read_at, self._zone)) for each in owners.limits]
        refused = [found for each in limits for found in self._find_refused(each, asked, record, exposures)]
        if refused:
            raise get_refusal(refused)
        takings = self._count(driver, asked, record, limits)
        return {"limits": {owner: taking.describe() for owner, taking in takings.items()}}

    def _find_refused(
        self,
        limits: OwnedLimits,
        asked: Asked | None,
        record: CommandRecord,
        exposures: Exposures,
    ) -> list[Refused]:
        if asked is None:
            return find_refused(limits, None, self._inputs.reason)
        key_id = record.api_key_id if limits.owner.kind == "key" else None
        return find_refused(limits, get_case(limits, self._inputs, asked, exposures, key_id))

    def _count(
        self, driver: PoolProxiedConnection, asked: Asked | None, record: CommandRecord, limits: Iterable[OwnedLimits]
    ) -> dict[str, Taking]:
        """Write down what the command takes of each owner, which is returned, and what it may do."""
        sequence = 0
        takings: dict[str, Taking] = {}
        counted: dict[Owner, Counters] = {}
        number = 0 if asked is None else asked.number
        for each in limits:
            value, currency = NONE, None
            if asked is not None and "value_per_day" in each.values:
                value, currency = asked.added_value, asked.currency
            # Who has no limits now is not counted; an account's row numbers what is admitted all the same.
            taking = each.counters.take(record.read_at, number if each.values else 0, currency, value)
            takings[each.owner.kind] = taking
            counted[each.owner] = after = each.counters.after(taking)
            if each.owner.kind == "account":
                sequence = after.sequence
        self._rows.write_counters(driver, counted)
        change = self._inputs.change
        use = Use(
            command_id=record.id,
            account=record.account,
            key_id=record.api_key_id,
            sequence=sequence,
            orders=number,
            parts=() if asked is None else _get_used_parts(asked),
            takings=takings,
            order_id=None if change is None else change.order.order_id,
            target=None if change is None else change.target,
        )
        self._uses.insert(driver, use, record.read_at)
        if not isinstance(holdings := self._inputs.holdings, Unknown):
            # Whoever comes next in this process need not read it.
            on_outcome(driver, lambda outcome: holdings.note(use) if outcome is Outcome.COMMITTED else None)
        return takings


def get_exposures(inputs: Inputs) -> Exposures:
    """Return what is held, and may come to be, of each instrument of a command, or why that is not known."""
    if isinstance(inputs.holdings, Unknown):
        return inputs.holdings
    try:
        return {get_name(each): inputs.holdings.get_exposure(each) for each in inputs.instruments}
    except NotKnown as error:
        return Unknown(str(error))


def get_case(limits: OwnedLimits, inputs: Inputs, asked: Asked, exposures: Exposures, key_id: str | None) -> Case:
    """Return what the limits of one owner are checked by."""
    holdings = inputs.holdings
    open_orders = holdings if isinstance(holdings, Unknown) else holdings.count_open(key_id)
    return Case(asked, limits.currency, limits.counters, inputs.rates, exposures, open_orders, inputs.losses)


def _grow(inputs: Inputs) -> Asked | None:
    """Return what is asked; a change adds to a position what its order lacks of its new quantity."""
    asked, change, holdings = inputs.asked, inputs.change, inputs.holdings
    if asked is None or change is None or isinstance(holdings, Unknown):
        return asked
    growth = holdings.get_growth(change.order.order_id, change.target)

    def enlarge(part: Part) -> Part:
        return part if isinstance(part.quantity, Unknown) else replace(part, quantity=max(part.quantity, growth))

    first, *others = asked.orders
    parts = tuple(enlarge(part) for part in first.parts)
    is_smaller = asked.only_shrinks and not growth
    return replace(asked, orders=(replace(first, parts=parts), *others), only_shrinks=is_smaller)


def _get_used_parts(asked: Asked) -> tuple[UsedPart, ...]:
    return tuple(
        UsedPart(part.name, part.sides, VAST if isinstance(part.quantity, Unknown) else part.quantity)
        for part in asked.parts
    )
