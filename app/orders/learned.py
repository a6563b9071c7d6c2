"""What Tiger was seen to refuse of an account's orders in a market, so that the next one is not sent to find out."""

import logging
import re
import time
from dataclasses import replace
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from app.errors import GatewayError, InvalidRequest, OrderRejected, StorageUnavailable
from app.storage.engine import Storage
from app.storage.order_tables import learned_refusals
from app.tiger.instrument import STOCK
from app.tiger.trading.order_tickets import OrderTicket
from app.tiger.trading.prepared_orders import PreparedOrder
from app.tiger.trading.tradable_contracts import TradableContract

OUTSIDE_RTH: Final = "outside_rth"
"""Market orders outside regular trading hours; a time_in_force stands for itself."""
TAKEN_TIMES: Final = "DAY, GTC or GTD"
UNDOCUMENTED_TIMES: Final = frozenset({"IOC", "FOK"})
"""In no SDK and on no page of Tiger's [docs: time_in_force]."""
ABOUT_TIME_IN_FORCE: Final = re.compile(
    r"time_?in_?force|\btif\b|\b(IOC|FOK)\b.*(not |un)support|(not |un)support.*\b(IOC|FOK)\b|有效期", re.IGNORECASE
)
ABOUT_OUTSIDE_RTH: Final = re.compile(
    r"outside_?rth|regular trading hours|pre-market|after-hours|盘前|盘后|非交易时段", re.IGNORECASE
)
FORGOTTEN_MS: Final = 7 * 86_400_000
"""After a week Tiger is asked again: it may have changed its mind."""
KEPT_SECONDS: Final = 10.0
"""Another worker's experience is known this much later; it costs one order that is refused and sent again."""

logger = logging.getLogger(__name__)


class Learned:
    """The experience of all workers and machines."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._known: frozenset[tuple[str, str, str]] = frozenset()
        self._read_at = float("-inf")

    def fit(self, account: str, ticket: OrderTicket, contract: TradableContract) -> OrderTicket:
        """Return a ticket as Tiger takes it there, where that is known."""
        if _asks_itself(ticket, contract) and self._knows(account, contract.market, OUTSIDE_RTH):
            return replace(ticket, outside_rth=False)
        return ticket

    def check(self, account: str, ticket: OrderTicket, contract: TradableContract) -> None:
        """Deny a time_in_force that Tiger was seen to refuse; the database is asked in any case.

        Raises:
            OrderRejected: It names what Tiger takes.
        """
        wanted = ticket.time_in_force
        if wanted in UNDOCUMENTED_TIMES and self._knows(account, contract.market, wanted, now=True):
            raise _get_refusal(wanted)

    def name_time_in_force(self, account: str, prepared: PreparedOrder, error: GatewayError) -> GatewayError:
        """Return a refusal with the right field named, and remembered, where it is for a time_in_force."""
        wanted = prepared.ticket.time_in_force
        is_parameter = isinstance(error, InvalidRequest) and set(error.details or ()) <= {"time_in_force"}
        if wanted not in UNDOCUMENTED_TIMES or not (is_parameter or ABOUT_TIME_IN_FORCE.search(error.message)):
            return error
        self.note(account, prepared.contract.market, wanted)
        refusal = _get_refusal(wanted, error)
        refusal.sendings = error.sendings
        return refusal

    def note(self, account: str, market: str, subject: str) -> None:
        """Remember that Tiger refused this."""
        logger.warning("Tiger does not take %s in market %s for account %s", subject, market, account)
        self._known |= {(account, market, subject)}
        now = time.time_ns() // 1_000_000
        table = learned_refusals
        its = (table.c.account == account, table.c.market == market, table.c.subject == subject)
        row = {"account": account, "market": market, "subject": subject, "learned_at": now}
        try:
            with self._storage.writing(relaxed=True) as connection:
                connection.execute(delete(table).where(*its))
                connection.execute(insert(table).values(row))
        except IntegrityError:
            return
        except StorageUnavailable:
            # The next refusal teaches it again.
            logger.info("What Tiger refused could not be written down")

    def _knows(self, account: str, market: str, subject: str, *, now: bool = False) -> bool:
        if now or time.monotonic() - self._read_at > KEPT_SECONDS:
            self._read()
        return (account, market, subject) in self._known

    def _read(self) -> None:
        self._read_at = time.monotonic()
        table, now = learned_refusals.c, time.time_ns() // 1_000_000
        try:
            with self._storage.reading() as connection:
                known = select(table.account, table.market, table.subject).where(table.learned_at > now - FORGOTTEN_MS)
                rows = connection.execute(known).all()
        except StorageUnavailable:
            return
        self._known = frozenset((row.account, row.market, row.subject) for row in rows)


def _asks_itself(ticket: OrderTicket, contract: TradableContract) -> bool:
    """Return whether it is the gateway that lets an order trade outside regular hours: a market order of a stock.

    What names its session, or is for an auction, says itself when it trades.
    """
    is_plain = ticket.order_type == "MKT" and contract.sec_type == STOCK
    return is_plain and ticket.outside_rth is None and ticket.trading_session is None


def is_about_outside_rth(prepared: PreparedOrder, error: GatewayError) -> bool:
    """Return whether Tiger refuses an order for trading outside regular hours, which its client did not ask for."""
    is_ours = _asks_itself(prepared.ticket, prepared.contract) and prepared.params.outside_rth
    return bool(is_ours) and ABOUT_OUTSIDE_RTH.search(error.message) is not None


def _get_refusal(wanted: str, cause: GatewayError | None = None) -> OrderRejected:
    said = "" if cause is None else f" {cause.message}"
    return OrderRejected(
        f"Tiger does not take time_in_force {wanted} for this account and market: send {TAKEN_TIMES}.{said}",
        details={"time_in_force": [f"Send {TAKEN_TIMES}."]},
        tiger_code=None if cause is None else cause.tiger_code,
    )
