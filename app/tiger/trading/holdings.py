"""What an account holds of an instrument, and the orders that change it: read so that nothing slips through between."""

import re
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Final

from app.tiger.deadline import Deadline
from app.tiger.identification import FUTURE_CODE
from app.tiger.instrument import FUTURE, OPTION_TYPE, Instrument
from app.tiger.instrument_filter import ANY, InstrumentFilter, get_only
from app.tiger.sessions import Session
from app.tiger.symbols import CONTINUOUS
from app.tiger.trading.narrowing import is_wanted
from app.tiger.trading.open_orders import fetch_changed_orders, fetch_open_orders
from app.tiger.trading.order_contracts import OrderContract
from app.tiger.trading.orders import Order
from app.tiger.trading.positions import fetch_held_quantity

CHANGED_MS: Final = 900_000
"""Orders that were placed or changed within so long are read besides the open ones."""
PRODUCT: Final = re.compile(r"[0-9]*[A-Z]+")
COMBINATION: Final = "MLEG"
"""The type of an order for several instruments together [SDK: SecurityType]."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What Tiger showed: ``quantity`` is negative when short, ``read_at`` its time just before it was asked for it.

    ``orders`` are those that may be of the instrument: open ones, and others that changed lately, as they stood after
    that.
    """

    instrument: Instrument
    quantity: Decimal
    read_at: int
    orders: tuple[Order, ...]


def fetch_holding(session: Session, instrument: Instrument, deadline: Deadline) -> Holding:
    """Return what the account holds of an instrument, with the orders of it.

    Positions come first: an order that fills meanwhile is then seen as open, or as filled just now, and never missed.

    Raises:
        TigerError: An answer does not say what is held, or which orders there are.
        GatewayError: Tiger could not be asked.
    """
    # Before its first answer Tiger's time is not known: then every fill counts as late.
    read_at = session.tiger_now or 0
    quantity = fetch_held_quantity(session, instrument, deadline)
    wanted = ANY if has_several_names(instrument) else InstrumentFilter(instrument.symbol)
    found = fetch_open_orders(session, wanted, deadline)
    # Read last, these are how an order stands that is in both lists.
    found += fetch_changed_orders(session, wanted, read_at - CHANGED_MS, deadline)
    orders = {order.order_id: order for order in found if may_trade(order.contract, instrument)}
    return Holding(instrument, quantity, read_at, tuple(orders.values()))


def has_several_names(instrument: Instrument) -> bool:
    """Return whether orders may name it otherwise: a future by ``main``, an option of Hong Kong by its stock."""
    return instrument.sec_type == FUTURE or (instrument.sec_type == OPTION_TYPE and instrument.market == "HK")


def may_trade(contract: OrderContract, instrument: Instrument) -> bool:
    """Return whether an order may be of an instrument; what it leaves out is no difference."""
    if contract.sec_type == COMBINATION:
        # Nobody knows its legs; of another underlying they are not.
        return instrument.sec_type in {OPTION_TYPE, "STK"} and contract.symbol in (None, instrument.symbol)
    wanted = get_only(instrument)
    if not has_several_names(instrument):
        return is_wanted(wanted, asdict(contract))
    if contract.sec_type not in (None, instrument.sec_type):
        return False
    if instrument.sec_type == FUTURE:
        names = {name for name in (contract.symbol, contract.identifier, contract.local_symbol) if name}
        return not names or any(is_same_future(name, instrument.symbol) for name in names)
    return is_wanted(replace(wanted, symbol=None), asdict(contract))


def is_same_future(name: str, code: str) -> bool:
    """Return whether a name may mean a contract: its code, that of its product, or the continuous one."""
    product = PRODUCT.match(code)
    is_dated = FUTURE_CODE.fullmatch(name) is not None and not name.endswith(CONTINUOUS)
    return name == code or (not is_dated and product is not None and name.startswith(product[0]))
