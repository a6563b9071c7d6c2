"""Contracts: what Tiger says about an instrument."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from tigeropen.common.consts import OPEN_API_SERVICE_VERSION_V3
from tigeropen.common.consts.service_types import CONTRACT, CONTRACTS, QUOTE_CONTRACT
from tigeropen.trade.request.model import ContractParams

from app.errors import GatewayError, InvalidRequest, SymbolNotFound
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.symbols import CONTINUOUS, get_symbol_of
from app.tiger.trading.tradable_contracts import CONTRACT_KIND, get_contract_params
from app.tiger.wire.fields import fill, get_decoder
from app.tiger.wire.values import decimal, figure, identifier, number, rows, text, truth, whole

LISTED_TYPES: Final = frozenset({"STK", "FUT"})
DERIVATIVE_TYPES: Final = frozenset({"OPT", "WAR", "IOPT"})

BATCH_SIZE: Final = 50
"""Most symbols of one ``contracts`` call [docs]."""

MOST_CALLS: Final = 16
"""After so many halves of a batch that Tiger refuses its refusal is reported."""

MOST_REFUSED: Final = 2
"""After so many refusals in a row what is asked for is wrong, not the symbol."""

_Found = Mapping[str, list[Mapping[str, Any]]]
"""What Tiger sent, by the symbol that it was asked for."""


def fetch_contracts(
    session: Session,
    symbols: Sequence[str],
    sec_type: str = "STK",
    *,
    expiry: str | None = None,
    strike: Decimal | None = None,
    put_call: str | None = None,
) -> dict[str, Any]:
    """Return the contracts of some symbols, and as ``missing`` the symbols that Tiger has no such contract of.

    ``expiry`` is "YYYYMMDD". An option is one contract with expiry, strike and put_call ("CALL", "PUT"), else every
    contract of that expiry is listed; the same goes for warrants (WAR) and bull/bear certificates (IOPT).

    Raises:
        InvalidRequest: Tiger cannot answer for that type, or not without an expiry; or it refuses a parameter, and has
            no such contract of the other symbols.
        SymbolNotFound: Tiger has no such contract of any of the symbols.
    """
    wanted = list(dict.fromkeys(get_symbol_of(sec_type, symbol) for symbol in symbols))
    deadline = session.read_deadline()
    return session.compose(
        CONTRACT_KIND,
        (*wanted, sec_type, expiry, strike, put_call),
        lambda inside: _fetch_contracts(inside, wanted, sec_type, expiry, strike, put_call, deadline),
        deadline,
    )


def _fetch_contracts(
    session: Session,
    wanted: list[str],
    sec_type: str,
    expiry: str | None,
    strike: Decimal | None,
    put_call: str | None,
    deadline: Deadline,
) -> dict[str, Any]:
    if sec_type not in LISTED_TYPES | DERIVATIVE_TYPES:
        reason = f"Tiger answers for {', '.join(sorted(LISTED_TYPES | DERIVATIVE_TYPES))} only, not for {sec_type}."
        raise InvalidRequest(reason, details={"sec_type": [reason]})
    if sec_type in LISTED_TYPES:
        found = _fetch_listed(session, wanted, sec_type, deadline)
    elif expiry is None:
        reason = f"Needed for {sec_type}, as YYYYMMDD: Tiger lists derivatives by their expiry."
        raise InvalidRequest("The expiry is missing.", details={"expiry": [reason]})
    elif sec_type == "OPT" and strike is not None and put_call is not None:
        found = _fetch_each(wanted, lambda symbol: _fetch_option(session, symbol, expiry, strike, put_call, deadline))
    else:
        found = _fetch_each(wanted, lambda symbol: _fetch_derivatives(session, symbol, sec_type, expiry, deadline))
    contracts = {
        symbol: [get_contract(item) for item in items if _is_wanted(item, strike, put_call)]
        for symbol, items in found.items()
    }
    if not any(contracts.values()):
        raise SymbolNotFound(f"Tiger knows no such {sec_type} contract of {', '.join(wanted)}.")
    return {
        "contracts": [contract for each in contracts.values() for contract in each],
        "missing": [symbol for symbol in wanted if not contracts.get(symbol)],
    }


def get_contract(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return one contract as documented; what Tiger leaves out is null."""
    return {
        **_decode_contract(item),
        "exchange": text(item.get("primaryExchange")) or text(item.get("exchange")),
        "put_call": _right(item),
        "tradable": truth(item.get("tradeable", item.get("trade"))),
        "continuous": _is_continuous(item),
    }


