"""Read what a client subscribes for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.simulator.credentials import Credential
from app.simulator.market.listings import LISTINGS
from app.simulator.push.refusals import bad_subject, bad_symbols, foreign_account
from app.simulator.push.subjects import find_subject
from app.simulator.push.tops import INDICATORS, MARKETS
from app.simulator.push.vocabulary import ACCOUNT_TOPICS, TOP_TOPICS, DataType
from app.simulator.trading.contracts import Contract
from app.simulator.trading.prices import Prices

MARKET_NAMES = ("US", "HK", "CN")


@dataclass(frozen=True, slots=True)
class Wish:
    """Hold one subscription, or its end; ``contracts`` is None where all of a topic are meant."""

    topic: DataType
    contracts: tuple[Contract, ...] | None = None
    accounts: tuple[str, ...] = ()
    market: str = ""
    indicators: tuple[str, ...] = field(default=())


def read_wish(subscribe: dict[str, Any], credential: Credential, prices: Prices, *, is_end: bool) -> Wish:
    """Return what a request asks for; raises PushRefusal for what cannot be subscribed.

    What names one thing that cannot be had is refused whole. Whether Tiger would take the rest nobody says.
    """
    number = subscribe.get("dataType", 0)
    if number not in DataType._value2member_map_ or number == DataType.Unknown:
        raise bad_subject(number)
    topic = DataType(number)
    names = tuple(dict.fromkeys(name.strip() for name in subscribe.get("symbols", "").split(",") if name.strip()))
    if topic in ACCOUNT_TOPICS:
        return Wish(topic, accounts=_read_accounts(subscribe.get("account", ""), credential))
    market = subscribe.get("market", "")
    if topic in TOP_TOPICS:
        return _read_top(topic, market, names)
    if market:
        return Wish(topic, _list_market(topic, market, lambda name: find_subject(prices, topic, name)))
    if not names:
        if is_end:
            return Wish(topic)
        raise bad_symbols([])
    found = {name: find_subject(prices, topic, name) for name in names}
    unknown = [name for name, contract in found.items() if contract is None]
    if unknown:
        raise bad_symbols(unknown)
    return Wish(topic, tuple(contract for contract in found.values() if contract is not None))


def _read_accounts(account: str, credential: Credential) -> tuple[str, ...]:
    """Return the account that is named, or all that the developer has, paper accounts too [Tiger's account push]."""
    own = tuple(spec.account for spec in credential.spec.accounts)
    if account and account not in own:
        raise foreign_account(account)
    return (account,) if account else own


def _read_top(topic: DataType, market: str, names: tuple[str, ...]) -> Wish:
    if market not in MARKETS[topic]:
        raise bad_symbols([f"ranks of market '{market}'"])
    unknown = [name for name in names if name not in INDICATORS[topic]]
    if unknown:
        raise bad_symbols(unknown)
    return Wish(topic, market=market, indicators=names or INDICATORS[topic])


def _list_market(topic: DataType, market: str, find: Callable[[str], Contract | None]) -> tuple[Contract, ...]:
    """Return every stock of a market."""
    if topic is not DataType.Quote or market not in MARKET_NAMES:
        raise bad_symbols([f"market '{market}'"])
    listed = (find(symbol) for symbol, instrument in LISTINGS.items() if instrument.market == market)
    return tuple(contract for contract in listed if contract is not None)
