"""Fetch what moved an account's cash: its ledger (``fund_details``), and transfers as they were asked for."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from tigeropen.common.consts.service_types import FUND_DETAILS, TRANSFER_FUND
from tigeropen.trade.request.model import FundDetailsParams, FundingHistoryParams

from app.errors import TigerError
from app.tiger.paging import Paging
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES
from app.tiger.trading.account_kinds import require_prime
from app.tiger.wire.dates import get_day_text
from app.tiger.wire.fields import fill, get_decoder
from app.tiger.wire.values import identifier, mapping, milliseconds, number, rows, text, truth, whole

SEGMENTS: Final = ("SEC", "FUT")
DEPOSITS: Final = "DEPOSIT_WITHDRAW"
MAXIMUM_PAGES: Final = 5
"""Most of Tiger's pages for one request."""


def _get_day(sent: Any) -> str | None:
    """Return a business date; transfers have been seen with slashes (2024/11/15)."""
    return get_day_text(sent.replace("/", "-") if isinstance(sent, str) else sent, MARKET_ZONES["US"])


_decode: Final = get_decoder(
    (identifier, "id"),
    (text, "type description=desc segment=segType currency"),
    (number, "amount"),
    (_get_day, "business_date"),
    (text, "contract_name"),
    (milliseconds, "updated_at"),
)
_decode_transfer: Final = get_decoder(
    (identifier, "id reference_id=refId type"),
    (text, "description=typeDesc currency"),
    (number, "amount"),
    (_get_day, "business_date"),
    (truth, "is_completed=completedStatus"),
    (milliseconds, "created_at updated_at"),
)


@dataclass(frozen=True, slots=True)
class MovementFilter:
    """Which movements are wanted; days are business days, both ends included, and None is any."""

    begin: date | None = None
    end: date | None = None
    kind: str | None = None
    segment: str | None = None
    currency: str | None = None

    def matches(self, row: dict[str, Any]) -> bool:
        """Return whether a row is wanted; what it leaves out cannot exclude it."""
        day, segment, currency = row["business_date"], row.get("segment"), row["currency"]
        return (
            (not day or not self.begin or day >= self.begin.isoformat())
            and (not day or not self.end or day <= self.end.isoformat())
            and (not segment or not self.segment or segment == self.segment)
            and (not currency or not self.currency or currency == self.currency)
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the ledger goes on: Tiger counts from its newest row, so that later ones push down what was told."""

    index: int
    after: str | None


def fetch_cash_movements(
    session: Session, wanted: MovementFilter, *, limit: int, page_token: str | None
) -> dict[str, Any]:
    """Return a page of the ledger, newest first; of deposits and withdrawals with the first page all transfers, too.

    Raises:
        InvalidRequest: The account is a legacy global one, or the page token is of another list.
        TigerError: The ledger cannot be read.
    """
    require_prime(session, "movements of cash")
    question = [str(member) for member in (wanted.begin, wanted.end, wanted.kind, wanted.segment, wanted.currency)]
    paging = Paging(session, "cash-movements", question, _Place)
    place = paging.read(page_token)
    found, following = _gather(session, wanted, place or _Place(0, None), limit)
    answer = {"count": len(found), "next_page_token": paging.write(following), "movements": found}
    if wanted.kind == DEPOSITS and place is None:
        answer["transfers"] = [row for row in _fetch_transfers(session, wanted) if wanted.matches(row)]
    return answer


def _gather(
    session: Session, wanted: MovementFilter, place: _Place, limit: int
) -> tuple[list[dict[str, Any]], _Place | None]:
    found: list[dict[str, Any]] = []
    index, after = place.index, place.after
    for _ in range(MAXIMUM_PAGES):
        size = limit - len(found)
        page, total = _fetch_page(session, wanted, index, size)
        told = [row["id"] for row in page]
        fresh = page[told.index(after) + 1 :] if after in told else page
        found += [row for row in fresh if wanted.matches(row)]
        index += len(page)
        after = told[-1] if told else after
        if not page or (len(page) < size if total is None else index >= total):
            return found, None
        if len(found) == limit:
            break
    return found, _Place(index, after)


def _fetch_page(
    session: Session, wanted: MovementFilter, start: int, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Return so many rows of the ledger from the ``start``-th on, and how many there are."""
    params = fill(
        FundDetailsParams(),
        seg_types=[wanted.segment] if wanted.segment else list(SEGMENTS),
        fund_type=wanted.kind,
        currency=wanted.currency,
        start_date=wanted.begin and wanted.begin.isoformat(),
        # No source says whether Tiger counts the last day in.
        end_date=wanted.end and (wanted.end + timedelta(days=1)).isoformat(),
        start=start,
        limit=limit,
    )
    data = session.read(FUND_DETAILS, params, session.read_deadline())
    if data and not (isinstance(data, dict) and isinstance(data.get("items"), list | None)):
        raise TigerError("Tiger's ledger of the account cannot be read.")
    return [_decode(row) for row in rows(mapping(data).get("items"))], whole(mapping(data).get("itemCount"))


def _fetch_transfers(session: Session, wanted: MovementFilter) -> list[dict[str, Any]]:
    params = fill(FundingHistoryParams(), seg_type=wanted.segment)
    return [_decode_transfer(row) for row in rows(session.read(TRANSFER_FUND, params, session.read_deadline()))]
