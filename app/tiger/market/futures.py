"""Fetch which futures there are, and when they trade (wire methods ``future_…`` without prices)."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from tigeropen.common.consts import service_types as wire
from tigeropen.common.model import BaseParams
from tigeropen.quote.request.model import (
    FutureContractParams,
    FutureExchangeParams,
    FutureQuoteParams,
    FutureTradingTimeParams,
    MarketParams,
)

from app.errors import SymbolNotFound
from app.tiger.instrument import FUTURE, Instrument, get_members
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import CONTINUOUS, MARKET_ZONES
from app.tiger.wire import values
from app.tiger.wire.dates import get_day_end_ms, get_day_start_ms, get_day_text, get_today
from app.tiger.wire.fields import fill, get_decoder

FUTURES: Final = Kind("futures", lambda seconds: seconds.list_seconds, is_shared=True)
CURRENT: Final = Kind("current_futures", lambda seconds: seconds.daily_seconds, is_shared=True)
"""Which contract is the current one changes when a session begins."""
RUNNING_TIMES: Final = Kind("running_future_times", lambda seconds: seconds.status_seconds, is_shared=True)
TIMES: Final = Kind("future_times", lambda seconds: seconds.list_seconds, is_shared=True)
ZONE: Final = MARKET_ZONES["US"]
"""In which days are counted: Tiger stamps a session with its end there (a recorded answer: 17:00)."""
DEFAULT_RANGE: Final = timedelta(days=30)

_decode_exchange: Final = get_decoder((values.text, "code name zone=zoneId"))
_decode_contract: Final = get_decoder(
    (values.text, "type trading_class=ibCode name exchange exchange_code currency"),
    (values.identifier, "contract_month"),
    (partial(get_day_text, zone=ZONE), "last_trading_date first_notice_date"),
    (values.milliseconds, "last_bidding_close_time"),
    (values.number, "min_tick"),
    (values.figure, "multiplier display_multiplier"),
    (values.text, "product_type product_worth delivery_mode"),
    # A recorded answer marks ES2509, and CLmain not: it is no mark of the continuous contract.
    (values.truth, "main=continuous tradable=trade"),
)
_decode_span: Final = get_decoder((values.milliseconds, "begin=start end"))
_decode_main: Final = get_decoder((values.milliseconds, "time"), (values.text, "symbol=referContractCode"))
_Row = dict[str, Any]


def fetch_exchanges(session: Session) -> _Row:
    """Return the exchanges that list futures, with their time zones."""
    params = fill(MarketParams(), sec_type=FUTURE)
    return {"exchanges": _read(session, wire.FUTURE_EXCHANGE, params, FUTURES, _get_exchanges)}


def fetch_exchange(session: Session, exchange: str) -> _Row:
    """Return every contract of an exchange."""
    params = fill(FutureExchangeParams(), exchange_code=exchange)
    contracts = _read(session, wire.FUTURE_CONTRACT_BY_EXCHANGE_CODE, params, FUTURES, get_contracts)
    return {"exchange": exchange, "contracts": contracts}


def fetch_type(session: Session, kind: str) -> _Row:
    """Return every contract of a type such as ES, the current one, and the continuous one.

    Raises:
        SymbolNotFound: Tiger has no such futures.
    """
    params, decode = fill(FutureContractParams(), type=kind), partial(get_contracts, kind=kind)
    listed = _read(session, wire.FUTURE_CONTRACTS, params, FUTURES, decode)
    current = _read(session, wire.FUTURE_CURRENT_CONTRACT, params, CURRENT, decode)
    continuous = _read(session, wire.FUTURE_CONTINUOUS_CONTRACTS, params, FUTURES, decode)
    if not (listed or current or continuous):
        raise SymbolNotFound(f"Tiger has no futures of the type {kind}.")
    first = {"current": current[0] if current else None, "continuous": continuous[0] if continuous else None}
    return {"type": kind, **first, "contracts": listed}


def fetch_contract(
    session: Session, code: str, trading_date: date | None, begin: date | None, end: date | None
) -> _Row:
    """Return a contract with its trading times, and of a continuous one which contracts it stood for.

    The times are those of ``trading_date``, else of the session that runs or comes next; the contracts those of the
    days from ``begin`` to ``end``, both included, the last month by default.

    Raises:
        SymbolNotFound: Tiger has no such contract.
    """
    params = fill(FutureContractParams(), contract_code=code)
    found = _read(session, wire.FUTURE_CONTRACT_BY_CONTRACT_CODE, params, FUTURES, get_contracts)
    contract = next((row for row in found if row["symbol"] == code), None)
    if contract is None:
        raise SymbolNotFound(f"Tiger has no future {code}.")
    answer = {"code": code, "contract": contract, "trading_times": fetch_times(session, code, trading_date)}
    return answer | ({"main_contracts": fetch_main(session, code, begin, end)} if code.endswith(CONTINUOUS) else {})


def fetch_times(session: Session, code: str, trading_date: date | None) -> _Row:
    """Return when a contract trades on a trading date, and when bids are collected before; Tiger's answer names none.

    A trading date begins on the evening before.
    """
    written = trading_date and trading_date.isoformat()
    params = fill(FutureTradingTimeParams(), contract_code=code, trading_date=written)
    times = _read(session, wire.FUTURE_TRADING_DATE, params, TIMES if trading_date else RUNNING_TIMES, get_times)
    return {"trading_date": written, **times}


def fetch_main(session: Session, code: str, begin: date | None, end: date | None) -> list[_Row]:
    """Return which contract a continuous one stood for on each day of a range, oldest first."""
    last = end or get_today(ZONE)
    begin_ms, end_ms = get_day_start_ms(begin or last - DEFAULT_RANGE, ZONE), get_day_end_ms(last, ZONE)
    params = fill(FutureQuoteParams(), contract_codes=[code], begin_time=begin_ms, end_time=end_ms)
    decode = partial(get_main_contracts, code)
    rows = _read(session, wire.FUTURE_HISTORY_MAIN_CONTRACT, params, CURRENT, decode)
    return [row for row in rows if begin_ms <= row["time"] <= end_ms]


def get_contracts(data: Any, kind: str | None = None) -> list[_Row]:
    """Return the contracts of an answer; with a type, without those of another one."""
    found = (_get_contract(row) for row in values.rows(data) if values.text(row.get("contractCode")))
    return [row for row in found if kind is None or kind in {row["type"], row["trading_class"]}]


def get_times(data: Any) -> _Row:
    """Return the spans of an answer, oldest first; one without a beginning or an end is none."""
    sent = values.mapping(data)
    spans = {
        name: [span for span in map(_decode_span, values.rows(sent.get(f"{name}Times"))) if all(span.values())]
        for name in ("bidding", "trading")
    }
    ordered = {name: sorted(each, key=lambda span: span["begin"]) for name, each in spans.items()}
    return {"zone": values.text(sent.get("timeSection")), **ordered}


def get_main_contracts(code: str, data: Any) -> list[_Row]:
    """Return which contract a continuous one stood for at each moment of an answer, oldest first."""
    own = (row for row in values.rows(data) if row.get("contractCode") == code)
    items = [_decode_main(item) for row in own for item in values.rows(row.get("mainReferItems"))]
    return sorted((item for item in items if all(item.values())), key=lambda item: item["time"])


def _read(session: Session, method: str, params: BaseParams, kind: Kind, decode: Any) -> Any:
    return session.read(method, params, session.read_deadline(), decode=decode, kind=kind)


def _get_exchanges(data: Any) -> list[_Row]:
    return [row for row in map(_decode_exchange, values.rows(data)) if row["code"]]


def _get_contract(item: Mapping[str, Any]) -> _Row:
    decoded = _decode_contract(item)
    code = str(item["contractCode"]).strip()
    members = get_members(Instrument(code, FUTURE), currency=decoded["currency"], multiplier=decoded["multiplier"])
    last_day = decoded["last_trading_date"]
    expiry = last_day and last_day.replace("-", "")
    return members | decoded | {"expiry": expiry, "continuous": code.endswith(CONTINUOUS)}
