"""Details of stocks hold what changes with days, are kept by stock, and never a price."""

from app.simulator.running import Simulator
from app.tiger.market.details import get_details
from tests.support.client import PAPER, SECOND, Client

PATH = "/api/market/details"


def test_all_that_the_sdk_reads_beside_prices_is_read() -> None:
    # The names are those that the SDK's StockDetailsResponse maps.
    data = {
        "items": [
            {
                "symbol": "00700",
                "secType": "STK",
                "name": "Tencent",
                "market": "HK",
                "exchange": "SEHK",
                "shares": 9_000_000_000.0,
                "floatShares": 8_000_000_000,
                "eps": "27.5",
                "adrRate": None,
                "etf": 0,
                "shortable": 3,
                "latestPrice": 500.0,
                "listingDate": 1_087_315_200_000,
                "stockSplit": {"executeDate": "2026-12-01", "toFactor": 5.0, "forFactor": 1.0},
                "stockRight": {"symbol": "00700", "rightsSymbol": "02960", "firstDealingDate": "2026-12-03"},
                "symbolChange": {"newSymbol": "00701", "executeDate": "2026-12-02"},
                "stockNotice": {"title": "Suspended", "content": "Until Monday", "type": "halt"},
            }
        ]
    }

    assert get_details(data) == {
        "00700": {
            "name": "Tencent",
            "sec_type": "STK",
            "market": "HK",
            "exchange": "SEHK",
            "shares": 9_000_000_000,
            "float_shares": 8_000_000_000,
            "eps": 27.5,
            "adr_rate": None,
            "etf": 0,
            "shortable": 3,
            "listing_date": "2004-06-16",
            "split": {"ex_date": "2026-12-01", "from_factor": 1.0, "to_factor": 5.0},
            "rights": {
                "symbol": "00700",
                "rights_symbol": "02960",
                "first_dealing_date": "2026-12-03",
                "last_dealing_date": None,
            },
            "symbol_change": {"ex_date": "2026-12-02", "new_symbol": "00701"},
            "notice": {"title": "Suspended", "content": "Until Monday", "type": "halt"},
        }
    }


def test_what_is_not_announced_is_null() -> None:
    details = get_details([{"symbol": "AAPL", "stockSplit": {}}])["AAPL"]

    assert {details[name] for name in ("split", "rights", "symbol_change", "notice", "name")} == {None}


def test_stocks_of_several_markets_are_asked_for_at_once(module_client: Client) -> None:
    answer = module_client.data(PATH, symbols=["ZZZZ", "AAPL", "700", "aapl"])

    assert [(row["symbol"], row["market"]) for row in answer["details"]] == [("AAPL", "US"), ("00700", "HK")]
    assert (answer["count"], answer["missing"]) == (2, ["ZZZZ"])
    assert not any("price" in name for row in answer["details"] for name in row)


def test_what_is_kept_of_a_stock_serves_every_list_that_has_it(client: Client, simulator: Simulator) -> None:
    for account, symbols in ((SECOND, ["AAPL", "MSFT"]), (PAPER, ["MSFT"]), (PAPER, ["NVDA", "AAPL"])):
        answer = client.for_account(account).data(PATH, symbols=symbols)
        assert [row["symbol"] for row in answer["details"]] == symbols

    # AAPL and MSFT, then nothing, then NVDA alone: a call that fails would be noticed.
    assert simulator.calls("stock_detail") == 2


def test_what_one_user_is_told_reaches_no_other(client: Client, simulator: Simulator) -> None:
    client.data(PATH, symbols=["AAPL"])
    client.for_account(SECOND).data(PATH, symbols=["AAPL"])

    assert simulator.calls("stock_detail") == 2


def test_what_tiger_has_nothing_of_is_asked_for_again(client: Client, simulator: Simulator) -> None:
    for _ in range(2):
        assert client.data(PATH, symbols=["ZZZZ"])["missing"] == ["ZZZZ"]

    assert simulator.calls("stock_detail") == 2


def test_a_fresh_answer_passes_by_what_is_kept(client: Client, simulator: Simulator) -> None:
    body = {"account": client.account, "symbols": ["AAPL"]}
    client.send(PATH, body)
    kept = client.send(PATH, body)
    fresh = client.send(PATH, body, **{"Cache-Control": "no-cache"})

    assert ("Age" in kept.headers, "Age" in fresh.headers) == (True, False)
    assert simulator.calls("stock_detail") == 2
