"""Quotes, bars, names, chains and market hours come out as the contract documents them."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from app.errors import GatewayError, InvalidSymbol, SymbolNotFound, TigerUnavailable
from app.settings import Credential, Settings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.market.bars import fetch_bars
from app.tiger.market.market_status import fetch_market_status
from app.tiger.market.options import fetch_option_chain, get_legs
from app.tiger.market.quotes import fetch_quote, fetch_quotes
from app.tiger.market.search import fetch_search
from app.tiger.sessions import Session, Sessions
from app.tiger.symbols import get_zone
from app.tiger.vocabulary import BAR_PERIODS, FURTHER_QUOTE_FIELDS, QUOTE_FIELDS
from tests.support.client import PAPER, SECOND
from tests.tiger.conftest import QUICK

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def past_ms() -> int:
    """Return a moment whose bars are finished: those of today still move."""
    return int(datetime.now(UTC).timestamp() * 1000) - 3 * DAY_MS


def test_a_quote_has_every_documented_field(session: Session) -> None:
    quote = fetch_quote(session, " aapl ")

    assert quote["symbol"] == "AAPL"
    assert all(isinstance(quote[name], (int, float)) for name in QUOTE_FIELDS)
    assert all(isinstance(quote[name], int) for name in ("volume", "timestamp", "bid_size", "ask_size"))
    assert quote["low"] <= quote["latest_price"] <= quote["high"]
    assert json.dumps(quote, allow_nan=False)


def test_a_symbol_that_tiger_does_not_know_is_not_found(session: Session) -> None:
    with pytest.raises(SymbolNotFound):
        fetch_quote(session, "NOSUCH")


def test_a_hong_kong_code_may_be_written_short(session: Session) -> None:
    assert fetch_quote(session, "700")["symbol"] == "00700"


def test_a_batch_lists_what_is_missing(session: Session) -> None:
    batch = fetch_quotes(session, ["aapl", "NOSUCH", "TSLA", "AAPL"])

    assert batch["symbols"] == ["AAPL", "NOSUCH", "TSLA"]
    assert (batch["count"], batch["missing"]) == (2, ["NOSUCH"])
    assert tuple(batch["quotes"]["AAPL"]) == (*QUOTE_FIELDS, "delayed")


def test_a_batch_adds_the_fields_it_is_asked_for(session: Session) -> None:
    batch = fetch_quotes(session, ["AAPL"], FURTHER_QUOTE_FIELDS)

    assert tuple(batch["quotes"]["AAPL"]) == (*QUOTE_FIELDS, *FURTHER_QUOTE_FIELDS, "delayed")


def test_a_batch_that_tiger_refuses_for_one_symbol_is_halved(session: Session, simulator: Simulator) -> None:
    simulator.inject(Fault("code", method="quote_real_time", code=1000, message="invalid symbols", times=1))
    batch = fetch_quotes(session, ["AAPL", "TSLA", "MSFT"])

    assert batch["count"] == 3
    assert simulator.calls("quote_real_time") == 3


@pytest.mark.parametrize("symbols", [["NOSUCH"], ["NOSUCH", "NOTHER"]])
def test_symbols_that_tiger_does_not_know_are_missing_however_it_says_so(
    session: Session, simulator: Simulator, symbols: list[str]
) -> None:
    refusal = "standard account response error(bad_request:合约不正确)"
    simulator.inject(Fault("code", method="quote_real_time", code=1200, message=refusal))

    assert fetch_quotes(session, symbols)["missing"] == symbols
    with pytest.raises(SymbolNotFound):
        fetch_quote(session, symbols[0])


def test_the_halving_of_a_refused_batch_ends(session: Session, simulator: Simulator) -> None:
    simulator.inject(Fault("code", method="quote_real_time", code=1000, message="invalid symbols"))

    with pytest.raises(InvalidSymbol):
        fetch_quotes(session, [f"SYM{number}" for number in range(50)])

    assert simulator.calls("quote_real_time") <= 16


@pytest.mark.parametrize("period", BAR_PERIODS)
def test_bars_of_every_period_come_oldest_first(session: Session, period: str) -> None:
    answer = fetch_bars(session, "AAPL", period, None, None, 3)
    times = [bar["time"] for bar in answer["bars"]]

    assert answer["count"] == 3
    assert times == sorted(set(times))
    assert all(bar["low"] <= min(bar["open"], bar["close"]) for bar in answer["bars"])
    assert all(list(bar) == ["time", "open", "high", "low", "close", "volume"] for bar in answer["bars"])


def test_of_a_range_with_too_many_bars_the_newest_are_given(session: Session) -> None:
    end = past_ms()
    every = fetch_bars(session, "AAPL", "day", end - 60 * DAY_MS, end, 1200)["bars"]
    newest = fetch_bars(session, "AAPL", "day", end - 60 * DAY_MS, end, 5)["bars"]

    assert len(every) > 30
    assert newest == every[-5:]


def test_both_ends_of_a_range_are_in_it(session: Session) -> None:
    some = fetch_bars(session, "AAPL", "day", None, None, 10)["bars"][2:6]
    found = fetch_bars(session, "AAPL", "day", some[0]["time"], some[-1]["time"], 100)["bars"]

    assert found == some


def test_the_most_bars_that_tiger_gives_at_once_can_be_had(session: Session) -> None:
    assert fetch_bars(session, "AAPL", "1min", None, None, 1200)["count"] == 1200


def test_more_bars_than_tiger_gives_at_once_are_paged(session: Session, simulator: Simulator) -> None:
    end = past_ms()
    bars = fetch_bars(session, "AAPL", "5min", None, end, 1500)["bars"]
    calls = simulator.calls("kline")

    assert (len(bars), calls) == (1500, 2)
    assert bars[-100:] == fetch_bars(session, "AAPL", "5min", None, end, 100)["bars"]
    assert len({bar["time"] for bar in bars}) == 1500


def test_bars_of_an_unknown_symbol_are_an_empty_list(session: Session) -> None:
    assert fetch_bars(session, "NOSUCH", "day", None, None, 10)["bars"] == []


def test_bars_of_a_range_without_trading_are_an_empty_list(session: Session) -> None:
    assert fetch_bars(session, "AAPL", "day", 1000, 2000, 10)["bars"] == []


def test_a_search_finds_a_company_by_its_name(session: Session) -> None:
    answer = fetch_search(session, "apple", "US")

    assert answer["results"][0].items() >= {"symbol": "AAPL", "name": "Apple Inc.", "market": "US"}.items()


def test_the_names_of_a_market_are_fetched_once_for_all(sessions: Sessions, simulator: Simulator) -> None:
    accounts = [SECOND, PAPER] * 12
    with ThreadPoolExecutor(24) as pool:
        found = list(pool.map(lambda account: fetch_search(sessions.session(account), "tsla", "US"), accounts))

    assert all(answer["results"][0]["symbol"] == "TSLA" for answer in found)
    assert simulator.calls("all_symbol_names") == 1


def test_who_waits_for_names_that_do_not_come_takes_no_thread_from_orders(
    simulator: Simulator, credentials: tuple[Credential, ...]
) -> None:
    simulator.inject(Fault("hang", method="all_symbol_names", seconds=5))
    sessions = Sessions(Settings(instance=simulator.folder, tiger=QUICK), credentials, threads=8)

    def search(_number: int) -> str:
        with pytest.raises(GatewayError) as caught:
            fetch_search(sessions.session(SECOND), "tsla", "US")
        return caught.value.code

    with ThreadPoolExecutor(8) as pool:
        told = sorted(pool.map(search, range(8)))

    assert told == ["tiger_timeout"] * 6 + ["too_busy"] * 2


def test_a_failed_list_of_names_is_not_asked_for_again_at_once(session: Session, simulator: Simulator) -> None:
    simulator.inject(Fault("cut_before", method="all_symbol_names"))
    for _ in range(3):
        with pytest.raises(TigerUnavailable):
            fetch_search(session, "apple", "US")

    assert simulator.calls("all_symbol_names") == 1


def test_a_chain_without_expiry_lists_the_expirations(session: Session) -> None:
    answer = fetch_option_chain(session, "AAPL")

    assert set(answer) == {"symbol", "expirations"}
    assert answer["expirations"] == sorted(answer["expirations"])
    assert all(len(day) == 8 and day.isdigit() for day in answer["expirations"])


@pytest.mark.parametrize("symbol", ["AAPL", "00700", "TCH.HK"])
def test_a_chain_has_flat_legs_ordered_by_strike(session: Session, symbol: str) -> None:
    day = fetch_option_chain(session, symbol)["expirations"][1]
    answer = fetch_option_chain(
        session, symbol, datetime.strptime(day, "%Y%m%d").replace(tzinfo=get_zone(symbol)).date()
    )
    chain = answer["chain"]
    strikes = [leg["strike"] for leg in chain["calls"]]

    assert (answer["symbol"], chain["expiry"]) == (symbol, day)
    assert chain["total"] == len(chain["calls"]) + len(chain["puts"]) > 10
    assert strikes == sorted(strikes)
    assert all(isinstance(strike, float) for strike in strikes)
    assert json.dumps(chain, allow_nan=False)


def test_the_options_of_a_hong_kong_stock_have_a_code_of_their_own(session: Session, simulator: Simulator) -> None:
    answers = [fetch_option_chain(session, symbol) for symbol in ("00700", "700", "TCH.HK")]

    assert answers[0]["expirations"] == answers[1]["expirations"] == answers[2]["expirations"]
    assert simulator.calls("all_hk_option_symbols") == 1


def test_legs_are_ordered_by_the_number_that_a_strike_spells() -> None:
    pairs = [{"call": {"strike": strike}} for strike in ("100.0", "90.0", "9.5", None)] + [{"put": {"strike": "1"}}]

    assert [leg["strike"] for leg in get_legs(pairs, "call")] == [9.5, 90.0, 100.0, None]


def test_what_a_leg_lacks_is_null() -> None:
    leg = get_legs([{"put": {"strike": "90.0", "delta": math.nan, "bidPrice": None, "impliedVol": "x"}}], "put")[0]

    assert [name for name, value in leg.items() if value is not None] == ["strike"]


def test_an_expiry_that_does_not_exist_has_an_empty_chain(session: Session) -> None:
    chain = fetch_option_chain(session, "AAPL", datetime(2030, 1, 2, tzinfo=UTC).date())["chain"]

    assert chain == {"expiry": "20300102", "total": 0, "calls": [], "puts": []}


def test_the_status_of_a_market_has_its_opening_with_zone(session: Session) -> None:
    state = fetch_market_status(session, "US")
    opening = datetime.fromisoformat(state["open_time"])

    assert state["market"] == "US"
    assert isinstance(state["status"], str)
    assert abs((opening - datetime.now(UTC)).days) < 10


def test_all_markets_can_be_asked_for_at_once(session: Session) -> None:
    markets = fetch_market_status(session, "ALL")["markets"]

    assert {state["market"] for state in markets} >= {"US", "HK", "CN"}


def test_fields_that_tiger_leaves_out_are_null(session: Session, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="quote_real_time", fields=("bidPrice", "volume", "latestTime")))
    quote = fetch_quote(session, "AAPL")

    assert [quote["bid_price"], quote["volume"], quote["timestamp"]] == [None, None, None]
