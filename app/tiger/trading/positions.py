"""Positions of an account."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from tigeropen.common.consts import Currency, Market
from tigeropen.common.consts.service_types import POSITIONS
from tigeropen.trade.request.model import PositionParams

from app.errors import GatewayError, InvalidRequest, NotFound, TigerError, TigerPermissionDenied
from app.tiger.deadline import Deadline
from app.tiger.instrument import FUTURE, Instrument
from app.tiger.instrument_filter import ANY, InstrumentFilter, get_only
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol_of
from app.tiger.trading.narrowing import get_side, is_wanted
from app.tiger.wire.fields import fill, get_decoder
from app.tiger.wire.values import (
    decimal,
    figure,
    identifier,
    json_number,
    milliseconds,
    number,
    scaled,
    text,
    truth,
    whole,
)

_decode: Final = get_decoder(
    (text, "symbol"),
    (number, "quantity average_cost market_price=latestPrice market_value unrealized_pnl realized_pnl"),
    (number, "unrealized_pnl_percent average_cost_by_average average_cost_of_carry today_pnl today_pnl_percent"),
    (number, "last_close_price strike"),
    (figure, "salable_quantity=salableQty"),
    (text, "sec_type market currency name"),
    (identifier, "contract_id"),
    (text, "identifier"),
    (figure, "multiplier"),
    (identifier, "expiry"),
    (text, "put_call=right"),
    (whole, "status"),
    (truth, "delayed=isLevel0Price"),
    (milliseconds, "update_timestamp"),
)

ALL_TYPES: Final = "ALL"
EVERY_TYPE: Final = ("STK", "OPT", "FUT", "WAR", "IOPT", "FUND", "CC")
"""Tiger answers for one security type at a time, for stocks where none is named [SDK: get_positions]."""

STOCK: Final = "STK"
FIRST_BUSINESS_CODE: Final = 1_000
"""Smaller ones tell of Tiger's servers, not of what was asked [page of error codes]."""
LOOK_AGAIN_SECONDS: Final = 240.0
APART_SECONDS: Final = 20.0
LONGEST_PAUSE_SECONDS: Final = LOOK_AGAIN_SECONDS + len(EVERY_TYPE) * APART_SECONDS
"""A type of which an account has shown no position is asked for so seldom, each a little less often than the last.

All seven at each question would be seven of Tiger's sixty calls a minute.
"""


def fetch_positions(
    session: Session,
    sec_type: str = STOCK,
    symbol: str | None = None,
    wanted: InstrumentFilter = ANY,
    *,
    ordered: Collection[str] = (),
) -> dict[str, Any]:
    """Return the positions of one security type, of one symbol where it is given; of "ALL", of each that has any.

    An option has the symbol of its underlying; ``wanted`` narrows further. For ALL, stocks, the types of which the
    account has shown a position and those ``ordered`` lately are asked for each time, the others every few minutes,
    by one worker for all, or when fresh answers are wanted; a type that Tiger refuses stands in ``missing`` with the
    reason.

    Raises:
        TigerError: An answer does not say what the account holds, nor that it holds nothing.
        GatewayError: Tiger could not be asked, or refuses every type.
    """
    deadline = session.read_deadline()
    if symbol is not None:
        wanted = replace(wanted, symbol=get_symbol_of(sec_type, symbol))
    if sec_type != ALL_TYPES:
        of_type = _fetch_type(session, sec_type, wanted, deadline)
        return {"positions": of_type, "count": len(of_type)}
    positions: list[dict[str, Any]] = []
    missing: list[dict[str, Any]] = []
    for place, name in enumerate(EVERY_TYPE):
        is_shown = name == STOCK or name in session.link.types_shown or name in ordered
        try:
            holds, refusal = (True, None) if is_shown else _look(session, name, place, deadline)
        except TigerError as error:
            # What an account never had does not spoil the rest; it is asked for again at once.
            if type(error) is not TigerError or (error.tiger_code or 0) < FIRST_BUSINESS_CODE:
                raise
            holds, refusal = False, _report(name, error)
        if holds:
            found, refusal = _try_type(session, name, wanted, deadline)
            positions += found
        if refusal:
            missing.append(refusal)
    if len(missing) == len(EVERY_TYPE):
        # Raises what Tiger has against all of them.
        positions += _fetch_type(session, STOCK, wanted, deadline)
    return {"positions": positions, "count": len(positions), "missing": missing}


