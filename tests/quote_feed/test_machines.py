"""Two machines are two instance folders over one database: through Redis one subscription serves both."""

import os
import signal

import pytest

from tests.quote_feed.conftest import FIRST, VARIABLES, find_leader
from tests.support.server import running_server, wait_until
from tests.support.sse import EventStream

REDIS = os.environ.get("TIGER_REST_TEST_REDIS_URL")
PATH = f"/api/stream/quotes?account={FIRST}&symbols=AAPL"


@pytest.fixture
def run_machine(simulator, tmp_path):
    """Give what runs a machine; all of a test share a database that is a file."""

    def run(name, **variables):
        folder = tmp_path / name
        folder.mkdir()
        shared = {
            **VARIABLES,
            "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder),
            "TIGER_REST_GATEWAY__DATABASE_URL": f"sqlite:///{tmp_path}/gateway.db",
            "TIGER_REST_GATEWAY__SECRET_KEY": "s" * 40,
        }
        return running_server(folder, "--workers", "1", **shared, **variables)

    return run


def is_priced(price):
    return lambda data: data["latest_price"] == price


@pytest.mark.skipif(not REDIS, reason="no Redis is offered")
def test_what_is_pushed_to_one_machine_reaches_the_streams_of_the_other(run_machine, tiger, simulator):
    redis = {"TIGER_REST_STREAMS__REDIS_URL": str(REDIS)}
    with run_machine("one", **redis) as one, run_machine("two", **redis) as two:
        with EventStream(one.url, PATH) as here, EventStream(two.url, PATH) as there:
            sources = [stream.wait_for("source", lambda data: data["source"] == "push") for stream in (here, there)]
            tiger.wait_subscribed("AAPL")
            tiger.push("AAPL", 601.5)
            told = [stream.wait_for("quote", is_priced(601.5)).data["source"] for stream in (here, there)]
            os.kill(one.process.pid, signal.SIGSTOP)  # Nor does its master start another worker.
            os.kill(find_leader(one), signal.SIGKILL)
            wait_until(lambda: "This worker leads now" in two.log.read_text(), 30)
            wait_until(lambda: len(simulator.push_connections()) == 1, 30)
            tiger.wait_subscribed("AAPL")
            os.kill(one.process.pid, signal.SIGCONT)
            tiger.push("AAPL", 602.5)

            assert len(sources) == 2
            assert told == ["push", "push"]
            assert there.wait_for("quote", is_priced(602.5)).data["source"] == "push"
        tiger.wait_subscribed()


def test_without_redis_the_other_machine_asks_by_itself(run_machine, tiger, simulator):
    with run_machine("one") as one, run_machine("two") as two:
        with EventStream(one.url, PATH) as here, EventStream(two.url, PATH) as there:
            here.wait_for("source", lambda data: data["source"] == "push")
            alone = there.wait_for("quote").data
            simulator.set_price("AAPL", 303.75)
            told = there.wait_for("quote", is_priced(303.75)).data
            simulator.set_price("AAPL", None)

            assert (alone["source"], told["source"]) == ("poll", "poll")
        tiger.wait_subscribed()


@pytest.mark.skipif(not REDIS, reason="no Redis is offered")
def test_where_redis_does_not_answer_a_gateway_serves_all_the_same(run_machine, tiger):
    with run_machine("one", TIGER_REST_STREAMS__REDIS_URL="redis://127.0.0.1:1/0") as one:
        with EventStream(one.url, PATH) as stream:
            stream.wait_for("source", lambda data: data["source"] == "push")
            tiger.wait_subscribed("AAPL")
            tiger.push("AAPL", 603.5)

            assert stream.wait_for("quote", is_priced(603.5)).data["source"] == "push"
        tiger.wait_subscribed()
