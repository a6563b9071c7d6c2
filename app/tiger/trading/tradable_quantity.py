"""Ask how much of an instrument an account could trade by one order (wire method ``estimate_tradable_quantity``)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tigeropen.common.consts import SegmentType
from tigeropen.common.consts.service_types import ESTIMATE_TRADABLE_QUANTITY
from tigeropen.trade.domain.contract import Contract
from tigeropen.trade.request.model import EstimateTradableQuantityModel

from app.errors import TigerError
from app.tiger.answered_types import choose_by_type
from app.tiger.deadline import Deadline
from app.tiger.instrument import OPTION_TYPE, STOCK, Instrument, get_members
from app.tiger.sessions import Session
from app.tiger.trading.account_kinds import require_prime
from app.tiger.trading.order_figures import FINEST_STEP, describe_nearest, refuse, wire_number
from app.tiger.trading.tradable_contracts import WARRANT_TYPES, fetch_tradable_contract
from app.tiger.wire.fields import fill, get_decoder
from app.tiger.wire.values import figure, mapping

TYPES: Final = dict.fromkeys((STOCK, OPTION_TYPE, *sorted(WARRANT_TYPES)), True)
"""Tiger answers for these: "futures are not supported" [docs: estimate tradable quantity], others are not named."""

_decode: Final = get_decoder(
    (figure, "tradable_quantity financing_quantity position_quantity tradable_position_quantity"),
)


@dataclass(frozen=True, slots=True)
class QuantityQuestion:
    """The order that is thought of: all of it but how many."""

    instrument: Instrument
    action: str
    order_type: str
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None


def fetch_tradable_quantity(session: Session, question: QuantityQuestion) -> dict[str, Any]:
    """Return how many could be bought or sold, with cash alone and with credit, and how many are held.

    Raises:
        InvalidRequest: Tiger answers for no instrument of that type, or not for a legacy global account.
        SymbolNotFound: Tiger knows no such instrument.
        TigerError: The answer holds no quantity.
    """
    require_prime(session, "how much can be traded")
    choose_by_type(TYPES, question.instrument, "quantities")
    deadline = session.read_deadline()
    params = fill(
        EstimateTradableQuantityModel(),
        contract=_get_contract(session, question.instrument, deadline),
        seg_type=SegmentType.SEC.value,
        action=question.action,
        order_type=question.order_type,
        limit_price=_get_price("limit_price", question.limit_price),
        stop_price=_get_price("stop_price", question.stop_price),
    )
    told = _decode(mapping(session.read(ESTIMATE_TRADABLE_QUANTITY, params, deadline)))
    if told["tradable_quantity"] is None:
        raise TigerError("Tiger did not say how much can be traded.")
    asked = {"action": question.action, "order_type": question.order_type}
    prices = {"limit_price": params.limit_price, "stop_price": params.stop_price}
    return {**get_members(question.instrument), **asked, **prices, **told}


def _get_price(name: str, price: Decimal | None) -> int | float | None:
    """Return a price as it travels; what no market has is refused, since it would buy more than can be counted."""
    if price is not None and price < FINEST_STEP:
        raise refuse(name, describe_nearest(price))
    return wire_number(name, price)


def _get_contract(session: Session, instrument: Instrument, deadline: Deadline) -> Contract:
    """Return what names the instrument; of a warrant Tiger wants expiry, strike and side, which its code stands for."""
    named: Any = instrument
    expiry = instrument.expiry_text
    if instrument.sec_type in WARRANT_TYPES:
        named = fetch_tradable_contract(session, instrument, deadline)
        expiry = named.expiry
    strike = None if named.strike is None else float(named.strike)
    return Contract(
        symbol=instrument.symbol,
        sec_type=instrument.sec_type,
        expiry=expiry,
        strike=strike,
        put_call=named.put_call,
    )