def _is_continuous(item: Mapping[str, Any]) -> bool | None:
    """Tell whether a future is a continuous one, None of other types.

    By code or month: a recorded answer marks ES2509 as continuous, and CLmain not (``future_current_contract``).
    """
    if text(item.get("secType")) != "FUT":
        return None
    if any((text(item.get(name)) or "").endswith(CONTINUOUS) for name in ("symbol", "identifier", "localSymbol")):
        return True
    return False if identifier(item.get("contractMonth")) else truth(item.get("continuous"))


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


def _fetch_listed(session: Session, symbols: Sequence[str], sec_type: str, deadline: Deadline) -> _Found:
    """Return what Tiger answers by the symbol that it answers; what bears none of them keeps a name of its own."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    batches = [symbols[start : start + BATCH_SIZE] for start in range(0, len(symbols), BATCH_SIZE)]
    for batch in batches:
        params = get_contract_params(session, sec_type)
        params.symbols = list(batch)
        try:
            items = rows(session.read(CONTRACTS, params, deadline))
        except SymbolNotFound:
            # One that Tiger does not know has the batch refused: halves tell which.
            middle = len(batch) // 2
            if len(symbols) == 1 or len(batches) >= MOST_CALLS:
                raise
            batches += [batch[:middle], batch[middle:]] if middle else []
            continue
        for item in items:
            names = [text(item.get(name)) for name in ("identifier", "localSymbol", "symbol")]
            asked = next((name for name in names if name in symbols), names[-1])
            found.setdefault(asked or "", []).append(item)
    return found


def _fetch_each(symbols: Sequence[str], fetch: Callable[[str], list[Mapping[str, Any]]]) -> _Found:
    """Return the contracts of one underlying after the other; one that Tiger refuses has none.

    After some refusals in a row it is not the symbol that Tiger refuses, and who goes on asking is blacklisted.

    Raises:
        GatewayError: A call failed, or Tiger refused several in a row, or some and has nothing of the others.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    refusal: GatewayError | None = None
    refused = 0
    for symbol in symbols:
        try:
            found[symbol] = fetch(symbol)
            refused = 0
        except SymbolNotFound as error:
            refusal = refusal or error
        except InvalidRequest as error:
            refusal, refused = refusal or error, refused + 1
            if refused >= MOST_REFUSED:
                raise
    if refusal is not None and not any(found.values()):
        raise refusal
    return found


def _fetch_option(
    session: Session, symbol: str, expiry: str, strike: Decimal, put_call: str, deadline: Deadline
) -> list[Mapping[str, Any]]:
    params = get_contract_params(session, "OPT")
    params.version = OPEN_API_SERVICE_VERSION_V3
    params.symbol = symbol
    params.expiry = expiry
    params.strike = float(strike)
    params.right = put_call
    return rows(session.read(CONTRACT, params, deadline))


def _fetch_derivatives(
    session: Session, symbol: str, sec_type: str, expiry: str, deadline: Deadline
) -> list[Mapping[str, Any]]:
    # The SDK names no account here (get_derivative_contracts), and one underlying a call keeps the answers apart.
    params = fill(ContractParams(), symbols=[symbol], sec_type=sec_type, expiry=expiry)
    return rows(session.read(QUOTE_CONTRACT, params, deadline))


def _is_wanted(item: Mapping[str, Any], strike: Decimal | None, put_call: str | None) -> bool:
    """Return whether a contract has the strike and side asked for; what it leaves out cannot exclude it."""
    its_strike, its_right = decimal(item.get("strike")), _right(item)
    return (strike is None or its_strike in (None, strike)) and (put_call is None or its_right in (None, put_call))


def _right(item: Mapping[str, Any]) -> str | None:
    right = text(item.get("right")) or text(item.get("putCall"))
    return None if right is None else right.upper()
