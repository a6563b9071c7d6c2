"""A scan finds the stocks that pass every filter, and the fields of the scanner are those of the SDK."""

from typing import Any

from app.simulator.running import Simulator
from app.tiger.market.scanner import get_scan
from app.tiger.market.scanner_fields import FIELDS, get_tags
from tests.support.client import PAPER, SECOND, Client
from tests.support.pages import read_all

PATH, FIELDS_PATH = "/api/market/scanner", "/api/market/scanner-fields"
VALUE, CHANGE, YEAR = "StockField_MarketValue", "StockField_current_ChangeRate", "AccumulateField_ChangeRate"
INDUSTRY = "MultiTagField_Industry"


def test_what_tiger_was_seen_to_send_is_read() -> None:
    # A recorded answer of Tiger's, shortened; a field that nobody knows yet was added.
    row = {
        "symbol": "AAGH",
        "market": "US",
        "baseDataList": [{"index": 59, "name": "curChangeRate", "value": 0.5}],
        "accumulateDataList": [],
        "financialDataList": [{"index": 999, "name": "brandNew", "value": "NaN"}],
        "multiTagDataList": [{"index": 4, "name": "symbol", "value": "AAGH"}],
    }
    page = get_scan(
        {"page": 0, "totalPage": 1466, "totalCount": 7329, "pageSize": 5, "cursorId": "da16", "items": [row]}
    )

    assert page["cursor"] == "da16"
    assert page["rows"] == [
        {
            "symbol": "AAGH",
            "market": "US",
            "values": {CHANGE: 0.5, "FinancialField_brandNew": "NaN", "MultiTagField_StockCode": "AAGH"},
        }
    ]


def test_tags_are_read_as_documented() -> None:
    # As Tiger's documentation of get_market_scanner_tags has them.
    tags = [{"tag": "BK4565", "value": "NFT"}, {"value": "without a code"}]

    assert get_tags([{"market": "US", "multiTagField": "MultiTagField_Concept", "tagList": tags}]) == {
        "MultiTagField_Concept": [{"tag": "BK4565", "name": "NFT"}]
    }


def test_all_pages_together_hold_what_passes_once_in_order(module_client: Client) -> None:
    asked: dict[str, Any] = {
        "filters": [{"field": VALUE, "min": 1e11, "max": 3e12}, {"field": YEAR, "period": "Last_Year"}],
        "sort": {"field": VALUE, "direction": "asc"},
        "limit": 9,
    }
    rows = read_all(module_client, PATH, "stocks", **asked)
    worth = [row["values"][VALUE] for row in rows]

    assert len({row["symbol"] for row in rows}) == len(rows) > 9
    assert worth == sorted(worth)
    assert {1e11 <= each <= 3e12 for each in worth} == {True}
    assert all(isinstance(row["values"][YEAR], float) for row in rows)


def test_a_tag_finds_the_stocks_that_have_it(module_client: Client) -> None:
    fields = {row["field"]: row for row in module_client.data(FIELDS_PATH, market="US")["fields"]}
    tag = fields[INDUSTRY]["tags"][0]["tag"]
    found = module_client.data(PATH, filters=[{"field": INDUSTRY, "values": [tag]}])["stocks"]

    assert found
    assert {row["values"][INDUSTRY] for row in found} == {tag}


def test_near_names_are_told_where_a_field_does_not_exist(client: Client, simulator: Simulator) -> None:
    body = client.refusal(PATH, 400, "invalid_request", filters=[{"field": "StockField_MarketVale"}])

    assert VALUE in body["details"]["filters.0.field"][0]
    assert simulator.calls() == 0


def test_a_page_token_of_other_filters_is_refused(module_client: Client) -> None:
    token = module_client.data(PATH, limit=2)["next_page_token"]
    other = {"filters": [{"field": VALUE, "min": 1}], "page_token": token}

    assert "page_token" in module_client.refusal(PATH, 400, "invalid_request", **other)["details"]


def test_every_field_of_the_sdk_is_listed_and_the_list_is_kept(client: Client, simulator: Simulator) -> None:
    second, paper = (client.for_account(account).data(FIELDS_PATH, market="HK") for account in (SECOND, PAPER))
    fields = {row["field"]: row for row in second["fields"]}

    assert second == paper
    assert simulator.calls("market_scanner_tags") == 1
    assert fields.keys() == FIELDS.keys()
    assert len(fields) > 180
    assert (fields[YEAR]["takes"], fields[YEAR]["takes_period"]) == ("range", True)
    assert (fields[INDUSTRY]["takes"], fields[INDUSTRY]["takes_period"]) == ("values", False)
    assert "Last_Year" in second["periods"]
