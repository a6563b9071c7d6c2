"""Contracts come from Tiger; what it cannot answer is said before anything is sent."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import ValidationError

from app.errors import InvalidRequest, SymbolNotFound, TigerError
from app.settings import CacheSettings, Credential, Settings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.identification import get_instrument
from app.tiger.instrument import Instrument
from app.tiger.market.options import fetch_option_chain
from app.tiger.sessions import Session, Sessions
from app.tiger.symbols import get_symbol
from app.tiger.trading.contract_rows import get_contract
from app.tiger.trading.contracts import Derivatives, fetch_contracts
from app.tiger.trading.tradable_contracts import fetch_tradable_contract, get_kept_contract
from schemas.contracts import ContractsRequest
from tests.support.client import FIRST, SECOND


def an_option(session: Session) -> dict[str, Any]:
    expiry = date.fromisoformat(fetch_option_chain(session, "AAPL", None)["expirations"][3])
    calls = fetch_option_chain(session, "AAPL", expiry)["chain"]["calls"]
    return {"expiry": expiry, "strike": Decimal(str(calls[len(calls) // 2]["strike"])), "put_call": "CALL"}


def fetch(session: Session, symbols: Sequence[str], sec_type: str | None = None, **terms: Any) -> dict[str, Any]:
    body = ContractsRequest(symbols=[get_symbol(symbol) for symbol in symbols], sec_type=sec_type, **terms)
    return fetch_contracts(session, body.named, [Derivatives(*underlying) for underlying in body.underlyings])


def test_a_stock_tells_its_currency_and_exchange(session: Session) -> None:
    contract = fetch(session, ["aapl"])["contracts"][0]

    assert (contract["symbol"], contract["sec_type"], contract["currency"], contract["exchange"]) == (
        "AAPL",
        "STK",
        "USD",
        "NASDAQ",
    )
    assert contract["lot_size"] == 1


def test_the_last_tick_size_has_no_end(session: Session) -> None:
    steps = fetch(session, ["AAPL"])["contracts"][0]["tick_sizes"]

    assert [step["tick_size"] for step in steps] == [0.0001, 0.01]
    assert steps[-1]["end"] is None


def test_stocks_of_several_markets_are_one_call(simulator: Simulator, session: Session) -> None:
    found = fetch(session, ["AAPL", "700", "600519"])

    assert {contract["symbol"]: contract["currency"] for contract in found["contracts"]} == {
        "AAPL": "USD",
        "00700": "HKD",
        "600519": "CNH",
    }
    assert simulator.calls("contracts") == 1


def test_a_stock_that_tiger_does_not_know_is_listed_as_missing(session: Session) -> None:
    found = fetch(session, ["AAPL", "NOSUCH"])

    assert (len(found["contracts"]), found["missing"]) == (1, ["NOSUCH"])


def test_a_request_for_unknown_stocks_only_is_not_found(session: Session) -> None:
    with pytest.raises(SymbolNotFound):
        fetch(session, ["NOSUCH"])


def test_options_without_an_expiry_are_refused(session: Session) -> None:
    with pytest.raises(ValidationError) as refused:
        fetch(session, ["AAPL"], "OPT")

    assert set(refused.value.messages_dict) == {"expiry"}


def test_an_option_is_found_by_expiry_strike_and_side(session: Session) -> None:
    wanted = an_option(session)

    (contract,) = fetch(session, ["AAPL"], "OPT", **wanted)["contracts"]

    assert (contract["expiry"], contract["put_call"]) == (f"{wanted['expiry']:%Y%m%d}", "CALL")
    assert Decimal(str(contract["strike"])) == wanted["strike"]
    assert contract["multiplier"] == 100


def test_all_options_of_an_expiry_are_listed(session: Session) -> None:
    expiry = an_option(session)["expiry"]

    contracts = fetch(session, ["AAPL"], "OPT", expiry=expiry)["contracts"]

    assert {contract["put_call"] for contract in contracts} == {"CALL", "PUT"}
    assert {contract["expiry"] for contract in contracts} == {f"{expiry:%Y%m%d}"}


def test_a_symbol_without_that_option_is_listed_as_missing(session: Session) -> None:
    found = fetch(session, ["AAPL", "NOSUCH"], "OPT", **an_option(session))

    assert ({contract["symbol"] for contract in found["contracts"]}, found["missing"]) == ({"AAPL"}, ["NOSUCH"])


def test_a_symbol_without_options_of_that_expiry_is_listed_as_missing(session: Session) -> None:
    found = fetch(session, ["NOSUCH", "AAPL"], "OPT", expiry=an_option(session)["expiry"])

    assert ({contract["symbol"] for contract in found["contracts"]}, found["missing"]) == ({"AAPL"}, ["NOSUCH"])


def test_a_strike_that_no_option_has_is_not_found(session: Session) -> None:
    with pytest.raises(SymbolNotFound):
        fetch(session, ["AAPL"], "OPT", expiry=an_option(session)["expiry"], strike=Decimal("0.01"))


@pytest.mark.parametrize("sec_type", ["OPT", "WAR", "IOPT"])
def test_derivatives_of_unknown_symbols_only_are_not_found(session: Session, sec_type: str) -> None:
    with pytest.raises(SymbolNotFound):
        fetch(session, ["NOSUCH", "NOTHER"], sec_type, expiry=an_option(session)["expiry"])


def test_a_future_that_tiger_does_not_know_is_listed_as_missing(session: Session) -> None:
    found = fetch(session, ["ES2612", "ZZ2612"], "FUT")

    assert ([contract["symbol"] for contract in found["contracts"]], found["missing"]) == (["ES2612"], ["ZZ2612"])


@pytest.mark.parametrize("written", ["ESmain", "esmain"])
def test_a_continuous_future_is_found_as_tiger_spells_it(session: Session, written: str) -> None:
    (contract,) = fetch(session, [written], "FUT")["contracts"]

    assert (contract["symbol"], contract["continuous"]) == ("ESmain", True)


@pytest.mark.parametrize(
    ("item", "is_continuous"),
    [
        # The recorded mark of the contract that the continuous one stands for, and of the continuous one.
        ({"symbol": "ES2509", "secType": "FUT", "contractMonth": "202509", "continuous": True}, False),
        ({"symbol": "CLmain", "secType": "FUT", "contractMonth": "", "continuous": False}, True),
        ({"symbol": "ES", "secType": "FUT", "continuous": True}, True),
        ({"symbol": "ES", "secType": "FUT"}, None),
        ({"symbol": "AAPL", "secType": "STK", "continuous": False}, None),
    ],
)
def test_a_continuous_future_is_known_by_its_code_not_by_tigers_mark(
    item: dict[str, Any], is_continuous: bool | None
) -> None:
    assert get_contract(item)["continuous"] is is_continuous


def test_a_symbol_that_tiger_refuses_is_missing_beside_one_that_it_knows(
    simulator: Simulator, session: Session
) -> None:
    wanted = an_option(session)
    simulator.inject(Fault("code", method="contract", times=1, code=2200, message="symbol NOSUCH does not exist"))

    found = fetch(session, ["NOSUCH", "AAPL"], "OPT", **wanted)

    assert (len(found["contracts"]), found["missing"]) == (1, ["NOSUCH"])


NO_CONTRACT = "standard account response error(bad_request:合约不正确)"


def test_a_batch_that_tiger_refuses_for_one_stock_is_halved(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("code", method="contracts", times=1, code=1200, message=NO_CONTRACT))

    found = fetch(session, ["AAPL", "MSFT", "NOSUCH"])

    assert (len(found["contracts"]), found["missing"]) == (2, ["NOSUCH"])
    assert simulator.calls("contracts") == 3


def test_the_halving_of_refused_stocks_ends(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("code", method="contracts", code=1200, message=NO_CONTRACT))

    with pytest.raises(SymbolNotFound):
        fetch(session, [f"SYM{number}" for number in range(50)])

    assert simulator.calls("contracts") <= 16


def test_why_tiger_refuses_every_symbol_is_told(simulator: Simulator, session: Session) -> None:
    wanted = an_option(session)
    simulator.inject(Fault("code", method="contract", code=1010, message="expiry is no trading day"))

    with pytest.raises(InvalidRequest, match="no trading day"):
        fetch(session, ["AAPL", "MSFT"], "OPT", **wanted)


def test_an_order_asks_for_a_contract_once(simulator: Simulator, session: Session) -> None:
    first = fetch_tradable_contract(session, Instrument("00700"), session.order_deadline())
    second = fetch_tradable_contract(session, get_instrument("700"), session.order_deadline())

    assert first is second
    assert (first.currency, first.market, first.supports_fractions) == ("HKD", "HK", False)
    assert simulator.calls("contract") == 1


def test_an_order_of_an_unknown_stock_is_not_found(session: Session) -> None:
    with pytest.raises(SymbolNotFound):
        fetch_tradable_contract(session, Instrument("NOSUCH"), session.order_deadline())


def test_a_currency_that_tiger_does_not_tell_is_never_assumed(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("missing_fields", method="contract", times=1, fields=("currency",)))

    with pytest.raises(TigerError, match="currency"):
        fetch_tradable_contract(session, Instrument("AAPL"), session.order_deadline())


@pytest.mark.parametrize("kind", ["garbage", "broken_json"])
def test_an_answer_that_cannot_be_read_says_nothing_about_a_stock(
    simulator: Simulator, session: Session, kind: str
) -> None:
    simulator.inject(Fault(kind, method="contract", times=None))

    with pytest.raises(TigerError) as raised:
        fetch_tradable_contract(session, Instrument("AAPL"), session.order_deadline())

    assert not raised.value.in_doubt


def test_an_answer_that_names_another_stock_or_none_says_nothing_about_it(
    simulator: Simulator, session: Session
) -> None:
    simulator.inject(Fault("missing_fields", method="contract", times=1, fields=("symbol",)))

    with pytest.raises(TigerError, match="cannot be read"):
        fetch_tradable_contract(session, Instrument("AAPL"), session.order_deadline())


def test_a_refusal_that_says_so_means_that_a_stock_is_unknown(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("code", method="contract", times=1, code=1200, message=NO_CONTRACT))

    with pytest.raises(SymbolNotFound):
        fetch_tradable_contract(session, Instrument("AAPL"), session.order_deadline())


@pytest.mark.parametrize(("cache", "kept"), [({}, True), ({"contract_seconds": 0}, False), ({"megabytes": 0}, False)])
def test_an_orders_contract_is_kept_as_the_cache_is_set(
    simulator: Simulator, credentials: tuple[Credential, ...], cache: dict[str, Any], *, kept: bool
) -> None:
    settings = Settings(instance=simulator.folder, cache=CacheSettings(**cache))
    session = Sessions(settings, credentials).session(FIRST)

    fetch_tradable_contract(session, Instrument("AAPL"), session.order_deadline())

    assert (get_kept_contract(session, Instrument("AAPL")) is not None) is kept


def test_two_gateways_share_no_contract(simulator: Simulator, credentials: tuple[Credential, ...]) -> None:
    one, other = (Sessions(Settings(instance=simulator.folder), credentials).session(FIRST) for _ in range(2))

    fetch_tradable_contract(one, Instrument("AAPL"), one.order_deadline())

    assert get_kept_contract(other, Instrument("AAPL")) is None


def test_two_accounts_share_no_contract(sessions: Sessions, session: Session) -> None:
    fetch_tradable_contract(session, Instrument("AAPL"), session.order_deadline())

    assert get_kept_contract(sessions.session(SECOND), Instrument("AAPL")) is None


def test_what_an_orders_contract_weighs_counts_in_the_cache(session: Session) -> None:
    before = session.link.pipeline.cache.weight

    fetch_tradable_contract(session, Instrument("00700"), session.order_deadline())

    assert session.link.pipeline.cache.weight - before > 2_000


def test_after_two_refusals_in_a_row_tiger_is_not_asked_again(simulator: Simulator, session: Session) -> None:
    wanted = an_option(session)
    simulator.reset_counts()
    simulator.inject(Fault("code", method="contract", code=1010, message="biz param error(field 'expiry' is invalid)"))

    with pytest.raises(InvalidRequest):
        fetch(session, ["AAPL", "MSFT", "NVDA", "TSLA"], "OPT", **wanted)
    assert simulator.calls("contract") == 2
