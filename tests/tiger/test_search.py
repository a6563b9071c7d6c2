"""A search finds stocks, options by what they are on, futures by their product, and funds."""

from typing import Any

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.support.client import Client

PATH = "/api/market/search"


def search(client: Client, keyword: str, **fields: Any) -> list[tuple[str, str]]:
    """Return symbol and kind of what is found."""
    answer = client.data(PATH, keyword=keyword, **fields)
    assert answer["unavailable"] == []
    return [(row["symbol"], row["sec_type"]) for row in answer["results"]]


def test_a_product_finds_its_main_contract_first_and_all_others(module_client: Client) -> None:
    found = search(module_client, "es", sec_type="FUT")
    main = module_client.data("/api/info/futures", type="ES")["current"]["symbol"]

    assert found[0] == (main, "FUT")
    assert len(found) > 3
    assert all(symbol.startswith("ES") and kind == "FUT" for symbol, kind in found)
    assert search(module_client, "ES")[0] == (main, "FUT")


def test_a_future_is_found_by_its_name(module_client: Client) -> None:
    assert {symbol[:2] for symbol, _ in search(module_client, "crude oil", sec_type="FUT")} >= {"CL"}


@pytest.mark.parametrize("keyword", ["tencent", "00700", "700", "TCH", "tch.hk"])
def test_a_class_of_options_is_found_by_itself_and_by_its_stock(module_client: Client, keyword: str) -> None:
    answer = module_client.data(PATH, keyword=keyword, market="HK", sec_type="OPT")
    first = answer["results"][0]

    assert (first["symbol"], first["underlying"], first["market"]) == ("TCH.HK", "00700", "HK")
    assert "expiry" in first["hint"]


def test_options_of_the_us_are_found_as_their_stock(module_client: Client) -> None:
    assert search(module_client, "apple", sec_type="OPT") == [("AAPL", "OPT")]
    assert search(module_client, "AAPL")[:2] == [("AAPL", "STK"), ("AAPL", "OPT")]
    # What no option was asked about is not looked up.
    assert ("AAPL", "OPT") not in search(module_client, "apple")


def test_what_has_no_options_is_no_option(module_client: Client) -> None:
    assert search(module_client, ".IXIC", sec_type="OPT") == []
    assert search(module_client, "600519", market="CN", sec_type="OPT") == []


@pytest.mark.parametrize("keyword", ["IE00B464Q616", "PIMCO", "income fund"])
def test_a_fund_is_found_by_number_and_by_name(module_client: Client, keyword: str) -> None:
    assert ("IE00B464Q616.USD", "FUND") in search(module_client, keyword, sec_type="FUND")


def test_stocks_come_first_among_equally_good_matches(module_client: Client) -> None:
    kinds = [kind for symbol, kind in search(module_client, "a", limit=100) if symbol.startswith("A")]

    assert kinds == sorted(kinds, key=["STK", "OPT", "FUT", "FUND"].index)


@pytest.mark.parametrize(
    ("method", "kind"), [("future_exchange", "FUT"), ("fund_all_symbols", "FUND"), ("option_expiration", "OPT")]
)
def test_what_tiger_does_not_list_spoils_nothing_else(
    client: Client, simulator: Simulator, method: str, kind: str
) -> None:
    simulator.inject(Fault("code", method=method, code=4, message="4000:permission denied"))
    answer = client.data(PATH, keyword="AAPL")

    assert answer["results"][0]["symbol"] == "AAPL"
    assert answer["unavailable"] == [kind]
    client.refusal(PATH, 403, "tiger_permission_denied", keyword="AAPL", sec_type=kind)


def test_without_the_names_of_stocks_there_is_no_answer(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("code", method="all_symbol_names", code=4, message="4000:permission denied"))

    client.refusal(PATH, 403, "tiger_permission_denied", keyword="AAPL")


def test_lists_are_asked_for_once(client: Client, simulator: Simulator) -> None:
    client.data(PATH, keyword="AAPL")
    simulator.reset_counts()
    for keyword in ("AAPL", "ES", "gold", "tesla", "fund"):
        client.data(PATH, keyword=keyword)

    assert simulator.calls() == 0
