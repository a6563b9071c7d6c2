"""Industries are listed by level, their stocks by market, and each stock belongs to those that list it."""

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.company.industries import get_industries, get_stocks
from tests.support.client import PAPER, SECOND, Client

PATH = "/api/info/industries"
# A recorded answer of Tiger's, shortened.
GROUPS = [
    {"id": "5020", "industryLevel": "GGROUP", "nameCN": "媒体与娱乐", "nameEN": "Media & Entertainment"},
    {"id": "2550", "industryLevel": "GGROUP", "nameCN": "零售业", "nameEN": "Consumer Discretionary"},
]


def test_what_tiger_was_seen_to_send_is_read() -> None:
    first, second = get_industries(GROUPS, "GGROUP")

    assert first == {
        "id": "5020",
        "level": "GGROUP",
        "name": "Media & Entertainment",
        "chinese_name": "媒体与娱乐",
    }
    assert second["id"] == "2550"


def test_an_industry_of_another_level_is_left_out() -> None:
    assert get_industries([*GROUPS, {"id": "50", "industryLevel": "GSECTOR"}, {"nameEN": "None"}], "GGROUP") == [
        *get_industries(GROUPS)
    ]


def test_a_stock_of_another_industry_or_market_is_left_out() -> None:
    rows = [
        {"symbol": "NFLX", "companyName": "Netflix", "market": "US", "industryDetailDTOList": GROUPS[:1]},
        {"symbol": "AMZN", "companyName": "Amazon", "market": "US", "industryDetailDTOList": GROUPS[1:]},
        {"symbol": "00700", "companyName": "Tencent", "market": "HK", "industryDetailDTOList": GROUPS[:1]},
        {"symbol": "DIS", "companyName": "Disney"},
    ]

    assert [stock["symbol"] for stock in get_stocks("5020", "US", rows)] == ["DIS", "NFLX"]


@pytest.mark.parametrize(("level", "digits"), [("GSECTOR", 2), ("ggroup", 4), ("GIND", 6), ("GSUBIND", 8)])
def test_each_level_is_listed(module_client: Client, level: str, digits: int) -> None:
    answer = module_client.data(PATH, level=level)

    assert answer["level"] == level.upper()
    assert answer["industries"]
    assert {len(row["id"]) for row in answer["industries"]} == {digits}
    assert {row["level"] for row in answer["industries"]} == {level.upper()}


def test_groups_are_listed_where_nothing_is_named(module_client: Client) -> None:
    assert module_client.data(PATH) == module_client.data(PATH, level="GGROUP")


@pytest.mark.parametrize(("symbol", "market"), [("aapl", "US"), ("700", "HK"), ("600519", "CN")])
def test_a_stock_is_among_the_stocks_of_each_of_its_industries(module_client: Client, symbol: str, market: str) -> None:
    answer = module_client.data(PATH, symbol=symbol)

    assert [row["level"] for row in answer["industries"]] == ["GSECTOR", "GGROUP", "GIND", "GSUBIND"]
    for industry in answer["industries"]:
        stocks = module_client.data(PATH, industry=industry["id"], market=market)["stocks"]
        (own,) = (stock for stock in stocks if stock["symbol"] == answer["symbol"])
        assert own["industries"] == answer["industries"]


def test_the_stocks_of_the_united_states_are_listed_where_no_market_is_named(module_client: Client) -> None:
    answer = module_client.data(PATH, industry="4530")

    assert answer["market"] == "US"
    assert answer["count"] == len(answer["stocks"])
    assert "NVDA" in {stock["symbol"] for stock in answer["stocks"]}


@pytest.mark.parametrize("symbol", ["SPY", "NOSUCH"])
def test_what_belongs_to_no_industry_has_none(module_client: Client, symbol: str) -> None:
    assert module_client.data(PATH, symbol=symbol)["industries"] == []


def test_an_industry_that_tiger_does_not_know_is_told(module_client: Client) -> None:
    body = module_client.refusal(PATH, 400, "invalid_request", industry="99")

    assert "99" in body["error"]


def test_lists_are_kept_for_all_accounts_of_a_user(client: Client, simulator: Simulator) -> None:
    second, paper = (client.for_account(account).data(PATH, level="GIND") for account in (SECOND, PAPER))

    assert second == paper
    assert simulator.calls("industry_list") == 1


def test_an_industry_without_its_id_is_left_out(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="industry_list", fields=("id",)))

    assert client.data(PATH)["industries"] == []
