"""Contracts of every type are found by what identifies them, in one request and beside each other."""

from typing import Any

import pytest
from tigeropen.quote.response.future_contract_response import FutureContractResponse
from tigeropen.trade.response.contracts_response import ContractsResponse

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.identification import get_instrument
from app.tiger.instrument import Instrument
from app.tiger.trading.contract_rows import get_contract, is_about, name_future
from tests.support.client import Client

PATH = "/api/info/contracts"

# Recorded answers of Tiger's, shortened.
FUTURE = {
    "continuous": True,
    "trade": True,
    "type": "ES",
    "contractCode": "ES2509",
    "ibCode": "ES",
    "name": "E-mini S&P 500 - Sep 2025",
    "contractMonth": "202509",
    "lastTradingDate": "20250919",
    "firstNoticeDate": "",
    "currency": "USD",
    "exchangeCode": "GLOBEX",
    "multiplier": 50.0,
    "minTick": 0.25,
    "exchange": "CME",
}
STOCK = {
    "contractId": 113,
    "identifier": "NVDA",
    "symbol": "NVDA",
    "secType": "STK",
    "multiplier": 1.0,
    "lotSize": 1.0,
    "market": "US",
    "primaryExchange": "NASDAQ",
    "currency": "USD",
    "name": "NVIDIA",
    "tradeable": True,
    "shortable": True,
    "shortableCount": 38061067,
    "tickSizes": [{"begin": "1", "end": "Infinity", "type": "OPEN", "tickSize": 0.01}],
}


def write_answer(data: Any) -> dict[str, Any]:
    return {"code": 0, "message": "success", "timestamp": 1755063553419, "data": data}


def test_a_future_that_quotes_name_is_what_the_sdk_reads() -> None:
    read = FutureContractResponse()
    read.parse_response_content(write_answer(FUTURE))
    (expected,) = read.contracts.to_dict("records")
    contract = get_contract(name_future(FUTURE), Instrument("ES2509", "FUT"))

    assert contract["identifier"] == contract["symbol"] == expected["contract_code"]
    for name in ("name", "contract_month", "last_trading_date", "currency", "exchange", "multiplier", "min_tick"):
        assert contract[name] == expected[name]
    assert (contract["trading_class"], contract["expiry"]) == ("ES", "20250919")
    assert (contract["sec_type"], contract["continuous"], contract["tradable"]) == ("FUT", False, True)


def test_a_stock_is_what_the_sdk_reads() -> None:
    read = ContractsResponse()
    read.parse_response_content(write_answer([STOCK]))
    (expected,) = read.contracts
    contract = get_contract(STOCK)

    for name in ("symbol", "sec_type", "identifier", "currency", "name", "multiplier", "lot_size", "market"):
        assert contract[name] == getattr(expected, name)
    assert (contract["exchange"], contract["shortable_count"]) == (expected.primary_exchange, expected.shortable_count)


def test_what_a_contract_leaves_out_follows_from_the_instrument() -> None:
    option = get_instrument("AAPL251219C00002010")
    contract = get_contract({"currency": "USD", "multiplier": 100.0}, option)

    assert contract["identifier"] == "AAPL  251219C00002010"
    assert (contract["symbol"], contract["sec_type"], contract["market"]) == ("AAPL", "OPT", "US")
    assert (contract["expiry"], contract["strike"], contract["put_call"]) == ("20251219", 2.01, "CALL")
    assert (contract["currency"], contract["multiplier"]) == ("USD", 100)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, True),
        ({"strike": None, "right": None, "putCall": "call"}, True),
        ({"identifier": None, "symbol": None}, True),
        ({"identifier": "MSFT", "symbol": "MSFT"}, False),
        ({"expiry": "20251226"}, False),
        ({"strike": "150.5"}, False),
        ({"right": "PUT"}, False),
        ({"secType": "STK"}, False),
    ],
)
def test_a_contract_is_somebody_elses_where_it_says_so(other: dict[str, Any], *, expected: bool) -> None:
    option = get_instrument("AAPL251219C00150000")
    item = {"symbol": "AAPL", "secType": "OPT", "expiry": "20251219", "strike": 150.0, "right": "CALL"}

    assert is_about(item | {"identifier": "AAPL  251219C00150000"} | other, option) is expected


@pytest.fixture(scope="module")
def option(module_client: Client) -> str:
    expiry = module_client.data("/api/market/option-chain", symbol="AAPL")["expirations"][3]
    chain = module_client.data("/api/market/option-chain", symbol="AAPL", expiry=expiry)["chain"]
    return str(chain["puts"][0]["identifier"])


@pytest.fixture(scope="module")
def warrants(module_client: Client) -> dict[str, str]:
    """Return the code of a warrant and of a certificate."""
    kinds = {"WAR": "CALL", "IOPT": "BULL"}
    found = {
        sec_type: module_client.data("/api/market/warrants", symbol="00700", filters={"types": [kind]})["warrants"]
        for sec_type, kind in kinds.items()
    }
    return {sec_type: rows[0]["symbol"] for sec_type, rows in found.items()}


