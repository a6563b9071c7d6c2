"""All symbols of a kind come page by page, in their order, from a list that is kept."""

import pytest

from app.simulator.running import Simulator
from app.tiger.option_codes import get_classes
from tests.support.client import PAPER, SECOND, Client
from tests.support.pages import read_all

PATH = "/api/market/symbols"


def test_what_tiger_was_seen_to_send_is_read() -> None:
    # A recorded answer of Tiger's, shortened.
    data = [
        {"symbol": "CRG.HK", "name": "CRG", "underlyingSymbol": "00390"},
        {"symbol": "ALC.HK", "name": "ALC", "underlyingSymbol": "02600"},
    ]

    assert get_classes(data) == {"ALC.HK": "02600", "CRG.HK": "00390"}


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ({"market": "US"}, "AAPL"),
        ({"market": "HK"}, "00700"),
        ({"market": "CN"}, "600519"),
        ({"sec_type": "OPT"}, "TCH.HK"),
        ({"sec_type": "CC"}, "BTC/USD"),
    ],
)
def test_all_pages_together_hold_everything_once_in_order(
    module_client: Client, asked: dict[str, str], known: str
) -> None:
    symbols = read_all(module_client, PATH, "symbols", **asked, limit=7)

    assert known in symbols
    assert symbols == sorted(set(symbols))


def test_a_class_of_options_names_its_stock(module_client: Client) -> None:
    page = module_client.data(PATH, sec_type="OPT", market="HK")

    assert page["underlyings"]["TCH.HK"] == "00700"
    assert list(page["underlyings"]) == page["symbols"]


def test_a_list_is_asked_for_once_for_all_accounts_of_a_user(client: Client, simulator: Simulator) -> None:
    for account in (SECOND, PAPER, SECOND):
        client.for_account(account).data(PATH, market="US", limit=5)

    assert simulator.calls("all_symbols") == 1


def test_a_page_token_of_another_list_is_refused(module_client: Client) -> None:
    token = module_client.data(PATH, market="US", limit=2)["next_page_token"]

    assert "page_token" in module_client.refusal(PATH, 400, "invalid_request", market="HK", page_token=token)["details"]
