"""What an order must name is had although Tiger does not tell a contract by its code, however it writes the code."""

import pytest
from flask import Flask

from app.errors import GatewayError
from app.gateway import get_gateway
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.instrument import Instrument
from app.tiger.sessions import Session
from app.tiger.trading.tradable_contracts import TradableContract, fetch_tradable_contract, get_contract
from tests.support.client import FIRST, SECOND

FUND = "IE00B464Q616.USD"
ROW = {"symbol": "BTC/USD", "secType": "CC", "currency": "USD"}
TERMS = ("symbol", "sec_type", "market", "currency", "expiry", "strike", "put_call", "multiplier", "supports_fractions")


@pytest.fixture
def session(app: Flask) -> Session:
    return get_gateway(app).tiger.session(FIRST)


def fetch(session: Session, symbol: str, sec_type: str) -> TradableContract:
    return fetch_tradable_contract(session, Instrument(symbol, sec_type), session.order_deadline())


def find_warrant(app: Flask, sec_type: str) -> str:
    with app.test_client() as client:
        body = {"account": FIRST, "symbol": "00700"}
        headers = {"Authorization": "Bearer client_key_001"}
        rows = client.post("/api/market/warrants", json=body, headers=headers).get_json()["data"]["warrants"]
    return next(str(row["symbol"]) for row in rows if row["sec_type"] == sec_type)


@pytest.mark.parametrize("sec_type", ["WAR", "IOPT"])
@pytest.mark.parametrize("refusals", [1, 2])
def test_a_warrant_is_had_by_its_terms_where_its_code_is_not_enough(
    app: Flask, session: Session, simulator: Simulator, sec_type: str, refusals: int
) -> None:
    symbol = find_warrant(app, sec_type)
    # What is kept of a contract is kept for the account.
    by_code = fetch(get_gateway(app).tiger.session(SECOND), symbol, sec_type)
    simulator.inject(
        Fault("code", method="contract", code=1010, message="biz param error(expiry is required)", times=refusals)
    )
    otherwise = fetch(session, symbol, sec_type)

    assert {name: getattr(otherwise, name) for name in TERMS} == {name: getattr(by_code, name) for name in TERMS}


def test_a_fund_is_ordered_by_its_code_where_tiger_tells_no_contract(session: Session, simulator: Simulator) -> None:
    simulator.inject(Fault("code", method="contract", code=1010, message="sec_type 'FUND' is not supported", times=1))
    fund = fetch(session, FUND, "FUND")

    assert (fund.symbol, fund.sec_type, fund.currency, fund.supports_fractions) == (FUND, "FUND", "USD", None)


def test_what_has_no_other_way_stays_refused(session: Session, simulator: Simulator) -> None:
    simulator.inject(Fault("code", method="contract", code=1010, message="biz param error(symbol)", times=2))
    for symbol, sec_type in (("GONE", "STK"), ("a fund", "FUND")):
        with pytest.raises(GatewayError):
            fetch(session, symbol, sec_type)


@pytest.mark.parametrize("symbol", ["BTC/USD", "BTC.USD"])
@pytest.mark.parametrize("written", ["BTC/USD", "BTC.USD"])
def test_a_coin_is_ordered_as_tiger_writes_it(symbol: str, written: str) -> None:
    assert get_contract(Instrument(symbol, "CC"), [{**ROW, "symbol": written}]).symbol == written
