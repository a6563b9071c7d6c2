"""Read what Tiger says about a contract, as an account trades it and as its quotes name a future."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from app.tiger.instrument import COIN, FUTURE, Instrument, get_members
from app.tiger.symbols import CONTINUOUS, get_pair
from app.tiger.wire.fields import get_decoder
from app.tiger.wire.values import decimal, figure, identifier, number, rows, text, truth, whole

Row = Mapping[str, Any]


def get_contract(item: Row, instrument: Instrument | None = None) -> dict[str, Any]:
    """Return one contract as documented; what Tiger leaves out is null, unless it follows from the instrument."""
    contract = {
        **_decode_contract(item),
        "exchange": text(item.get("primaryExchange")) or text(item.get("exchange")),
        "put_call": _get_right(item),
        "tradable": truth(item.get("tradeable", item.get("trade"))),
        "continuous": _is_continuous(item),
    }
    known = {} if instrument is None else get_members(instrument)
    return contract | {name: member for name, member in known.items() if contract[name] is None}


def get_tick_sizes(sent: Any) -> list[dict[str, Any]]:
    """Return the price steps: from ``begin`` to ``end`` (null where there is none) prices move by ``tick_size``."""
    return [_decode_step(step) for step in rows(sent)]


_decode_step: Final = get_decoder((number, "begin end"), (text, "type"), (number, "tick_size"))
_decode_contract: Final = get_decoder(
    (text, "symbol sec_type currency exchange name market"),
    (figure, "lot_size"),
    (get_tick_sizes, "tick_sizes"),
    (number, "min_tick"),
    (figure, "multiplier"),
    (identifier, "contract_id"),
    (text, "identifier local_symbol trading_class"),
    (identifier, "expiry"),
    (number, "strike"),
    (text, "put_call"),
    (identifier, "contract_month last_trading_date first_notice_date"),
    (truth, "continuous tradable close_only marginable"),
    (number, "long_initial_margin long_maintenance_margin"),
    (truth, "shortable"),
    (whole, "shortable_count"),
    (number, "short_fee_rate short_initial_margin short_maintenance_margin"),
    (truth, "is_etf supports_fractions=supportFractionalShare supports_overnight=supportOvernightTrading"),
)


def name_future(item: Row) -> Row:
    """Return the quotes' words for a future in those of its contract."""
    code = text(item.get("contractCode"))
    named = {"symbol": code, "identifier": code, "secType": FUTURE, "tradingClass": item.get("ibCode")}
    return {**item, **named, "expiry": item.get("lastTradingDate")}


def get_names(item: Row) -> set[str]:
    """Return what a contract is called."""
    names = (text(item.get(name)) for name in ("identifier", "localSymbol", "symbol"))
    return {name for name in names if name is not None}


def bears_name(item: Row, instrument: Instrument) -> bool:
    """Return whether a contract is called as an instrument is; how Tiger writes a pair of coins, no source says."""
    names = get_names(item)
    if instrument.sec_type == COIN:
        return get_pair(instrument.symbol) in map(get_pair, names)
    return bool(names & {instrument.symbol, instrument.identifier})


def is_about(item: Row, instrument: Instrument) -> bool:
    """Return whether a contract is that of an instrument; what it leaves out cannot exclude it."""
    is_named = not get_names(item) or bears_name(item, instrument)
    told = text(item.get("secType"))
    terms = (instrument.expiry_text, instrument.strike, instrument.put_call)
    return is_named and told in (None, instrument.sec_type) and is_wanted(item, *terms)


def is_wanted(item: Row, expiry: str | None, strike: Decimal | None, put_call: str | None) -> bool:
    """Return whether a contract has the terms asked for; what it leaves out cannot exclude it."""
    told = (identifier(item.get("expiry")), decimal(item.get("strike")), _get_right(item))
    return all(
        wanted is None or its in (None, wanted) for its, wanted in zip(told, (expiry, strike, put_call), strict=True)
    )


def _is_continuous(item: Row) -> bool | None:
    """Tell whether a future is a continuous one, None of other types.

    By code or month: a recorded answer marks ES2509 as continuous, and CLmain not (``future_current_contract``).
    """
    if text(item.get("secType")) != FUTURE:
        return None
    if any(name.endswith(CONTINUOUS) for name in get_names(item)):
        return True
    return False if identifier(item.get("contractMonth")) else truth(item.get("continuous"))


def _get_right(item: Row) -> str | None:
    right = text(item.get("right")) or text(item.get("putCall"))
    return None if right is None else right.upper()
