"""A poller gets each trade once, in order, and learns where Tiger begins to count anew."""

import json
from itertools import pairwise
from typing import Any

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.market.tick_rows import get_option_ticks, get_stock_ticks
from tests.support.client import Client

PATH = "/api/market/ticks"
KINDS = ["STK", "OPT", "FUT"]


@pytest.fixture(scope="module")
def named(module_client: Client) -> dict[str, dict[str, Any]]:
    """Give an instrument of each type that has ticks; the option is traded a lot."""
    expiry = module_client.data("/api/market/option-chain", symbol="AAPL")["expirations"][1]
    chain = module_client.data("/api/market/option-chain", symbol="AAPL", expiry=expiry)["chain"]
    leg = max(chain["calls"], key=lambda leg: leg["volume"])
    return {"STK": {"symbol": "AAPL"}, "OPT": {"identifier": leg["identifier"]}, "FUT": {"symbol": "ESmain"}}


def poll(client: Client, instrument: dict[str, Any], pages: int, **first: Any) -> list[dict[str, Any]]:
    """Ask page by page with what each answer says that follows."""
    ticks, fields = [], first
    for _ in range(pages):
        answer = client.data(PATH, **instrument, limit=7, **fields)
        assert not answer["restarted"]
        ticks += answer["ticks"]
        fields = answer["next"]
    return ticks


def test_a_recorded_answer_about_stocks_is_numbered() -> None:
    data = [
        {
            "symbol": "AAPL",
            "beginIndex": 482299,
            "endIndex": 482499,
            "items": [
                {"time": 1754942403109, "volume": 406, "price": 227.18, "type": "-"},
                None,
                {"time": 1754942403109, "volume": 884, "price": 227.18, "type": "*"},
            ],
        }
    ]
    first, unreadable, last = get_stock_ticks(data)["AAPL"]

    assert first == {"index": 482299, "time": 1754942403109, "price": 227.18, "size": 406, "direction": "-"}
    assert unreadable == {"index": 482300, "time": None, "price": None, "size": None, "direction": None}
    assert last["index"] == 482301


def test_a_recorded_answer_about_options_is_matched_by_what_describes_them() -> None:
    moments = [1755005515034, 1755005504417, 1755005515034]
    items = [{"time": at_ms, "volume": number, "price": 30.0} for number, at_ms in enumerate(moments)]
    data = [{"symbol": "AAPL", "expiry": 1755230400000, "strike": "200.0", "right": "call", "items": items}]
    ticks = get_option_ticks(data)["AAPL  250815C00200000"]

    assert [tick["index"] for tick in ticks] == [1755005504417000, 1755005515034000, 1755005515034001]
    assert [tick["size"] for tick in ticks] == [1, 0, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_the_newest_are_given_oldest_first(module_client: Client, named: dict[str, Any], kind: str) -> None:
    answer = module_client.data(PATH, **named[kind], limit=5)
    ticks = answer["ticks"]

    assert (answer["count"], answer["sec_type"], answer["restarted"]) == (5, kind, False)
    assert all(one["index"] < other["index"] and one["time"] <= other["time"] for one, other in pairwise(ticks))
    assert answer["next"] == {"after": ticks[-1]["index"], "after_time": ticks[-1]["time"]}
    assert all(tick["price"] > 0 and tick["size"] >= 0 for tick in ticks)
    assert json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize("kind", KINDS)
def test_who_continues_gets_each_one_once(module_client: Client, named: dict[str, Any], kind: str) -> None:
    whole = module_client.data(PATH, **named[kind], limit=300, after=-1)
    pages = poll(module_client, named[kind], 20, after=-1)

    assert pages == whole["ticks"][: len(pages)]
    assert len(pages) == min(140, whole["count"])
    assert whole["has_more"] == (whole["count"] == 300)


@pytest.mark.parametrize("kind", KINDS)
def test_those_after_one_follow_on_it(module_client: Client, named: dict[str, Any], kind: str) -> None:
    newest = module_client.data(PATH, **named[kind], limit=20)["ticks"]
    known, *following = newest
    answer = module_client.data(
        PATH, **named[kind], after=known["index"], after_time=known["time"], limit=len(following)
    )

    assert answer["ticks"] == following
    assert answer["restarted"] is False


@pytest.mark.parametrize("kind", ["STK", "FUT"])
@pytest.mark.parametrize("known", [{"after": 20, "after_time": 1_600_000_000_000}, {"after": 10**9}])
def test_a_new_session_is_told_and_begins_with_its_first_one(
    module_client: Client, named: dict[str, Any], kind: str, known: dict[str, int]
) -> None:
    answer = module_client.data(PATH, **named[kind], **known, limit=3)

    assert answer["restarted"] is True
    assert [tick["index"] for tick in answer["ticks"]] == [0, 1, 2]


def test_an_index_beyond_the_last_one_that_tiger_refuses_is_a_new_session(client: Client, simulator: Simulator) -> None:
    message = "biz param error(begin_index out of range)"
    simulator.inject(Fault("code", method="trade_tick", code=1010, message=message, times=1))

    assert client.data(PATH, symbol="AAPL", after=5, limit=3)["restarted"] is True


def test_ticks_that_do_not_follow_are_no_answer(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="trade_tick", fields=("beginIndex",)))

    client.refusal(PATH, 502, "tiger_error", symbol="AAPL", after=5)
    assert client.data(PATH, symbol="AAPL", limit=2)["next"] is None


def test_other_sessions_have_streams_of_their_own(module_client: Client) -> None:
    answer = module_client.data(PATH, symbol="AAPL", session="pre", after=-1, limit=9)

    assert answer["session"] == "pre"
    assert [tick["index"] for tick in answer["ticks"]] == list(range(answer["count"]))


def test_options_of_hong_kong_are_found_by_their_stock_and_as_tiger_lists_them(module_client: Client) -> None:
    expiry = module_client.data("/api/market/option-chain", symbol="00700")["expirations"][1]
    leg = module_client.data("/api/market/option-chain", symbol="00700", expiry=expiry)["chain"]["calls"][5]
    described = module_client.data(PATH, symbol="00700", expiry=expiry, strike=leg["strike"], put_call="CALL")
    listed = module_client.data(PATH, identifier=leg["identifier"])

    assert (described["symbol"], described["market"], described["expiry"]) == ("00700", "HK", expiry)
    assert (listed["symbol"], listed["ticks"][:1]) == ("TCH.HK", described["ticks"][:1])


@pytest.mark.parametrize("symbol", [{"symbol": "NOSUCH"}, {"symbol": "XX2612"}, {"identifier": "AAPL261219C00000370"}])
def test_what_has_no_ticks_is_not_found(module_client: Client, symbol: dict[str, str]) -> None:
    module_client.refusal(PATH, 404, "symbol_not_found", **symbol)


@pytest.mark.parametrize("sec_type", ["WAR", "IOPT", "FUND", "CC"])
def test_a_type_without_ticks_is_refused_before_the_wire(client: Client, simulator: Simulator, sec_type: str) -> None:
    body = client.refusal(PATH, 400, "invalid_request", symbol="12345", sec_type=sec_type)

    assert "STK, OPT, FUT" in body["details"]["sec_type"][0]
    assert simulator.calls() == 0
