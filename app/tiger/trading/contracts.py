"""Contracts: what Tiger says about instruments, and which derivatives there are of an underlying."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from tigeropen.common.consts import OPEN_API_SERVICE_VERSION_V3
from tigeropen.common.consts.service_types import (
    CONTRACT,
    CONTRACTS,
    FUTURE_CONTRACT_BY_CONTRACT_CODE,
    QUOTE_CONTRACT,
)
from tigeropen.quote.request.model import FutureContractParams
from tigeropen.trade.request.model import ContractParams

from app.errors import GatewayError, InvalidRequest, SymbolNotFound
from app.tiger.deadline import Deadline
from app.tiger.instrument import COIN, FUTURE, OPTION_TYPE, STOCK, Instrument
from app.tiger.option_codes import fetch_listed, fetch_underlying
from app.tiger.sessions import Session
from app.tiger.trading.contract_rows import Row, bears_name, get_contract, is_about, is_wanted, name_future
from app.tiger.trading.tradable_contracts import CONTRACT_KIND, get_contract_params
from app.tiger.wire.fields import fill
from app.tiger.wire.options import get_option
from app.tiger.wire.values import rows

BATCHED_TYPES: Final = (STOCK, FUTURE, "FUND", COIN)
"""Those that one call can ask for many of; of the others each is a call."""

BATCH_SIZE: Final = 50
"""Most symbols of one ``contracts`` call [docs]."""

MOST_CALLS: Final = 16
"""After so many halves of a batch that Tiger refuses its refusal is reported."""

MOST_REFUSED: Final = 2
"""After so many refusals in a row what is asked for is wrong, not the symbol."""

Asked = TypeVar("Asked", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Derivatives:
    """Options, warrants (WAR) or bull/bear certificates (IOPT) of an underlying that expire on a day, YYYYMMDD.

    With strike and side an option is one.
    """

    underlying: str
    sec_type: str
    expiry: str
    strike: Decimal | None = None
    put_call: str | None = None

    @property
    def option(self) -> Instrument | None:
        """Return the option where there can be one alone."""
        if self.sec_type != OPTION_TYPE or self.strike is None or self.put_call is None:
            return None
        return Instrument(self.underlying, OPTION_TYPE, date.fromisoformat(self.expiry), self.strike, self.put_call)


def fetch_contracts(
    session: Session, instruments: Sequence[Instrument], derivatives: Sequence[Derivatives] = ()
) -> dict[str, Any]:
    """Return contracts, and as ``missing`` the names of what Tiger has no such contract of.

    Raises:
        InvalidRequest: Tiger refuses a parameter, and has no such contract of the others.
        SymbolNotFound: Tiger has none of them.
    """
    deadline = session.read_deadline()
    return session.compose(
        CONTRACT_KIND,
        (*instruments, *derivatives),
        lambda inside: _fetch_contracts(inside, instruments, derivatives, deadline),
        deadline,
    )


def _fetch_contracts(
    session: Session, instruments: Sequence[Instrument], derivatives: Sequence[Derivatives], deadline: Deadline
) -> dict[str, Any]:
    found: dict[Instrument, Sequence[Row]] = {}
    refusals: list[GatewayError] = []
    for sec_type in BATCHED_TYPES:
        if wanted := [instrument for instrument in instruments if instrument.sec_type == sec_type]:
            found |= _fetch_type(session, wanted, deadline, refusals)
    single = [instrument for instrument in instruments if instrument.sec_type not in BATCHED_TYPES]
    found |= _fetch_each(single, lambda instrument: _fetch_single(session, instrument, deadline), refusals)
    listed = _fetch_each(derivatives, lambda each: _fetch_derivatives(session, each, deadline), refusals)
    contracts = [get_contract(item, instrument) for instrument in instruments for item in found.get(instrument, ())]
    contracts += [get_contract(item, get_option(item)) for each in derivatives for item in listed.get(each, ())]
    missing = [instrument.identifier for instrument in instruments if not found.get(instrument)]
    missing += [each.underlying for each in derivatives if not listed.get(each)]
    if not contracts:
        kinds = dict.fromkeys([each.sec_type for each in instruments] + [each.sec_type for each in derivatives])
        unknown = SymbolNotFound(f"Tiger knows no such {' or '.join(kinds)} contract of {', '.join(missing)}.")
        raise next(iter(refusals), unknown)
    return {"contracts": contracts, "missing": missing}


def _fetch_type(
    session: Session, wanted: Sequence[Instrument], deadline: Deadline, refusals: list[GatewayError]
) -> dict[Instrument, Sequence[Row]]:
    """Return the contracts of instruments of one type; what Tiger refuses is noted."""
    found: dict[Instrument, Sequence[Row]] = {}
    try:
        found = _fetch_batched(session, wanted, deadline)
    except (InvalidRequest, SymbolNotFound) as error:
        refusals.append(error)
    # The SDK names futures among the contracts of an account; whether Tiger has all of them there no source says.
    others = [instrument for instrument in wanted if instrument.sec_type == FUTURE and not found.get(instrument)]
    return found | _fetch_each(others, lambda future: _fetch_future(session, future, deadline), refusals)


def _fetch_batched(
    session: Session, wanted: Sequence[Instrument], deadline: Deadline
) -> dict[Instrument, Sequence[Row]]:
    """Return what Tiger answers by the instrument that bears one of its names; what bears none is nobody's."""
    found: dict[Instrument, Sequence[Row]] = {}
    batches = [wanted[start : start + BATCH_SIZE] for start in range(0, len(wanted), BATCH_SIZE)]
    for batch in batches:
        params = get_contract_params(session, batch[0].sec_type)
        params.symbols = [instrument.symbol for instrument in batch]
        try:
            items = rows(session.read(CONTRACTS, params, deadline))
        except SymbolNotFound:
            # One that Tiger does not know has the batch refused: halves tell which.
            middle = len(batch) // 2
            if len(wanted) == 1 or len(batches) >= MOST_CALLS:
                raise
            batches += [batch[:middle], batch[middle:]] if middle else []
            continue
        for instrument in batch:
            found[instrument] = [item for item in items if bears_name(item, instrument)][:1]
    return found


