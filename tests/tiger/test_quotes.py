"""Quotes of every type of instrument, many in as few calls as the wire allows."""

import dataclasses
import json
from typing import Any

import pytest

from app import create_app
from app.errors import InvalidRequest
from app.gateway import get_gateway
from app.settings import CacheSettings, Settings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.instrument import Instrument
from app.tiger.market import quote_rows
from app.tiger.market.quotes import fetch_quotes
from app.tiger.sessions import Session
from app.tiger.wire import values
from tests.support.client import Client

QUOTE = "/api/market/quote"
BATCH = "/api/market/batch"
FUND = "IE00B464Q616.USD"
KINDS = ["STK", "OPT", "FUT", "WAR", "IOPT", "FUND", "CC"]


@pytest.fixture(scope="module")
def named(module_client: Client) -> dict[str, dict[str, Any]]:
    """Give one instrument of each type, as a request names it."""
    expiry = module_client.data("/api/market/option-chain", symbol="AAPL")["expirations"][2]
    chain = module_client.data("/api/market/option-chain", symbol="AAPL", expiry=expiry)["chain"]
    warrants = module_client.data("/api/market/warrants", symbol="00700")["warrants"]
    return {
        "STK": {"symbol": "AAPL"},
        "OPT": {"identifier": chain["calls"][9]["identifier"]},
        "FUT": {"symbol": "ESmain"},
        **{row["sec_type"]: {"symbol": row["symbol"], "sec_type": row["sec_type"]} for row in warrants},
        "FUND": {"symbol": FUND, "sec_type": "FUND"},
        "CC": {"symbol": "BTC.USD", "sec_type": "CC"},
    }


@pytest.mark.parametrize(
    ("written", "number"), [("26.29%", 0.2629), ("30.57 %", 0.3057), ("-5%", -0.05), ("0.25", 0.25), ("x%", None)]
)
def test_a_percentage_is_read_as_a_part_of_one(written: str, number: float | None) -> None:
    assert values.ratio(written) == number


def test_a_recorded_quote_of_an_option_is_read() -> None:
    row = {
        "symbol": "PDD",
        "identifier": "PDD   260121C00090000",
        "strike": "90.0",
        "volume": 130,
        "multiplier": 100,
        "right": "call",
        "volatility": "26.29%",
        "expiry": 1768971600000,
        "ratesBonds": 0.039494,
        "midPrice": 1.23,
        "markPrice": 1.25,
        "sellingReturn": 0.15,
        "openInt": 7,
    }
    quote = quote_rows.get_option_quotes([row])["PDD   260121C00090000"]

    read = {name: quote[name] for name in ("volatility", "risk_free_rate", "mid_price", "open_interest", "multiplier")}
    assert read == {
        "volatility": 0.2629,
        "risk_free_rate": 0.039494,
        "mid_price": 1.23,
        "open_interest": 7,
        "multiplier": 100,
    }
    assert (quote["volume"], quote["latest_price"], quote["delayed"]) == (130, None, False)


@pytest.mark.parametrize("name", ["timestamp", "latestTime"])
def test_an_option_says_when_it_was_traded(name: str) -> None:
    """Under the first name in an answer of the Java SDK, under the second in the answers about stocks."""
    named = {"symbol": "TSLA", "expiry": 1769749200000, "strike": "437.5", "right": "put"}
    row = {**named, "identifier": "TSLA  260130P00437500", "latestPrice": 17.6, name: 1769028900019}

    assert quote_rows.get_option_quotes([row])["TSLA  260130P00437500"]["timestamp"] == 1769028900019


def test_a_recorded_quote_of_a_future_is_read() -> None:
    row = {
        "contractCode": "ES2509",
        "latestPrice": 6469.5,
        "latestSize": 5,
        "latestTime": 1755067657000,
        "bidPrice": 6469.5,
        "bidSize": 11,
        "openInterest": 1938507,
        "openInterestChange": 26858,
        "settlement": 6468.5,
        "limitUp": 6919.5,
        "limitDown": 0.0,
    }
    quote = quote_rows.get_future_quotes([row])["ES2509"]

    assert (quote["latest_price"], quote["bid_price"], quote["timestamp"]) == (6469.5, 6469.5, 1755067657000)
    assert (quote["open_interest_change"], quote["settlement"], quote["limit_down"]) == (26858, 6468.5, None)


def test_a_coin_has_its_volume_with_all_decimals() -> None:
    row = {"symbol": "BTC/USD", "latestPrice": 104000.5, "volume": 12, "volumeDecimal": 12.375}

    assert quote_rows.get_coin_quotes([row])["BTC.USD"]["volume"] == 12.375


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_has_quotes(module_client: Client, named: dict[str, Any], kind: str) -> None:
    quote = module_client.data(QUOTE, **named[kind])

    assert quote["sec_type"] == kind
    assert quote["identifier"].replace(" ", "") == next(iter(named[kind].values())).replace(" ", "")
    assert quote["latest_price"] > 0
    assert (quote["delayed"], quote["extended_hours"]) == (False, None)
    assert json.dumps(quote, allow_nan=False)


def test_a_derivative_says_what_it_is(module_client: Client, named: dict[str, Any]) -> None:
    option, warrant = (module_client.data(QUOTE, **named[kind]) for kind in ("OPT", "WAR"))

    assert (option["symbol"], option["market"], option["put_call"], option["multiplier"]) == ("AAPL", "US", "CALL", 100)
    assert 0 < option["volatility"] < 5
    assert (warrant["market"], warrant["currency"], warrant["underlying"]) == ("HK", "HKD", "00700")
    assert (len(warrant["expiry"]), warrant["put_call"]) == (8, warrant["put_call"])
    assert warrant["strike"] > 0


