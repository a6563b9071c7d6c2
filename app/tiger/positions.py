"""Positions of an account."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from tigeropen.common.consts import Currency, Market
from tigeropen.common.consts.service_types import POSITIONS
from tigeropen.trade.request.model import PositionParams

from app.errors import TigerError
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol_of
from app.tiger.values import decimal, identifier, json_number, milliseconds, number, scaled, text, whole

NUMBERS: Final = {
    "average_cost": "averageCost",
    "market_price": "latestPrice",
    "market_value": "marketValue",
    "unrealized_pnl": "unrealizedPnl",
    "realized_pnl": "realizedPnl",
    "unrealized_pnl_percent": "unrealizedPnlPercent",
    "average_cost_by_average": "averageCostByAverage",
    "average_cost_of_carry": "averageCostOfCarry",
    "today_pnl": "todayPnl",
    "today_pnl_percent": "todayPnlPercent",
    "last_close_price": "lastClosePrice",
    "strike": "strike",
}
"""Published name → wire name of the figures that are passed on as they are."""

EVERY_TYPE: Final = ("STK", "OPT", "FUT", "WAR", "IOPT", "FUND", "CC")
"""Tiger answers for one security type at a time, for stocks where none is named [SDK: get_positions]."""


def fetch_positions(session: Session, sec_type: str = "STK", symbol: str | None = None) -> dict[str, Any]:
    """Return the positions of one security type ("ALL": each in turn), of one symbol where it is given.

    An option has the symbol of its underlying. Where one of several types cannot be read there is no answer at all:
    a part of a portfolio looks like the whole.

    Raises:
        TigerError: An answer does not say what the account holds, nor that it holds nothing.
        GatewayError: Tiger could not be asked.
    """
    deadline = session.read_deadline()
    types = EVERY_TYPE if sec_type == "ALL" else (sec_type,)
    positions = [position for name in types for position in _fetch_type(session, name, symbol, deadline)]
    return {"positions": positions, "count": len(positions)}


def _fetch_type(session: Session, sec_type: str, symbol: str | None, deadline: Deadline) -> list[dict[str, Any]]:
    wanted = None if symbol is None else get_symbol_of(sec_type, symbol)
    params = PositionParams()
    params.account = session.account.account
    params.sec_type = sec_type
    params.symbol = wanted
    # The SDK asks for all of both unless told otherwise (get_positions).
    params.currency = Currency.ALL.value
    params.market = Market.ALL.value
    account = session.account.account
    items = read_items(session.call(POSITIONS, params, deadline=deadline))
    positions = [get_position(item) for item in items if identifier(item.get("account")) in (None, account)]
    return [position for position in positions if wanted is None or position["symbol"] in (None, wanted)]


def read_items(data: Any) -> list[Mapping[str, Any]]:
    """Return the positions of an answer.

    A success with no data at all is an account without positions, as the SDK reads it [PositionsResponse]: how Tiger
    says that is not recorded. Data that hold something else than a list say nothing of the kind, and who believes to
    hold nothing sells nothing, or buys once more.

    Raises:
        TigerError: There are data but no list, or something in it is no position.
    """
    if data is None or data == {}:
        return []
    items = data.get("items") if isinstance(data, dict) else data
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise TigerError("Tiger's list of positions cannot be read.")
    return items


def get_position(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return one position as documented; a short position has a negative quantity."""
    right = text(item.get("right"))
    return {
        "symbol": text(item.get("symbol")),
        "quantity": json_number(get_quantity(item)),
        **{name: number(item.get(sent)) for name, sent in NUMBERS.items()},
        "salable_quantity": json_number(decimal(item.get("salableQty"))),
        "sec_type": text(item.get("secType")),
        "market": text(item.get("market")),
        "currency": text(item.get("currency")),
        "name": text(item.get("name")),
        "contract_id": identifier(item.get("contractId")),
        "identifier": text(item.get("identifier")),
        "multiplier": json_number(decimal(item.get("multiplier"))),
        "expiry": identifier(item.get("expiry")),
        "put_call": None if right is None else right.upper(),
        "status": whole(item.get("status")),
        "update_timestamp": milliseconds(item.get("updateTimestamp")),
    }


def get_quantity(item: Mapping[str, Any]) -> Decimal | None:
    """Return the real quantity; ``position`` alone is a whole number in units of 10^-positionScale."""
    real = decimal(item.get("positionQty"))
    return real if real is not None else scaled(item.get("position"), item.get("positionScale"))
