"""Fetch what the organisations of Hong Kong's market hold (wire method ``broker_hold``)."""

from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import BROKER_HOLD
from tigeropen.quote.request.model import BrokerHoldParams

from app.tiger.market.numbered_pages import DIRECTIONS, NumberedPage, get_page_decoder
from app.tiger.paging import AtPage, Paging
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES
from app.tiger.wire import values
from app.tiger.wire.dates import get_day_text
from app.tiger.wire.fields import fill, get_decoder

HOLDINGS: Final = Kind("holdings", lambda seconds: seconds.daily_seconds, is_shared=True)
ORDERS: Final = {
    "market_value": "marketValue",
    "shares": "sharesHold",
    "bought": "buyAmount",
    "bought_5_days": "buyAmount5",
    "bought_20_days": "buyAmount20",
    "bought_60_days": "buyAmount60",
}
"""Our names of the figures, and Tiger's."""
_decode: Final = get_decoder(
    (values.identifier, "id=orgId"),
    (values.text, "name=orgName market"),
    (partial(get_day_text, zone=MARKET_ZONES["HK"]), "date"),
    (values.figure, " ".join(f"{name}={sent}" for name, sent in ORDERS.items())),
)


def fetch_broker_holdings(
    session: Session, market: str, order_by: str, direction: str, limit: int, page_token: str | None
) -> dict[str, Any]:
    """Return a page of the organisations, ordered by one of their figures; ``direction`` is asc or desc.

    Raises:
        InvalidRequest: The page token does not continue this list.
        TigerError: Tiger answered another page.
    """
    paging = Paging(session, "broker-holdings", [market, order_by, direction], AtPage)
    place = paging.read(page_token) or AtPage(0, limit)
    chosen = {"order_by": ORDERS[order_by], "direction": DIRECTIONS[direction], "limit": place.size}
    params = fill(BrokerHoldParams(), market=market, page=place.page, **chosen)
    told = session.read(BROKER_HOLD, params, session.read_deadline(), decode=get_holdings, kind=HOLDINGS)
    page = NumberedPage.read(told, place)
    following = None if page.is_last else AtPage(place.page + 1, place.size)
    return {"market": market, **page.describe("holdings", paging.write(following))}


get_holdings: Final = get_page_decoder(_decode)
