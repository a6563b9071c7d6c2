"""What the journal of orders tells of an account: how each command ended, in the transaction that writes it."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import PoolProxiedConnection

from app.clock import get_now_ms
from app.events.event_log import EventLog
from app.events.events import NewEvent, Source, Topic
from app.events.sightings import OPEN, OVER, OrderSighting, get_order_subject
from app.events.told_states import ToldStates
from app.events.wakes import Wakes
from app.orders.records import CommandRecord, Kind
from app.orders.states import OUTCOMES, State
from app.orders.witnesses import Change

TOLD: Final = frozenset({State.ACCEPTED, State.REJECTED, State.DENIED, State.UNKNOWN, State.ABSENT})
LOOKED_UP: Final = frozenset({"found", "refused_later", "absent", "overtaken", "abandoned"})
"""Events of the journal that say what was learnt by looking."""
DOUBTFUL: Final = frozenset({State.UNKNOWN, State.ABSENT})


class JournalWitness:
    """Write an event for each outcome of a command, once."""

    def __init__(self, log: EventLog, told: ToldStates, wakes: Wakes) -> None:
        self._log = log
        self._told = told
        self._wakes = wakes

    def note(self, driver: PoolProxiedConnection, change: Change) -> None:
        """Tell how a command stands, where that is an outcome and not the one that was told before."""
        record = change.record
        if record.state not in TOLD or record.kind is Kind.CANCEL_ALL or change.before is record.state:
            return
        now = get_now_ms()
        if record.state is State.REJECTED and change.before is State.ACCEPTED:
            self._report_late_refusal(driver, change, now)
        else:
            self._report_outcome(driver, change, now)

    def _report_outcome(self, driver: PoolProxiedConnection, change: Change, now: int) -> None:
        record = change.record
        order = _get_order(record)
        data = {**_describe(change), "resolved": change.before in DOUBTFUL, "order": order}
        # It holds the account's counter: nobody else reads or writes what was told until the end.
        self._append(driver, change, OUTCOMES[record.state], data, now)
        if record.state is not State.ACCEPTED or record.order_id is None or record.kind is Kind.CANCEL:
            return
        subject = get_order_subject(record.order_id)
        figures = _get_figures(order)
        if record.kind is Kind.PLACE:
            whose = {"client_order_id": record.idempotency_key, "command_id": record.id}
            # That it is open is told herewith; whatever else Tiger says of it follows as an event of its own.
            state = {**figures, "phase": OPEN, "filled": "0", **whose}
            if not self._told.put_first(driver, record.account, subject, state, now):
                told = self._told.find(driver, record.account, subject)
                self._told.put(driver, record.account, subject, {**(told or state), **whose}, now)
            return
        told = self._told.find(driver, record.account, subject)
        if told is not None and told["phase"] not in OVER:
            self._told.put(driver, record.account, subject, {**told, **figures}, now)

    def _report_late_refusal(self, driver: PoolProxiedConnection, change: Change, now: int) -> None:
        """Tell that Tiger refused what it had taken, unless its push, or a comparison, has told it."""
        record = change.record
        if record.order_id is None:
            self._report_outcome(driver, change, now)
            return
        self._log.lock(driver, record.account)
        subject = get_order_subject(record.order_id)
        told = self._told.find(driver, record.account, subject)
        if told is not None and told["phase"] in OVER:
            return
        data = {**_describe(change), "resolved": False, "late": True, "order": _get_order(record)}
        self._append(driver, change, "rejected", data, now)
        filled = Decimal((told or {}).get("filled", 0))
        seen = OrderSighting(record.order_id, "rejected", filled, None, None, None, None)
        self._told.put(driver, record.account, subject, seen.get_state(told), now)

    def _append(
        self, driver: PoolProxiedConnection, change: Change, kind: str, data: Mapping[str, Any], now: int
    ) -> None:
        account = change.record.account
        source = Source.RECONCILER if change.event in LOOKED_UP else Source.JOURNAL
        number = self._log.append(driver, account, [NewEvent(Topic.ORDERS, kind, source, data)], now)
        self._wakes.wake(account, number)


def _describe(change: Change) -> dict[str, Any]:
    record, details = change.record, change.details
    number = record.order_number
    return {
        "command": record.kind.value,
        "command_id": record.id,
        "client_order_id": record.idempotency_key,
        "order_id": record.order_id or record.requested_order_id,
        "account_order_id": None if number is None else str(number),
        "reason": details.get("reason"),
        "code": details.get("error"),
    }


def _get_order(record: CommandRecord) -> Mapping[str, Any] | None:
    """Return the order as the command's answer has it."""
    if record.answer is None:
        return None
    answer = json.loads(record.answer)
    order = answer.get("data") or answer.get("error", {}).get("data")
    return order if isinstance(order, dict) and "status" in order else None


def _get_figures(order: Mapping[str, Any] | None) -> dict[str, Any]:
    figures = {name: (order or {}).get(name) for name in ("quantity", "limit_price", "stop_price")}
    written = {name: None if value is None else str(value) for name, value in figures.items()}
    return {**written, "moment": (order or {}).get("update_time")}