def is_refusal_of_type(error: GatewayError) -> bool:
    """Tell whether Tiger said that it answers nothing for a type, now and later.

    Whatever may pass is told as the failure of the whole: a part of a portfolio looks like all of it.
    """
    return isinstance(error, InvalidRequest | NotFound | TigerPermissionDenied) and error.tiger_code is not None


def _look(session: Session, sec_type: str, place: int, deadline: Deadline) -> tuple[bool, dict[str, Any] | None]:
    """Tell whether the account had positions of a type some minutes ago, or how Tiger refused to tell."""

    def look(inside: Session) -> list[Any]:
        found, refusal = _try_type(inside, sec_type, ANY, deadline)
        return [bool(found), refusal]

    age = session.age_seconds
    seconds = LOOK_AGAIN_SECONDS + place * APART_SECONDS
    kind = Kind("positions", lambda _seconds: seconds, scope="account", is_shared=True)
    holds, refusal = session.compose(kind, (sec_type,), look, deadline)
    # What is told of is fresh; only what is not there was seen before.
    session.age_seconds = age
    return holds, refusal


def _try_type(
    session: Session, sec_type: str, wanted: InstrumentFilter, deadline: Deadline
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    try:
        return _fetch_type(session, sec_type, wanted, deadline), None
    except GatewayError as error:
        if not is_refusal_of_type(error):
            raise
        return [], _report(sec_type, error)


def _report(sec_type: str, error: GatewayError) -> dict[str, Any]:
    return {"sec_type": sec_type, "code": error.code, "error": error.message}


def _fetch_type(session: Session, sec_type: str, wanted: InstrumentFilter, deadline: Deadline) -> list[dict[str, Any]]:
    symbol = None if sec_type == FUTURE else wanted.tiger_symbol
    positions = [get_position(item) for item in fetch_items(session, sec_type, deadline, symbol)]
    if positions:
        session.link.types_shown.add(sec_type)
    return [position for position in positions if is_wanted(wanted, position)]


def fetch_items(
    session: Session, sec_type: str, deadline: Deadline, symbol: str | None = None
) -> list[Mapping[str, Any]]:
    """Return what Tiger sends of each position of a type; raises as ``fetch_positions`` does."""
    account = session.account.account
    # The SDK asks for all of both unless told otherwise (get_positions).
    everywhere = {"currency": Currency.ALL.value, "market": Market.ALL.value}
    params = fill(PositionParams(), account=account, sec_type=sec_type, symbol=symbol, **everywhere)
    items = read_items(session.read(POSITIONS, params, deadline))
    return [item for item in items if identifier(item.get("account")) in (None, account)]


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
    decoded = _decode(item)
    side = get_side(decoded["sec_type"], item.get("right"))
    return {**decoded, "quantity": json_number(get_quantity(item)), "put_call": side}


def get_quantity(item: Mapping[str, Any]) -> Decimal | None:
    """Return the real quantity; ``position`` alone is a whole number in units of 10^-positionScale."""
    real = decimal(item.get("positionQty"))
    return real if real is not None else scaled(item.get("position"), item.get("positionScale"))


def fetch_held_quantity(session: Session, instrument: Instrument, deadline: Deadline) -> Decimal:
    """Return how much of an instrument the account holds as Tiger shows it, exactly; negative when short.

    Raises:
        TigerError: The answer does not say what the account holds, nor that it holds nothing.
        GatewayError: Tiger could not be asked.
    """
    account, wanted = session.account.account, get_only(instrument)
    everywhere = {"currency": Currency.ALL.value, "market": Market.ALL.value}
    named = {"sec_type": instrument.sec_type, "symbol": wanted.tiger_symbol}
    params = fill(PositionParams(), account=account, **named, **everywhere)
    held = Decimal(0)
    for item in read_items(session.read(POSITIONS, params, deadline)):
        if identifier(item.get("account")) not in (None, account) or not is_wanted(wanted, get_position(item)):
            continue
        quantity = get_quantity(item)
        if quantity is None:
            raise TigerError(f"Tiger does not say how much of {instrument.identifier} the account holds.")
        held += quantity
    return held