def _fetch_each(
    wanted: Iterable[Asked], fetch: Callable[[Asked], Sequence[Row]], refusals: list[GatewayError]
) -> dict[Asked, Sequence[Row]]:
    """Return the contracts of one after the other; what Tiger refuses has none, and is noted.

    After some refusals in a row it is not the symbol that Tiger refuses, and who goes on asking is blacklisted.

    Raises:
        GatewayError: A call failed, or Tiger refused several in a row.
    """
    found: dict[Asked, Sequence[Row]] = {}
    refused = 0
    for asked in wanted:
        try:
            found[asked] = fetch(asked)
            refused = 0
        except SymbolNotFound as error:
            refusals.append(error)
        except InvalidRequest as error:
            refusals.append(error)
            refused += 1
            if refused >= MOST_REFUSED:
                raise
    return found


def _fetch_single(session: Session, instrument: Instrument, deadline: Deadline) -> Sequence[Row]:
    """Return the contract of an option, a warrant or a certificate."""
    instrument = fetch_listed(session, instrument, deadline)
    params = get_contract_params(session, instrument.sec_type)
    params.version = OPEN_API_SERVICE_VERSION_V3
    params.symbol = instrument.symbol
    if instrument.sec_type == OPTION_TYPE:
        terms = {"expiry": instrument.expiry_text, "strike": float(instrument.strike or 0)}
        fill(params, right=instrument.put_call, **terms)
    return [item for item in rows(session.read(CONTRACT, params, deadline)) if is_about(item, instrument)]


def _fetch_derivatives(session: Session, wanted: Derivatives, deadline: Deadline) -> Sequence[Row]:
    if (option := wanted.option) is not None:
        return _fetch_single(session, option, deadline)
    # The SDK names no account here (get_derivative_contracts), and one underlying a call keeps the answers apart.
    is_option = wanted.sec_type == OPTION_TYPE
    underlying = fetch_underlying(session, wanted.underlying, deadline) if is_option else wanted.underlying
    params = fill(ContractParams(), symbols=[underlying], sec_type=wanted.sec_type, expiry=wanted.expiry)
    items = rows(session.read(QUOTE_CONTRACT, params, deadline))
    return [item for item in items if is_wanted(item, wanted.expiry, wanted.strike, wanted.put_call)]


def _fetch_future(session: Session, future: Instrument, deadline: Deadline) -> Sequence[Row]:
    params = fill(FutureContractParams(), contract_code=future.symbol)
    items = map(name_future, rows(session.read(FUTURE_CONTRACT_BY_CONTRACT_CODE, params, deadline)))
    return [item for item in items if item["symbol"] == future.symbol]
