"""Quotes reach the streams of all workers of a machine, whoever comes, goes, dies or is elected; all over HTTP."""

import http.client
import json
import time
from typing import Any

from app.simulator.faults import Fault
from tests.quote_feed.conftest import FIRST, FIRST_ID, NOW_MS
from tests.support.server import wait_until

QUOTE_CALLS = "quote_real_time"


def is_priced(price):
    return lambda data: data["latest_price"] == price


def is_pushed(data):
    return data["source"] == "push"


def test_a_stream_begins_with_a_snapshot_and_says_where_quotes_come_from(listen):
    stream = listen("AAPL", "MSFT")
    first, source = stream.read(), stream.wait_for("source", is_pushed)

    assert stream.lines[0].startswith("retry: ")
    assert first.name == "snapshot"
    assert [(each["symbol"], each["latest_price"] > 0) for each in first.data["quotes"]] == [
        ("AAPL", True),
        ("MSFT", True),
    ]
    assert source.data == {"source": "push", "reason": None}


def test_an_id_that_none_of_ours_can_be_misses_everything(listen):
    listen("AAPL").wait_for("quote", is_pushed)
    era = listen("AAPL").read().id.partition("-")[0]
    stream = listen("AAPL", last_event_id=f"{era}-{'9' * 5_000}")

    assert stream.read().name == "gap"


def test_a_quote_has_the_members_of_the_quote_that_requests_get(listen, server):
    sent = listen("AAPL").wait_for("quote", is_pushed).data
    answered = server.call("/api/market/quote", {"account": FIRST, "symbol": "AAPL"})[1]["data"]

    own = {"source", "received_ms"}
    assert own < sent.keys()
    assert {name: value for name, value in sent.items() if name not in own} == {
        name: value for name, value in answered.items() if name in sent
    }


def test_a_quote_is_polled_until_tiger_confirms_its_symbol_and_then_read_again(listen, simulator):
    listen("MSFT").wait_for("quote", is_pushed)
    simulator.inject(
        Fault("push_delayed", method="SUBSCRIBE", times=1, seconds=1.0), Fault("push_dropped", method="Quote")
    )
    stream = listen("AAPL")
    before = stream.wait_for("quote").data
    simulator.set_price("AAPL", 207.25)
    after = stream.wait_for("quote", is_pushed).data
    simulator.set_price("AAPL", None)

    assert before["source"] == "poll"
    assert after["latest_price"] == 207.25


def test_what_is_pushed_reaches_the_clients_of_all_workers(listen, tiger):
    streams = [listen("AAPL") for _ in range(12)]
    tiger.wait_subscribed("AAPL")
    tiger.push("AAPL", 201.5)

    assert [stream.wait_for("quote", is_priced(201.5)).data["source"] for stream in streams] == ["push"] * 12


def test_one_of_fifty_who_leaves_stops_nobody_elses_symbol(listen, tiger):
    streams = [listen("AAPL", "MSFT") for _ in range(50)]
    tiger.wait_subscribed("AAPL", "MSFT")
    leaving, *staying = streams
    leaving.close()
    tiger.push("AAPL", 202.5)
    first = [stream.wait_for("quote", is_priced(202.5)).data["symbol"] for stream in staying]
    for stream in staying[1:]:
        stream.close()
    tiger.push("MSFT", 302.5)

    assert first == ["AAPL"] * 49
    assert staying[0].wait_for("quote", is_priced(302.5)).data["symbol"] == "MSFT"
    assert tiger.list_subscribed() == {"AAPL", "MSFT"}


def test_what_nobody_follows_any_more_is_subscribed_for_no_longer(listen, tiger):
    both, one = listen("AAPL", "MSFT"), listen("MSFT")
    tiger.wait_subscribed("AAPL", "MSFT")
    both.close()
    tiger.wait_subscribed("MSFT")
    one.close()

    tiger.wait_subscribed()


def test_symbols_beyond_the_limit_are_refused_by_name_and_the_rest_flows(listen, server, simulator, tiger):
    symbols = list_options(server, 200)
    simulator.set_entitlements(FIRST_ID, subscribeLimit=100)
    stream = listen(*(symbol.replace(" ", "") for symbol in symbols))
    refused: dict[str, Any] = {}
    while len(refused) < 100:
        event = stream.wait_for("refused")
        refused[event.data["identifier"]] = event.data
    pushed = min(set(symbols) - refused.keys())
    # What is pushed is asked for at first, and then once a minute: more calls are for those that are refused.
    wait_until(lambda: simulator.calls("option_brief") > 3 * len(symbols) / 30, 30)
    tiger.push("F", 55.5, identifier=pushed)

    assert refused.keys() < set(symbols)
    assert len(tiger.list_subscribed()) == 100
    assert all("100" in each["reason"] and each["source"] == "poll" for each in refused.values())
    assert stream.wait_for("quote", is_priced(55.5)).data["identifier"] == pushed


def list_options(server, count):
    """Return identifiers of options of an underlying."""
    asked = {"account": FIRST, "symbol": "F"}
    identifiers: list[str] = []
    for expiry in server.call("/api/market/option-chain", asked)[1]["data"]["expirations"]:
        chain = server.call("/api/market/option-chain", asked | {"expiry": expiry})[1]["data"]["chain"]
        identifiers += [option["identifier"] for option in (*chain["calls"], *chain["puts"])]
        if len(identifiers) >= count:
            break
    return identifiers[:count]