def test_instruments_of_every_type_are_one_request(
    module_client: Client, option: str, warrants: dict[str, str]
) -> None:
    named = [
        {"symbol": "brk-b"},
        {"identifier": option.replace(" ", "")},
        {"symbol": "esmain", "sec_type": "FUT"},
        *[{"symbol": code, "sec_type": sec_type} for sec_type, code in warrants.items()],
        {"symbol": "IE00B464Q616.USD", "sec_type": "FUND"},
        {"symbol": "BTC/USD", "sec_type": "CC"},
    ]
    contracts = {row["sec_type"]: row for row in module_client.data(PATH, instruments=named)["contracts"]}

    identifiers = {sec_type: row["identifier"] for sec_type, row in contracts.items()}
    assert identifiers == {
        "STK": "BRK.B",
        "OPT": option,
        "FUT": "ESmain",
        **warrants,
        "FUND": "IE00B464Q616.USD",
        "CC": "BTC/USD",
    }
    assert all(row["currency"] and row["market"] for row in contracts.values())
    for sec_type in ("OPT", "WAR", "IOPT"):
        terms = [contracts[sec_type][name] for name in ("expiry", "strike", "put_call", "multiplier")]
        assert all(terms), sec_type


@pytest.mark.parametrize("symbol", ["BTC/USD", "btc.usd"])
def test_a_pair_is_found_with_a_stroke_or_a_point(module_client: Client, symbol: str) -> None:
    named = {"symbol": symbol, "sec_type": "CC"}

    assert len(module_client.data(PATH, instruments=[named])["contracts"]) == 1
    assert module_client.data("/api/market/kline", **named, limit=2)["count"] == 2


def test_symbols_may_be_identifiers_and_contract_codes(module_client: Client, option: str) -> None:
    found = module_client.data(PATH, symbols=["AAPL", option.replace(" ", ""), "ESmain"])

    assert [row["sec_type"] for row in found["contracts"]] == ["STK", "OPT", "FUT"]


def test_what_tiger_does_not_know_is_missing_by_its_identifier(module_client: Client) -> None:
    named = [{"symbol": "AAPL201218C00150000"}, {"symbol": "ES2001"}, {"symbol": "99999", "sec_type": "WAR"}]
    found = module_client.data(PATH, symbols=["AAPL", "NOSUCH"], instruments=named)

    assert [row["symbol"] for row in found["contracts"]] == ["AAPL"]
    assert found["missing"] == ["NOSUCH", "AAPL  201218C00150000", "ES2001", "99999"]


def test_an_option_is_found_by_a_strike_that_floats_miss(module_client: Client, option: str) -> None:
    terms = {"expiry": f"20{option[6:12]}", "strike": int(option[13:]) / 1000, "put_call": "PUT"}
    described = module_client.data(PATH, symbols=["AAPL"], sec_type="OPT", **terms)

    assert [row["identifier"] for row in described["contracts"]] == [option]


def test_options_of_hong_kong_may_be_named_by_their_stock(module_client: Client) -> None:
    expiry = module_client.data("/api/market/option-chain", symbol="00700")["expirations"][1]
    listed = module_client.data(PATH, symbols=["700"], sec_type="OPT", expiry=expiry)["contracts"]
    described = {"symbol": "700", "expiry": expiry, "strike": listed[0]["strike"], "put_call": listed[0]["put_call"]}
    found = module_client.data(PATH, instruments=[described])

    assert {row["symbol"] for row in listed} == {"TCH.HK"}
    assert [row["identifier"] for row in found["contracts"]] == [listed[0]["identifier"]]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("code", method="contracts", code=1010, message="not supported"),
        Fault("missing_fields", method="contracts", fields=("symbol", "identifier", "localSymbol")),
    ],
)
def test_a_future_that_the_account_does_not_list_is_asked_for_at_the_quotes(
    client: Client, simulator: Simulator, fault: Fault
) -> None:
    simulator.inject(fault)

    (contract,) = client.data(PATH, symbols=["CLmain"])["contracts"]

    assert (contract["identifier"], contract["currency"], contract["multiplier"]) == ("CLmain", "USD", 1000)
    assert contract["continuous"] is True


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"symbols": None}, "symbols"),
        ({"symbols": ["AAPL"], "sec_type": "OPT"}, "expiry"),
        ({"symbols": ["AAPL"], "put_call": "CALL"}, "expiry"),
        ({"symbols": ["AAPL"], "instruments": [{"symbol": "AAPL", "sec_type": "OPT"}]}, "instruments.0.expiry"),
        ({"symbols": ["AAPL251219C00150000"], "sec_type": "STK"}, "sec_type"),
        ({"symbols": ["14339"], "sec_type": "WAR", "strike": 5}, "strike"),
        ({"symbols": ["AAPL"], "expiry": "20251219", "strike": 0.0005, "put_call": "CALL"}, "strike"),
        ({"symbols": ["MSFT"], "instruments": [{"symbol": f"A{number}"} for number in range(50)]}, "instruments"),
    ],
)
def test_a_request_that_names_nothing_or_too_much_is_refused(
    module_client: Client, body: dict[str, Any], field: str
) -> None:
    assert field in module_client.refusal(PATH, 400, "invalid_request", **body)["details"]
