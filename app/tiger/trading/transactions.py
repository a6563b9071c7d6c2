"""List the executions of an account's orders page by page (wire method ``order_transactions``)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from tigeropen.common.consts.service_types import ORDER_TRANSACTIONS
from tigeropen.trade.request.model import TransactionsParams

from app.errors import TigerError
from app.tiger.deadline import Deadline
from app.tiger.instrument import OPTION_TYPE, STOCK, Instrument, UnclearInstrument
from app.tiger.instrument_filter import ANY, InstrumentFilter
from app.tiger.page_gathering import Gathering, Place, WirePage
from app.tiger.paging import Paging
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES
from app.tiger.trading.account_kinds import require_prime
from app.tiger.trading.narrowing import get_side, is_wanted
from app.tiger.wire.dates import get_day
from app.tiger.wire.fields import fill, get_decoder
from app.tiger.wire.values import (
    decimal,
    figure,
    identifier,
    json_number,
    mapping,
    milliseconds,
    number,
    rows,
    scaled,
    text,
)

PAGE_SIZE: Final = 100
"""Tiger's most executions a page [docs: transactions limit]."""
MOST_PAGES: Final = 10
"""Most of Tiger's pages for one request: a sixth of what the method allows in a minute."""

_decode: Final = get_decoder(
    (identifier, "id order_id account=accountId"),
    (text, "symbol sec_type market currency action"),
    (number, "price=filledPrice amount=filledAmount"),
    (milliseconds, "transaction_time"),
    (identifier, "expiry"),
    (number, "strike"),
    (figure, "multiplier"),
)


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """Which executions are wanted; times are epoch milliseconds, both ends included, and None is any."""

    order_id: str | None = None
    instrument: InstrumentFilter = ANY
    start_ms: int | None = None
    end_ms: int | None = None

    def matches(self, row: Mapping[str, Any]) -> bool:
        """Return whether a row is wanted; what it leaves out cannot exclude it, except the order."""
        at_ms = row["transaction_time"]
        return (
            self.order_id in (None, row["order_id"])
            and (at_ms is None or self.start_ms is None or at_ms >= self.start_ms)
            and (at_ms is None or self.end_ms is None or at_ms <= self.end_ms)
            and is_wanted(self.instrument, row)
        )


def fetch_transactions(
    session: Session, wanted: TransactionFilter, *, limit: int, page_token: str | None, deadline: Deadline
) -> dict[str, Any]:
    """Return up to ``limit`` executions, newest first as Tiger lists them.

    Raises:
        InvalidRequest: The account is a legacy global one, or the page token is of another list.
        TigerError: An answer cannot be read, or is about another account.
    """
    require_prime(session, "executions")
    gathering = Gathering(
        lambda place: _fetch_page(session, wanted, place, deadline),
        wanted.matches,
        lambda row: str(row["id"]),
        MOST_PAGES,
    )
    paging = Paging(session, "transactions", asdict(wanted), Place)
    size = min(limit, PAGE_SIZE) if wanted.instrument == ANY else PAGE_SIZE
    found, following = gathering.gather(paging, page_token, limit=limit, size=size, deadline=deadline)
    return {"count": len(found), "next_page_token": following, "transactions": list(found)}


def _fetch_page(
    session: Session, wanted: TransactionFilter, place: Place, deadline: Deadline
) -> WirePage[dict[str, Any]]:
    instrument = wanted.instrument
    # A symbol needs its type, that of an option its expiration and side, and a future's may be its product's [Java page
    # of executions]: of stocks alone it is sure what is meant.
    is_stock = instrument.symbol is not None and instrument.sec_type == STOCK
    params = fill(
        TransactionsParams(),
        account=session.account.account,
        order_id=None if wanted.order_id is None else int(wanted.order_id),
        symbol=instrument.symbol if is_stock else None,
        sec_type=STOCK if is_stock else None,
        start_date=wanted.start_ms,
        # No source says whether Tiger's end is included; ours is.
        end_date=None if wanted.end_ms is None else wanted.end_ms + 1,
        limit=place.size,
        page_token=place.token,
    )
    data = session.read(ORDER_TRANSACTIONS, params, deadline)
    return WirePage(get_transactions(session.account.account, data), text(mapping(data).get("nextPageToken")))


def get_transactions(account: str, data: Any) -> tuple[dict[str, Any], ...]:
    """Return the executions of an answer that are the account's.

    Raises:
        TigerError: It holds no list, a row without an id, or rows of other accounts alone.
    """
    if data and not (isinstance(data, dict) and isinstance(data.get("items"), list | None)):
        raise TigerError("Tiger's list of executions cannot be read.")
    items = rows(mapping(data).get("items"))
    found = [get_transaction(item) for item in items if identifier(item.get("accountId")) in (None, account)]
    if items and not found:
        raise TigerError("Tiger sent the executions of another account.")
    if any(row["id"] is None for row in found):
        raise TigerError("Tiger's list of executions has one without an id.")
    return tuple(found)


def get_transaction(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return one execution; of an option Tiger does not send the identifier."""
    decoded = _decode(item)
    del decoded["account"]
    side = get_side(decoded["sec_type"], item.get("right"))
    quantity = json_number(scaled(item.get("filledQuantity"), item.get("filledQuantityScale")))
    name = text(item.get("identifier")) or _get_identifier(item, side)
    return {**decoded, "quantity": quantity, "put_call": side, "identifier": name}


def _get_identifier(item: Mapping[str, Any], side: str | None) -> str | None:
    symbol, expiry = text(item.get("symbol")), _get_date(item.get("expiry"))
    if text(item.get("secType")) != OPTION_TYPE or symbol is None:
        return symbol
    strike: Decimal | None = decimal(item.get("strike"))
    try:
        return Instrument(symbol, OPTION_TYPE, expiry, strike, side).identifier
    except UnclearInstrument:
        return None


def _get_date(sent: Any) -> date | None:
    return get_day(sent, MARKET_ZONES["US"])
