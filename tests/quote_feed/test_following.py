"""Quotes reach the streams of all workers of a machine, whoever comes, goes, dies or is elected."""

import pytest

from tests.quote_feed.workers import TIGER_ID, Elected, Worker, get_key, read
from tests.support.server import wait_until


@pytest.fixture
def elected(tmp_path):
    elected = Elected(tmp_path)
    yield elected
    elected.close()


@pytest.fixture
def workers(tmp_path, elected):
    workers = [Worker(tmp_path), Worker(tmp_path)]
    yield workers
    for worker in workers:
        worker.feed.close()


def wait_for(stream, name):
    """Return what came up to the first event of a name, which is the last of it."""
    events = []
    wait_until(lambda: events.extend(read(stream)) or name in [each for each, _ in events], 20)
    return events


def follow(elected, worker, *symbols):
    """Open a stream of symbols that are pushed, and leave out how it began."""
    stream = worker.open(*symbols)
    wait_until(lambda: set(symbols) <= elected.wanted(), 20)
    elected.connect()
    wait_for(stream, "source")
    return stream


def test_a_stream_begins_with_a_snapshot(elected, workers):
    stream = workers[0].open("AAPL")

    name, data = read(stream)[0]
    assert name == "snapshot"
    assert [(each["symbol"], each["latest_price"], each["source"]) for each in data["quotes"]] == [
        ("AAPL", 1.5, "poll")
    ]


def test_what_is_pushed_reaches_the_streams_of_all_workers(elected, workers):
    streams = [follow(elected, worker, "AAPL") for worker in workers]
    elected.push("AAPL", "2.5")
    told = [wait_for(stream, "quote")[-1][1] for stream in streams]

    assert [(each["symbol"], each["latest_price"], each["source"]) for each in told] == [("AAPL", 2.5, "push")] * 2


def test_one_of_fifty_who_leaves_stops_nobody_elses_symbol(elected, workers):
    streams = [follow(elected, workers[number % 2], "AAPL", "MSFT") for number in range(50)]
    streams[0].close()
    elected.push("AAPL", "2.5")
    told = [wait_for(stream, "quote")[-1][1]["symbol"] for stream in streams[1:]]

    assert told == ["AAPL"] * 49
    assert elected.wanted() == {"AAPL", "MSFT"}


def test_what_nobody_follows_any_more_is_not_wanted(elected, workers):
    streams = [follow(elected, worker, "AAPL") for worker in workers]
    for stream in streams:
        stream.close()

    wait_until(lambda: elected.wanted() == set(), 20)


def test_the_wishes_of_a_worker_end_with_it(elected, workers):
    follow(elected, workers[0], "AAPL")
    follow(elected, workers[1], "MSFT")
    workers[0].feed.close()

    wait_until(lambda: elected.wanted() == {"MSFT"}, 20)


def test_a_symbol_that_is_not_pushed_is_named_and_asked_for_and_the_rest_flows(elected, workers):
    stream = follow(elected, workers[0], "AAPL", "MSFT")
    elected.refuse("MSFT")
    refused = wait_for(stream, "refused")[-1][1]
    elected.push("AAPL", "2.5")
    pushed = wait_for(stream, "quote")[-1][1]
    elected.publisher.ask_due()
    asked = wait_for(stream, "quote")

    assert (refused["symbol"], refused["code"], refused["source"]) == ("MSFT", 3002, "poll")
    assert (pushed["symbol"], pushed["source"]) == ("AAPL", "push")
    assert ("MSFT", "poll") in {(data["symbol"], data["source"]) for name, data in asked if name == "quote"}


def test_a_stream_says_when_push_is_down_and_goes_on_by_asking(elected, workers):
    stream = follow(elected, workers[0], "AAPL")
    elected.connect("refused")
    said = wait_for(stream, "source")[-1][1]
    elected.publisher._followed[get_key("AAPL")].asked_at = float("-inf")
    elected.publisher.ask_due()

    assert (said["source"], said["reason"]) == ("poll", "Tiger's push is refused.")
    assert wait_for(stream, "quote")[-1][1]["source"] == "poll"


def test_the_next_elected_worker_takes_over(tmp_path, elected, workers):
    stream = follow(elected, workers[0], "AAPL")
    elected.close()
    successor = Elected(tmp_path)
    try:
        wait_until(lambda: successor.wanted() == {"AAPL"}, 20)
        successor.connect()
        wait_until(lambda: workers[0].feed._standings[TIGER_ID].source == "push", 20)
        successor.push("AAPL", "3.5")

        assert wait_for(stream, "quote")[-1][1]["latest_price"] == 3.5
    finally:
        successor.close()


def test_who_comes_back_is_told_what_may_have_changed(elected, workers):
    follow(elected, workers[0], "AAPL", "MSFT")
    elected.push("MSFT", "2.5")
    wait_until(lambda: workers[0].feed.knows(get_key("MSFT")), 20)
    number = workers[0].feed._known[get_key("MSFT")].number
    elected.push("AAPL", "2.5")
    wait_until(lambda: workers[0].feed.knows(get_key("AAPL")), 20)
    again = workers[0].open("AAPL", "MSFT", after=f"{workers[0].feed.era}-{number}")
    other = workers[0].open("AAPL", after="0badcafe-1")

    assert [(name, data["symbols"]) for name, data in read(again) if name == "gap"] == [("gap", ["AAPL"])]
    assert [name for name, _ in read(other)][:2] == ["gap", "snapshot"]


def test_a_quote_that_is_pushed_answers_requests_too(elected, workers):
    follow(elected, workers[0], "AAPL")
    feed = workers[0].feed
    before = feed.find_pushed(TIGER_ID, "AAPL")
    elected.publisher.ask_due()
    elected.push("AAPL", "2.5")
    wait_until(lambda: feed.find_pushed(TIGER_ID, "AAPL") is not None, 20)
    while_pushed = feed.find_pushed(TIGER_ID, "AAPL")
    elected.connect("down")
    wait_until(lambda: feed.find_pushed(TIGER_ID, "AAPL") is None, 20)

    assert before is None
    assert (while_pushed.quote["latest_price"], while_pushed.quote["close"]) == (2.5, 1.0)


def test_without_a_publisher_a_process_asks_by_itself(tmp_path):
    worker = Worker(tmp_path)
    try:
        stream = worker.open("AAPL")

        assert wait_for(stream, "quote")[-1][1]["source"] == "poll"
    finally:
        worker.feed.close()


def test_the_socket_is_private(tmp_path, elected):
    assert (tmp_path / "quotes.sock").stat().st_mode & 0o777 == 0o600
