"""Warrants on a stock are those that pass the filters, as sorted, page by page."""

from typing import Any

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.market.warrants import get_warrants
from tests.support.client import Client
from tests.support.pages import read_all

PATH = "/api/market/warrants"


def ask(client: Client, **filters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.data(PATH, symbol="00700", filters=filters, limit=200)["warrants"]
    return found


def test_words_stand_for_codes_and_what_nobody_knows_stays() -> None:
    # Names and codes as Tiger's documentation of get_warrant_filter has them.
    rows = [
        {
            "symbol": "15792",
            "secType": "war",
            "market": "hk",
            "type": 1,
            "state": 3,
            "strike": "500.0",
            "issuerName": "ML",
        },
        {"symbol": "58603", "secType": "iopt", "type": 9, "expireDate": "2026-06-29", "beforeCallLevel": 0.196875},
        {"name": "a row without a symbol"},
    ]
    page = get_warrants({"items": rows, "bounds": {"issuerName": ["ML"], "strike": {"min": "1", "max": 2}}})
    warrant, contract = page["rows"]

    assert [warrant[name] for name in ("sec_type", "market", "type", "state", "strike")] == [
        "WAR", "HK", "CALL", "UPCOMING", 500.0,
    ]  # fmt: skip
    assert [contract[name] for name in ("type", "expiry", "before_call_level")] == ["9", "20260629", 0.196875]
    assert page["bounds"]["issuers"] == ["ML"]
    assert page["bounds"]["strike"] == {"min": 1.0, "max": 2}
    assert page["bounds"]["premium"] == {"min": None, "max": None}


@pytest.mark.parametrize("kind", ["CALL", "PUT", "BULL", "BEAR"])
def test_kinds_are_told_apart(module_client: Client, kind: str) -> None:
    found = ask(module_client, types=[kind])

    assert found
    assert {row["type"] for row in found} == {kind}
    assert {row["sec_type"] for row in found} == {"WAR" if kind in {"CALL", "PUT"} else "IOPT"}


def test_every_filter_holds(module_client: Client) -> None:
    every = ask(module_client)
    middle = sorted(row["strike"] for row in every)[len(every) // 2]
    issuer, month = every[0]["issuer"], every[0]["expiry"]

    assert {row["strike"] >= middle for row in ask(module_client, strike={"min": middle})} == {True}
    assert {row["issuer"] for row in ask(module_client, issuer=issuer)} == {issuer}
    assert {row["in_out_price"] > 0 for row in ask(module_client, moneyness="IN")} == {True}
    found = ask(module_client, expiry_month=f"{month[:4]}-{month[4:6]}", state="NORMAL", premium={"max": 5.5})
    assert {row["expiry"][:6] for row in found} == {month[:6]}
    ratios = [row["entitlement_ratio"] for row in every]
    assert ask(module_client, entitlement_ratios=[ratios[0]], lot_sizes=[every[0]["lot_size"]])


def test_all_pages_together_hold_everything_once_in_order(module_client: Client) -> None:
    by_price = {"field": "latest_price", "direction": "asc"}
    rows = read_all(module_client, PATH, "warrants", symbol="00700", sort=by_price, limit=7)
    prices = [row["latest_price"] for row in rows]

    assert len({row["symbol"] for row in rows}) == len(rows)
    assert prices == sorted(prices)


def test_a_page_token_of_other_filters_is_refused(module_client: Client) -> None:
    token = module_client.data(PATH, symbol="00700", limit=2)["next_page_token"]
    other = {"symbol": "00700", "filters": {"types": ["PUT"]}, "page_token": token}

    assert "page_token" in module_client.refusal(PATH, 400, "invalid_request", **other)["details"]


def test_a_stock_without_warrants_has_none(module_client: Client) -> None:
    page = module_client.data(PATH, symbol="09999")

    assert (page["count"], page["total"], page["warrants"], page["next_page_token"]) == (0, 0, [], None)


def test_rows_that_tiger_answers_without_their_symbol_are_left_out(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="warrant_filter", fields=("symbol",)))

    assert client.data(PATH, symbol="00700")["warrants"] == []
