"""What an account holds of an instrument, and the orders that change it: read so that nothing slips through between."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any, Final

from app.tiger.deadline import Deadline
from app.tiger.identification import FUTURE_CODE
from app.tiger.instrument import COIN, FUTURE, OPTION_TYPE, STOCK, Instrument
from app.tiger.instrument_filter import ANY, RENAMED, InstrumentFilter, get_only
from app.tiger.sessions import Session
from app.tiger.symbols import CONTINUOUS, get_market
from app.tiger.trading.narrowing import is_wanted
from app.tiger.trading.open_orders import fetch_changed_orders, fetch_open_orders
from app.tiger.trading.orders import Order
from app.tiger.trading.positions import fetch_held_quantity

CHANGED_MS: Final = 900_000
"""Orders that were placed or changed within so long are read besides the open ones."""
PRODUCT: Final = re.compile(r"[0-9]*[A-Z]+")
BUY: Final = "BUY"
SELL: Final = "SELL"
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
    sides = (BUY, SELL)
    orders = {
        order.order_id: order for order in found if any(count_units(order, instrument, side) != 0 for side in sides)
    }
    return Holding(instrument, quantity, read_at, tuple(orders.values()))


def has_several_names(instrument: Instrument) -> bool:
    """Return whether orders may name it otherwise: a future by ``main``, an option of Hong Kong by its stock."""
    return instrument.sec_type in RENAMED or (instrument.sec_type == OPTION_TYPE and instrument.market == "HK")


def count_units(order: Order, instrument: Instrument, action: str) -> Decimal | None:
    """Return how many units of an instrument each unit of an order may buy, or sell, as ``action`` says; 0 for none.

    Of a combination these are the legs. Of one that is sold nobody says whether a leg's own side is turned round, so
    that either counts. None where nobody can say how many: a combination whose legs Tiger does not show.
    """
    if order.legs:
        legs = [leg for leg in order.legs if may_be({**leg, "identifier": None}, instrument)]
        sides = (None, action) if order.action == BUY else None
        units = [leg["ratio"] for leg in legs if sides is None or leg["action"] in sides]
        return None if None in units else Decimal(sum(units))
    contract = order.contract
    if contract.sec_type == COMBINATION:
        is_near = instrument.sec_type in {OPTION_TYPE, STOCK} and contract.symbol in (None, instrument.symbol)
        return None if is_near else Decimal(0)
    return Decimal(order.action in (None, action) and may_be(asdict(contract), instrument))


def may_be(row: Mapping[str, Any], instrument: Instrument) -> bool:
    """Return whether what a row names may be an instrument; what it leaves out is no difference."""
    wanted = get_only(instrument)
    if instrument.sec_type == COIN or not has_several_names(instrument):
        return is_wanted(wanted, row)
    if row["sec_type"] not in (None, instrument.sec_type):
        return False
    if instrument.sec_type == FUTURE:
        names = {row["symbol"], row["identifier"], row.get("local_symbol")} - {None}
        return not names or any(is_same_future(name, instrument.symbol) for name in names)
    return is_wanted(replace(wanted, symbol=None), row)


def may_be_wanted(wanted: InstrumentFilter, row: Mapping[str, Any]) -> bool:
    """Return whether a filter wants what a row names, or may want it, where that has several names."""
    code, kind = wanted.symbol, _get_renamed_type(wanted)
    if code is None or kind is None or is_wanted(wanted, row):
        return is_wanted(wanted, row)
    if row["sec_type"] not in (None, kind):
        return False
    if kind == FUTURE:
        names = {row["symbol"], row["identifier"], row.get("local_symbol")} - {None}
        return any(is_same_future(name, code) or is_same_future(code, name) for name in names)
    return row["market"] in (None, "HK") and is_wanted(replace(wanted, symbol=None), row)


def widen(wanted: InstrumentFilter) -> InstrumentFilter:
    """Return the filter that wants all that a filter may want, whatever it is called."""
    return wanted if _get_renamed_type(wanted) is None else replace(wanted, symbol=None)


def _get_renamed_type(wanted: InstrumentFilter) -> str | None:
    """Return the type of what a filter names where instruments of it have several names; None where they have one."""
    if wanted.symbol is None or wanted.sec_type == FUTURE:
        return wanted.symbol and wanted.sec_type
    # A number alone means the stock.
    is_option = wanted.sec_type == OPTION_TYPE or (wanted.sec_type is None and not wanted.symbol.isdecimal())
    return OPTION_TYPE if is_option and get_market(wanted.symbol) == "HK" else None


def is_same_future(name: str, code: str) -> bool:
    """Return whether a name may mean a contract: its code, that of its product, or the continuous one."""
    product = PRODUCT.match(code)
    is_dated = FUTURE_CODE.fullmatch(name) is not None and not name.endswith(CONTINUOUS)
    return name == code or (not is_dated and product is not None and name.startswith(product[0]))
