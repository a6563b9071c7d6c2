"""Contracts of every type that Tiger answers, and refusals of those it does not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.simulator.clock import Clock
from app.simulator.methods.market import Market
from app.simulator.wire import WireRefusal, WireRequest

NOW_MS = int(datetime(2026, 11, 20, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)
MARKET = Market(11, Clock(NOW_MS))
RECORDED = {
    "contractId", "identifier", "symbol", "secType", "multiplier", "lotSize", "market", "primaryExchange", "currency",
    "localSymbol", "tradingClass", "name", "status", "tradeable", "marginable", "shortMargin", "shortInitialMargin",
    "shortMaintenanceMargin", "longInitialMargin", "longMaintenanceMargin", "shortFeeRate", "shortable",
    "shortableCount", "closeOnly", "tickSizes", "isEtf", "supportOvernightTrading", "supportFractionalShare",
}  # fmt: skip


def _ask(method: str, **biz: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = MARKET.methods[method](
        WireRequest(method, "3.0" if method == "contract" else "2.0", biz, "20150001", "en_US", NOW_MS)
    )
    return rows


def test_a_stock_has_the_recorded_fields() -> None:
    (row,) = _ask("contract", symbol="NVDA", sec_type="STK")

    assert row.keys() == RECORDED


def test_contracts_leave_out_what_does_not_exist_or_cannot_be_traded() -> None:
    rows = _ask("contracts", symbols=["00700", "NOSUCH", ".DJI", "AAPL"], sec_type="STK")

    assert [(row["symbol"], row["currency"], row["lotSize"]) for row in rows] == [
        ("00700", "HKD", 100.0),
        ("AAPL", "USD", 1.0),
    ]


@pytest.mark.parametrize(
    ("symbol", "ticks"),
    [("AAPL", [0.0001, 0.01]), ("600519", [0.01]), ("00700", [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5])],
)
def test_tick_sizes_are_those_of_the_exchange(symbol: str, ticks: list[float]) -> None:
    (row,) = _ask("contracts", symbols=[symbol])

    assert [band["tickSize"] for band in row["tickSizes"]] == ticks
    assert row["tickSizes"][0]["begin"] == "0"
    assert row["tickSizes"][-1]["end"] == "Infinity"


def test_what_cannot_be_shorted_has_no_lending_terms() -> None:
    (row,) = _ask("contracts", symbols=["TLRY"])

    assert row["shortable"] is False
    assert "shortableCount" not in row


def test_a_currency_that_does_not_fit_finds_nothing() -> None:
    assert _ask("contract", symbol="AAPL", sec_type="STK", currency="HKD") == []


@pytest.mark.parametrize(("symbol", "currency", "multiplier"), [("AAPL", "USD", 100.0), ("TCH.HK", "HKD", 100.0)])
def test_an_option_is_found_by_its_four_parts(symbol: str, currency: str, multiplier: float) -> None:
    expiry = {"AAPL": "20261218", "TCH.HK": "20261230"}[symbol]
    strike = {"AAPL": 200.0, "TCH.HK": 600.0}[symbol]

    (row,) = _ask("contract", symbol=symbol, sec_type="OPT", expiry=expiry, strike=strike, right="CALL")

    assert (row["symbol"], row["strike"], row["right"]) == (symbol, strike, "CALL")
    assert (row["currency"], row["multiplier"]) == (currency, multiplier)


def test_an_option_that_is_not_listed_is_an_empty_answer() -> None:
    assert _ask("contract", symbol="AAPL", sec_type="OPT", expiry="20261219", strike=200.0, right="PUT") == []


@pytest.mark.parametrize("field", ["expiry", "strike", "right"])
def test_an_option_without_one_of_its_parts_is_refused_by_name(field: str) -> None:
    asked = {"symbol": "AAPL", "sec_type": "OPT", "expiry": "20261218", "strike": 200.0, "right": "CALL"}

    with pytest.raises(WireRefusal, match=f"field '{field}' cannot be empty"):
        _ask("contract", **{name: value for name, value in asked.items() if name != field})


@pytest.mark.parametrize("sec_type", ["WAR", "IOPT"])
def test_warrants_are_listed_by_underlying_and_expiry_and_found_by_code(sec_type: str) -> None:
    rows = _ask("quote_contract", symbols=["00700"], sec_type=sec_type, expiry="20261231")
    (again,) = _ask("contract", symbol=rows[0]["symbol"], sec_type=sec_type)

    assert {row["right"] for row in rows} == {"CALL", "PUT"}
    assert all(row["secType"] == sec_type and row["expiry"] == "20261231" for row in rows)
    assert again == rows[0]


def test_all_options_of_an_expiry_are_listed() -> None:
    rows = _ask("quote_contract", symbols=["AAPL"], sec_type="OPT", expiry="20261218")

    assert len(rows) > 40
    assert len({row["identifier"] for row in rows}) == len(rows)


def test_every_warrant_has_a_code_of_its_own() -> None:
    rows = [
        row
        for underlying in ("00005", "00388", "00700", "02318", "03690", "09988")
        for sec_type in ("WAR", "IOPT")
        for expiry in ("20261130", "20261231", "20270129", "20270226")
        for row in _ask("quote_contract", symbols=[underlying], sec_type=sec_type, expiry=expiry)
    ]

    assert rows
    assert len({row["symbol"] for row in rows}) == len(rows)


def test_futures_are_found_by_code_until_they_expire() -> None:
    rows = _ask("contracts", symbols=["ES2612", "CLmain", "ES2609", "ES2611", "ZZ2612"], sec_type="FUT")

    assert [(row["symbol"], row["multiplier"], row["continuous"]) for row in rows] == [
        ("ES2612", 50.0, False),
        ("CLmain", 1000.0, True),
    ]


@pytest.mark.parametrize(
    ("method", "biz"),
    [
        ("contracts", {"symbols": ["USD.HKD"], "sec_type": "CASH"}),
        ("contracts", {"symbols": ["ES"], "sec_type": "FOP"}),
        ("contracts", {"symbols": ["AAPL"], "sec_type": "OPT"}),
        ("contract", {"symbol": "USD.HKD", "sec_type": "CASH"}),
        ("contract", {"symbol": "ES", "sec_type": "FOP"}),
        ("quote_contract", {"symbols": ["AAPL"], "sec_type": "STK", "expiry": "20261218"}),
        ("quote_contract", {"symbols": ["AAPL"], "sec_type": "OPT", "expiry": "some day"}),
        ("contract", {"symbol": "AAPL", "sec_type": "OPT", "expiry": "20261218", "strike": "x", "right": "CALL"}),
        ("contract", {"symbol": "AAPL", "sec_type": "OPT", "expiry": "20261218", "strike": 200, "right": "BOTH"}),
    ],
)
def test_what_tiger_cannot_answer_is_refused_with_1010(method: str, biz: dict[str, Any]) -> None:
    with pytest.raises(WireRefusal) as refusal:
        _ask(method, **biz)

    assert refusal.value.code == 1010
