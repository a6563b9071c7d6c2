"""Fetch what money can leave a segment of an account, and what did (wire methods ``segment_fund_…``)."""

from typing import Any, Final

from tigeropen.common.consts.service_types import SEGMENT_FUND_AVAILABLE, SEGMENT_FUND_HISTORY
from tigeropen.trade.request.model import SegmentFundParams

from app.tiger.sessions import Session
from app.tiger.trading.account_kinds import require_prime
from app.tiger.wire.fields import fill, get_decoder
from app.tiger.wire.values import identifier, milliseconds, number, rows, text

_decode_available: Final = get_decoder((text, "segment=fromSegment currency"), (number, "amount"))
_decode_transfer: Final = get_decoder(
    (identifier, "id"),
    (text, "from_segment to_segment currency"),
    (number, "amount"),
    (text, "status description=statusDesc message"),
    (milliseconds, "created_at updated_at settled_at"),
)


def fetch_segment_funds(session: Session, segment: str, currency: str | None, limit: int) -> dict[str, Any]:
    """Return what can leave a segment (SEC, FUT) by currency, and the newest transfers between segments.

    Raises:
        InvalidRequest: The account is a legacy global one.
    """
    require_prime(session, "money of segments")
    deadline = session.read_deadline()
    params = fill(SegmentFundParams(), from_segment=segment, currency=currency)
    available = [_decode_available(row) for row in rows(session.read(SEGMENT_FUND_AVAILABLE, params, deadline))]
    history = rows(session.read(SEGMENT_FUND_HISTORY, fill(SegmentFundParams(), limit=limit), deadline))
    transfers = [_decode_transfer(row) for row in history][:limit]
    mine = [row for row in available if row["segment"] in {None, segment} and currency in {None, row["currency"]}]
    return {"segment": segment, "available": mine, "count": len(transfers), "transfers": transfers}