def test_a_quote_of_an_option_agrees_with_the_chain(module_client: Client, named: dict[str, Any]) -> None:
    quote = module_client.data(QUOTE, **named["OPT"])
    chain = module_client.data("/api/market/option-chain", symbol="AAPL", expiry=quote["expiry"])["chain"]["calls"]
    (leg,) = [leg for leg in chain if leg["identifier"] == quote["identifier"]]

    shared = ("strike", "pre_close", "open_interest", "multiplier")
    assert [quote[name] for name in shared] == [leg[name] for name in shared]


def test_options_of_hong_kong_stocks_are_found(module_client: Client) -> None:
    expiry = module_client.data("/api/market/option-chain", symbol="00700")["expirations"][1]
    leg = module_client.data("/api/market/option-chain", symbol="00700", expiry=expiry)["chain"]["puts"][5]
    fields = {"symbol": "00700", "expiry": expiry, "strike": leg["strike"], "put_call": "PUT"}
    described, listed = module_client.data(QUOTE, **fields), module_client.data(QUOTE, identifier=leg["identifier"])

    assert (described["symbol"], listed["symbol"]) == ("00700", "TCH.HK")
    assert described["pre_close"] == listed["pre_close"] == leg["pre_close"]


def test_a_batch_takes_every_type_and_one_call_for_each_method(
    client: Client, simulator: Simulator, named: dict[str, Any]
) -> None:
    instruments = [*named.values(), {"symbol": "NOSUCH"}, {"symbol": "XX2612"}]
    simulator.reset_counts()
    answer = client.data(BATCH, instruments=instruments, fields=["open_interest", "bid_price"])

    assert answer["missing"] == ["NOSUCH", "XX2612"]
    assert (answer["count"], list(answer["quotes"])) == (7, answer["symbols"][:7])
    assert {quote.get("sec_type", "STK") for quote in answer["quotes"].values()} == set(KINDS)
    assert all(quote["latest_price"] > 0 and "open_interest" in quote for quote in answer["quotes"].values())
    assert answer["quotes"]["AAPL"]["open_interest"] is None
    # Stocks and coins have one method, warrants and bull/bear contracts another.
    assert (simulator.calls("quote_real_time"), simulator.calls("warrant_real_time_quote")) == (2, 1)
    assert simulator.calls() == 6


def test_two_hundred_are_asked_for_in_as_many_calls_as_the_wire_wants(client: Client, simulator: Simulator) -> None:
    rows = client.data("/api/market/option-chain", symbol="AAPL")
    chain = client.data("/api/market/option-chain", symbol="AAPL", expiry=rows["expirations"][3])["chain"]
    options = [{"identifier": leg["identifier"]} for leg in chain["calls"]][:35]
    stocks = [{"symbol": f"SYM{number}"} for number in range(200 - len(options) - 1)]
    simulator.reset_counts()
    answer = client.data(BATCH, instruments=[{"symbol": "AAPL"}, *options, *stocks])

    assert len(answer["symbols"]) == 200
    assert answer["count"] == 1 + len(options)
    assert len(answer["missing"]) == len(stocks)
    assert simulator.calls("option_brief") == -(-len(options) // 30)
    assert simulator.calls("quote_real_time") == -(-(1 + len(stocks)) // 50)


def test_a_gateway_that_shares_no_calls_asks_for_as_many_at_once(settings: Settings, simulator: Simulator) -> None:
    app = create_app(dataclasses.replace(settings, cache=CacheSettings(coalesce=False)))
    stocks = [{"symbol": f"SYM{number}"} for number in range(60)]
    answer = Client(app).data(BATCH, instruments=[{"symbol": "AAPL"}, *stocks])
    get_gateway(app).close()

    assert (answer["count"], len(answer["missing"])) == (1, 60)
    assert simulator.calls("quote_real_time") == 2


def test_more_than_two_hundred_are_refused(module_client: Client) -> None:
    instruments = [{"symbol": f"SYM{number}"} for number in range(201)]
    body = module_client.refusal(BATCH, 400, "invalid_request", instruments=instruments)

    assert "200" in body["details"]["instruments"][0]


def test_who_asks_again_at_once_is_answered_from_what_is_known(
    client: Client, simulator: Simulator, named: dict[str, Any]
) -> None:
    client.data(BATCH, instruments=list(named.values()))
    calls = simulator.calls()
    client.data(BATCH, instruments=[named["OPT"], named["FUT"]])

    assert simulator.calls() == calls


def test_one_name_in_two_types_is_asked_for_in_two_requests(session: Session) -> None:
    with pytest.raises(InvalidRequest, match="two requests"):
        fetch_quotes(session, [Instrument("13001"), Instrument("13001", "WAR")])


def test_what_is_told_of_others_is_left_out(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="future_real_time_quote", fields=("contractCode",)))

    client.refusal(QUOTE, 404, "symbol_not_found", symbol="ESmain")


@pytest.mark.parametrize(
    ("fields", "method", "told"),
    [
        ({"symbol": "68723", "sec_type": "IOPT"}, "warrant_real_time_quote", "HK"),
        ({"symbol": "TCH.HK", "expiry": "20271230", "strike": 500, "put_call": "CALL"}, "option_brief", "HK"),
    ],
)
def test_a_permission_that_is_missing_names_the_market(
    client: Client, simulator: Simulator, fields: dict[str, Any], method: str, told: str
) -> None:
    simulator.inject(Fault("code", method=method, code=4, message="4000:permission denied"))

    assert told in client.refusal(QUOTE, 403, "tiger_permission_denied", **fields)["error"]
