"""Halts: a row says for an account, or for all, that nothing may be placed or changed, or only what reduces.

A row stays when trading is resumed: its number counts the halts, and a confirmation knows which it has seen.
"""

import contextlib
import enum
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    PoolProxiedConnection,
    RowMapping,
    String,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from app.audit import events
from app.audit.trail import Trail
from app.clock import get_now_ms
from app.errors import StorageUnavailable, TradingHalted
from app.storage.engine import Storage
from app.storage.halt_tables import halts
from app.storage.prepared import Prepared

ALL_ACCOUNTS: Final = "*"
LONGEST_REASON: Final = 200
SENTENCE_ENDS: Final = (".", "!", "?", "…", "。")
MOST_TRIES: Final = 3
CANCELLING_MS: Final = 30_000
"""So long the request that halts is left alone with the open orders before the worker that leads looks after them."""
LONGEST_CANCELLING_MS: Final = 120_000
"""A moment further away was written before a clock was set back."""


class Mode(enum.StrEnum):
    """What an account may do. Cancellations pass in each."""

    OPEN = "open"
    REDUCE_ONLY = "reduce_only"
    HALTED = "halted"


MODES: Final = tuple(Mode)
"""From the freest to the strictest; where a halt of the account and one of all are in force the stricter one counts."""


@dataclass(frozen=True, slots=True)
class Halt:
    """One row: what is in force for an account or for all (``*``), and who says so since when and why."""

    account: str
    mode: Mode
    reason: str
    changed_by: str
    changed_at: int

    def to_dict(self) -> dict[str, Any]:
        """Return it as a client is told of it."""
        return {**asdict(self), "mode": self.mode.value}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force for one account, and how often it was halted, alone or with all others."""

    mode: Mode
    number: int

    def allows(self, *, is_reducing: bool) -> bool:
        """Return whether a placement or a change may be sent."""
        return self.mode is Mode.OPEN or (self.mode is Mode.REDUCE_ONLY and is_reducing)


class Halts:
    """The rows; every method raises ``StorageUnavailable`` where they cannot be read or written."""

    def __init__(self, storage: Storage, trail: Trail | None = None) -> None:
        """Take who records what is changed."""
        self._storage = storage
        self._trail = trail
        concerned = halts.c.account.in_([bindparam("its_account"), ALL_ACCOUNTS])
        severity = case({mode.value: rank for rank, mode in enumerate(MODES)}, value=halts.c.mode, else_=len(MODES) - 1)
        standing = select(
            func.coalesce(func.max(severity), 0).label("severity"),
            func.coalesce(func.sum(halts.c.number), 0).label("number"),
        ).where(concerned)
        self._standing = Prepared(storage.engine, standing)
        in_force = select(halts).where(concerned, halts.c.mode != Mode.OPEN.value)
        self._strictest = Prepared(storage.engine, in_force.order_by(severity.desc(), halts.c.account.desc()).limit(1))
        self._again = (
            update(halts)
            .where(halts.c.account == bindparam("its_account"))
            .values(
                number=halts.c.number + bindparam("more", type_=BigInteger),
                cancels_at=case(
                    (bindparam("new_mode", type_=String) == Mode.OPEN.value, None),
                    else_=func.coalesce(bindparam("new_cancels_at", type_=BigInteger), halts.c.cancels_at),
                ),
                **{name: bindparam(f"new_{name}") for name in ("mode", "reason", "changed_by", "changed_at")},
            )
        )

    def look(self, driver: PoolProxiedConnection, account: str) -> Standing:
        """Return what is in force for an account, in a transaction of the driver's."""
        row = self._standing.first(driver, {"its_account": account})
        if row is None:
            raise StorageUnavailable("Whether trading is halted cannot be read; nothing was sent.", retry_after=1)
        return Standing(MODES[int(row["severity"])], int(row["number"]))

    def fetch(self, account: str) -> Standing:
        """Return the same in a transaction of its own."""
        with self._storage.reading() as connection:
            return self.look(connection.connection, account)

    def get_refusal(self, driver: PoolProxiedConnection, account: str) -> TradingHalted:
        """Return the error for an order that a halt does not let pass."""
        row = self._strictest.first(driver, {"its_account": account})
        return get_refusal(account, None if row is None else _get_halt(row))

    def fetch_refusal(self, account: str) -> TradingHalted:
        """Return the same, read in a transaction of its own."""
        with self._storage.reading() as connection:
            return self.get_refusal(connection.connection, account)

    def list(self, account: str) -> list[Halt]:
        """Return what is in force for an account, or all that is in force anywhere (``*``), the halt of all first."""
        in_force = select(halts).where(halts.c.mode != Mode.OPEN.value).order_by(halts.c.account)
        if account != ALL_ACCOUNTS:
            in_force = in_force.where(halts.c.account.in_([account, ALL_ACCOUNTS]))
        with self._storage.reading() as connection:
            return [_get_halt(row) for row in connection.execute(in_force).mappings()]

    def find_cancelling(self) -> Sequence[Halt]:
        """Return the halts in force whose open orders are to be cancelled now."""
        now, cancels_at = get_now_ms(), halts.c.cancels_at
        is_due = or_(cancels_at <= now, cancels_at > now + LONGEST_CANCELLING_MS)
        with self._storage.reading() as connection:
            found = connection.execute(select(halts).where(halts.c.mode != Mode.OPEN.value, is_due))
            return [_get_halt(row) for row in found.mappings()]

    def is_in_force(self, halt: Halt) -> bool:
        """Return whether a halt is still the one of its account: not where it was lifted, or changed."""
        with self._storage.reading() as connection:
            return connection.execute(select(halts.c.account).where(*_is_same(halt))).first() is not None

    def note_cancelled(self, halt: Halt, next_at: int | None) -> None:
        """Write down when its open orders are cancelled next, null where none is left, unless it changed meanwhile."""
        with self._storage.writing() as connection:
            connection.execute(update(halts).where(*_is_same(halt)).values(cancels_at=next_at))

    def halt(
        self,
        account: str,
        mode: Mode,
        reason: str,
        changed_by: str,
        *,
        actor: str | None = None,
        cancels: bool = False,
    ) -> Halt:
        """Put a halt in force for an account or for all; on disk, and so for every worker, when this returns.

        It is recorded in the name of the ``actor``. With ``cancels`` its row says that open orders are to be cancelled,
        until it is noted that they are.
        """
        halt = Halt(account, mode, reason, changed_by, get_now_ms())
        return self._write(halt, events.HALT_SET, actor, more=1, cancels=cancels)

    def resume(self, account: str, reason: str, changed_by: str, *, actor: str | None = None) -> Halt:
        """Lift the halt of an account, or the one of all: each is lifted by itself."""
        return self._write(
            Halt(account, Mode.OPEN, reason, changed_by, get_now_ms()), events.HALT_LIFTED, actor, more=0
        )

    def _write(self, halt: Halt, event: str, actor: str | None, *, more: int, cancels: bool = False) -> Halt:
        values = {name: value for name, value in halt.to_dict().items() if name != "account"}
        values["cancels_at"] = halt.changed_at + CANCELLING_MS if cancels else None
        renewed = {"its_account": halt.account, "more": more, **{f"new_{name}": each for name, each in values.items()}}
        first = insert(halts).values(account=halt.account, number=more, **values)
        for _ in range(MOST_TRIES):
            # Of two that put the first halt of an account in force at this moment, the second changes its row.
            with contextlib.suppress(IntegrityError), self._storage.writing() as connection:
                if not connection.execute(self._again, renewed).rowcount:
                    connection.execute(first)
                if self._trail is not None:
                    said = {"mode": halt.mode.value, "reason": halt.reason, "cancel_open": cancels}
                    self._trail.write(connection, event, actor or halt.changed_by, account=halt.account, details=said)
                return halt
        raise StorageUnavailable("The halt changed hands at this moment; try again.", retry_after=1)


