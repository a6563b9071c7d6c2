"""Four workers under gunicorn tell together what each of them counted."""

import concurrent.futures
import os
import shutil
import signal
import subprocess
import urllib.request

import pytest

from tests.metrics.exposed import Exposed
from tests.support.client import FIRST
from tests.support.server import find_workers, running_server, wait_until

QUOTE = {"account": FIRST, "symbol": "AAPL"}
REQUESTS = "tiger_rest_http_requests_total"
WORKERS = 4


def fetch_text(server):
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as answer:  # noqa: S310 - our own address.
        return answer.read().decode()


def read(server):
    return Exposed(fetch_text(server))


def send(server, count):
    """Send quotes, and as many requests with a wrong key, and return how many were answered so."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        good = [pool.submit(server.call, "/api/market/quote", QUOTE) for _ in range(count)]
        bad = [pool.submit(server.call, "/api/market/quote", QUOTE, "wrong") for _ in range(count)]
    return [each.result()[0] for each in good + bad]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    with running_server(folder, "--workers", str(WORKERS), TIGER_REST_SIMULATOR__LIMIT_SCALE="0") as server:
        wait_until(lambda: read(server).value("tiger_rest_workers") == WORKERS, 30)
        yield server


def test_the_numbers_agree_with_what_was_sent(server):
    before = read(server)
    answers = send(server, 40)

    after = read(server)
    for status in (200, 401):
        labels = {"method": "POST", "route": "/api/market/quote", "status": str(status)}
        assert answers.count(status) == 40
        assert after.value(REQUESTS, **labels) - before.value(REQUESTS, **labels) == 40
    seconds_count = "tiger_rest_http_request_duration_seconds_count"
    assert after.value(seconds_count, route="/api/market/quote") == after.value(REQUESTS, route="/api/market/quote")


def test_every_scrape_tells_all_workers(server):
    send(server, 10)

    assert len({read(server).value(REQUESTS, route="/api/market/quote") for _ in range(20)}) == 1


def test_one_of_the_workers_leads(server):
    wait_until(lambda: read(server).value("tiger_rest_leader") == 1, 15)

    assert read(server).value("tiger_rest_database_up") == 1
    assert read(server).value("tiger_rest_resident_memory_bytes") > 10_000_000


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_say(server):
    send(server, 5)
    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=fetch_text(server),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_worker_that_is_killed_takes_no_count_with_it(server):
    send(server, 10)
    before = read(server).value(REQUESTS, route="/api/market/quote")
    workers = find_workers(server)
    os.kill(min(workers), signal.SIGKILL)
    wait_until(lambda: len(find_workers(server) - workers) == 1, 15)
    wait_until(lambda: read(server).value("tiger_rest_workers") == WORKERS, 30)

    assert read(server).value(REQUESTS, route="/api/market/quote") == before
