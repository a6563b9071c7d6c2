"""A request names what is traded by the same fields everywhere."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import ValidationError

from app.tiger.instrument import Instrument
from schemas.instruments import InstrumentRequest, InstrumentsRequest
from schemas.requests import get_schema
from tests.support.client import Client

CALL = Instrument("AAPL", "OPT", dt.date(2025, 12, 19), Decimal(150), "CALL")
DESCRIBED = {"symbol": "AAPL", "expiry": "20251219", "strike": 150, "put_call": "call"}


def load(kind: type, **body: Any) -> Any:
    return get_schema(kind)().load({"account": "1", **body})


def refuse(kind: type, **body: Any) -> Mapping[str, Any]:
    with pytest.raises(ValidationError) as refused:
        load(kind, **body)
    return dict(refused.value.messages_dict)


@pytest.mark.parametrize(
    "body",
    [
        {"symbol": "AAPL251219C00150000"},
        {"identifier": "aapl  251219c00150000"},
        DESCRIBED,
        {**DESCRIBED, "sec_type": "opt", "identifier": "AAPL251219C00150000", "expiry": "2025-12-19"},
        {**DESCRIBED, "strike": Decimal("150.000"), "identifier": None},
    ],
)
def test_a_request_is_about_the_instrument_that_its_fields_name(body: dict[str, Any]) -> None:
    assert load(InstrumentRequest, **body).instrument == CALL


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "symbol"),
        ({"identifier": "AAPL251219C00150000", "symbol": "MSFT"}, "symbol"),
        ({"symbol": "AAPL", "sec_type": "FOREX"}, "sec_type"),
        ({"symbol": "AAPL", "sec_type": "OPT", "expiry": "20251219", "strike": 150}, "put_call"),
    ],
)
def test_a_request_that_names_no_instrument_is_refused(body: dict[str, Any], field: str) -> None:
    assert set(refuse(InstrumentRequest, **body)) == {field}


def test_symbols_and_instruments_are_one_list() -> None:
    instruments = [DESCRIBED, {"symbol": "ESmain"}, {"symbol": "14339", "sec_type": "WAR"}]
    body = load(InstrumentsRequest, symbols=["aapl", "AAPL251219C00150000"], instruments=instruments)

    assert body.named == (Instrument("AAPL"), CALL, Instrument("ESmain", "FUT"), Instrument("14339", "WAR"))


def test_a_type_is_that_of_all_symbols() -> None:
    body = load(InstrumentsRequest, symbols=["esmain", "CL2603"], sec_type="FUT")

    assert body.named == (Instrument("ESmain", "FUT"), Instrument("CL2603", "FUT"))


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, {"symbols"}),
        ({"symbols": ["AAPL"], "instruments": [{"symbol": "AAPL", "strike": 2}]}, {"instruments"}),
        ({"instruments": []}, {"instruments"}),
        ({"instruments": [{"symbol": "AAPL", "account": "1"}]}, {"instruments"}),
        ({"instruments": [{"symbol": f"A{number}"} for number in range(51)]}, {"instruments"}),
        ({"symbols": ["AAPL", "MSFT"], "sec_type": "OPT"}, {"symbols"}),
    ],
)
def test_a_list_that_names_nothing_or_too_much_is_refused(body: dict[str, Any], details: set[str]) -> None:
    assert set(refuse(InstrumentsRequest, **body)) == details


TRADED = [
    ("/api/trade/preview-order", {"action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 10}),
    ("/api/trade/place-order", {"action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 10}),
    ("/api/trade/max-quantity", {"action": "BUY", "order_type": "LMT", "limit_price": 10}),
    ("/api/trade/close-position", {}),
]


@pytest.mark.parametrize(("path", "body"), TRADED)
@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({"symbol": "700", "expiry": "20261230", "strike": 600, "put_call": "CALL"}, "symbol"),
        ({"identifier": "00700 261230C00600000"}, "identifier"),
    ],
)
def test_an_order_names_an_option_of_hong_kong_as_tiger_does(
    module_client: Client, path: str, body: dict[str, Any], named: dict[str, Any], field: str
) -> None:
    details = module_client.refusal(path, 400, "invalid_request", **body, **named)["details"]

    assert "TCH.HK" in details[field][0]