def get_refusal(account: str, halt: Halt | None) -> TradingHalted:
    """Return the error for an order of an account that this halt does not let pass."""
    if halt is None:
        return TradingHalted("Trading was halted at this moment; nothing was sent. Orders can be cancelled.")
    whose = "all accounts" if halt.account == ALL_ACCOUNTS else f"account {account}"
    what = f"Trading is halted for {whose}"
    if halt.mode is Mode.REDUCE_ONLY:
        what = f"Trading is open for {whose} only to what reduces a position, by /api/trade/close-position"
    reason = halt.reason if halt.reason.endswith(SENTENCE_ENDS) else f"{halt.reason}."
    since = {"halted_by": halt.changed_by, "halted_at": halt.changed_at}
    return TradingHalted(
        f"{what}: {reason} Nothing was sent; orders can be cancelled.",
        data={"account": halt.account, "mode": halt.mode.value, "reason": halt.reason, **since},
    )


def _is_same(halt: Halt) -> tuple[ColumnElement[bool], ...]:
    return halts.c.account == halt.account, halts.c.changed_at == halt.changed_at, halts.c.mode == halt.mode.value


def _get_halt(row: RowMapping | Mapping[str, Any]) -> Halt:
    members = {name: row[name] for name in ("account", "reason", "changed_by", "changed_at")}
    return Halt(mode=Mode(row["mode"]), **members)