def test_who_comes_back_is_told_what_has_changed_and_nothing_else(listen, tiger):
    stream = listen("AAPL", "MSFT")
    tiger.wait_subscribed("AAPL", "MSFT")
    tiger.push("AAPL", 204.5)
    seen = stream.wait_for("quote", is_priced(204.5)).id
    tiger.push("MSFT", 304.5)
    stream.wait_for("quote", is_priced(304.5))
    again, named = listen("AAPL", "MSFT", last_event_id=seen), listen("AAPL", "MSFT", query=f"&after={seen}")
    foreign = listen("AAPL", "MSFT", last_event_id="0badcafe-1")

    gap = again.read()
    assert (gap.name, gap.data["symbols"], gap.data["after"]) == ("gap", ["MSFT"], seen)
    assert again.read().data["quotes"][1]["latest_price"] == 304.5
    assert named.read() == gap
    assert foreign.read().data["symbols"] == ["AAPL", "MSFT"]


def test_after_a_lost_connection_a_gap_names_the_symbols_that_are_read_again(listen, simulator, tiger):
    stream = listen("AAPL", "MSFT")
    tiger.wait_subscribed("AAPL", "MSFT")
    stream.wait_for("source", is_pushed)
    simulator.inject(Fault("push_closed", times=1))
    tiger.push("AAPL", 205.5)

    assert stream.wait_for("gap").data["symbols"] == ["AAPL", "MSFT"]


def test_a_price_outside_of_the_regular_session_stands_beside_the_regular_one(listen, tiger):
    stream = listen("AAPL")
    tiger.wait_subscribed("AAPL")
    tiger.push("AAPL", 206.5)
    regular = stream.wait_for("quote", is_priced(206.5)).data
    tiger.push("AAPL", 207.0, hourTradingTag="Post-Mkt", preClose=206.5, volume=12)
    after = stream.wait_for("quote", lambda data: "extended_hours" in data).data

    assert after["extended_hours"]["post"] == {
        "price": 207,
        "change": 0.5,
        "volume": 12,
        "time": regular["timestamp"] + 1,
    }
    assert {**after, "received_ms": 0} == {**regular, "received_ms": 0, "extended_hours": after["extended_hours"]}


def test_an_order_book_comes_with_depth(listen, tiger):
    stream = listen("AAPL", query="&depth=1")
    book = stream.wait_for("depth", is_pushed).data

    assert book["symbol"] == "AAPL"
    assert book["asks"][0]["price"] > book["bids"][0]["price"]
    assert tiger.list_subscribed("subscribedAskBidSymbols") == {"AAPL"}


def test_a_book_that_was_asked_for_takes_no_place_of_one_that_was_pushed_meanwhile(listen, simulator, tiger):
    asked = Fault("delay_after", method="quote_depth", times=1, seconds=1.0)
    simulator.inject(asked, Fault("push_dropped", method="QuoteDepth"))
    simulator.reset_counts()
    stream = listen("AAPL", query="&depth=1")
    wait_until(lambda: tiger.list_subscribed("subscribedAskBidSymbols") and simulator.calls("quote_depth"), 20)
    simulator.clear_faults()
    side = {"price": [209.5], "volume": [7], "orderCount": [1]}
    simulator.publish("QuoteDepth", {"symbol": "AAPL", "timestamp": NOW_MS + 1_000, "ask": side, "bid": side})
    stream.wait_for("depth", lambda data: data["asks"][0]["price"] == 209.5)
    # It is asked for once the book is answered.
    listen("NVDA").wait_for("quote")
    book = listen("AAPL", query="&depth=1").read().data["depth"][0]

    assert book["asks"] == [{"price": 209.5, "size": 7, "orders": 1}]


def test_a_quote_that_is_pushed_answers_requests_without_a_call(listen, server, simulator, tiger):
    stream = listen("AAPL")
    tiger.wait_subscribed("AAPL")
    wait_until(lambda: simulator.calls(QUOTE_CALLS), 20)
    tiger.push("AAPL", 208.5)
    received_ms = stream.wait_for("quote", is_priced(208.5)).data["received_ms"]
    simulator.reset_counts()
    answers = [request_quote(server) for _ in range(8)]
    fresh = request_quote(server, **{"Cache-Control": "no-cache"})

    assert [body["data"]["latest_price"] for _, body in answers] == [208.5] * 8
    assert all(0 <= time.time() - received_ms / 1_000 - int(headers["Age"]) < 3 for headers, _ in answers)
    assert simulator.calls(QUOTE_CALLS) == 1
    assert fresh[1]["data"]["latest_price"] != 208.5


def request_quote(server, **headers):
    """Return headers and body of the answer about a stock."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=20)
    sent = {"Authorization": "Bearer client_key_001", "Content-Type": "application/json", **headers}
    connection.request("POST", "/api/market/quote", json.dumps({"account": FIRST, "symbol": "AAPL"}), sent)
    answer = connection.getresponse()
    body = json.load(answer)
    connection.close()
    return answer.headers, body
