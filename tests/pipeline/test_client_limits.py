"""Each API key has its own limit, where one is set; where none is, nothing is loaded for it."""

import contextlib
import dataclasses
import os
import secrets
import socket
import subprocess
import sys

import pytest

from app import create_app
from app.config.credentials import ConfigurationError
from app.gateway import get_gateway
from app.settings import LimitSettings
from tests.orders.trader import get_order, get_price
from tests.support.client import DEMO_KEY, Client, assert_refusal

STORES = ["memory://", *([url] if (url := os.environ.get("TIGER_REST_TEST_REDIS_URL")) else [])]


@pytest.fixture
def limited(settings):
    """Return a function that opens a gateway with these limits."""
    opened = []

    def start(**limits):
        opened.append(create_app(dataclasses.replace(settings, limits=LimitSettings(**limits))))
        return Client(opened[-1])

    yield start
    for app in opened:
        get_gateway(app).close()


@pytest.mark.parametrize("store", STORES)
def test_a_key_that_used_up_its_limit_is_told_when_to_come_back(limited, store):
    client = limited(per_key=f"2/{secrets.randbelow(40) + 20} second", storage_url=store)
    first, second, third = (client.get("/api/accounts") for _ in range(3))

    assert [first.headers["X-RateLimit-Remaining"], second.headers["X-RateLimit-Remaining"]] == ["1", "0"]
    assert_refusal(third, 429, "rate_limited")
    assert 1 <= int(third.headers["Retry-After"]) <= 60
    assert third.headers["X-RateLimit-Limit"] == "2"


def test_one_key_does_not_use_up_the_limit_of_another(limited):
    client = limited(per_key="1/minute")
    client.get("/api/accounts")

    assert client.get("/api/accounts").status_code == 429
    assert client.with_key(DEMO_KEY).get("/api/accounts").status_code == 200


def test_a_key_may_have_a_limit_of_its_own(limited):
    client = limited(keys=("Demo Only Client=1/minute",))
    demo = client.with_key(DEMO_KEY)

    assert [demo.get("/api/accounts").status_code for _ in range(2)] == [200, 429]
    assert [client.get("/api/accounts").status_code for _ in range(3)] == [200] * 3


def test_without_limits_there_are_no_headers_and_health_is_never_limited(client, limited):
    assert "X-RateLimit-Limit" not in client.get("/api/accounts").headers
    assert [limited(per_key="1/minute").get("/health").status_code for _ in range(2)] == [200, 200]


def test_a_store_that_does_not_answer_lets_nobody_through(limited):
    client = limited(per_key="5/minute", storage_url="redis://127.0.0.1:1/0")

    assert_refusal(client.get("/api/accounts"), 503, "storage_unavailable")


def test_a_store_that_hangs_is_waited_for_once_a_second(limited):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = limited(per_key="5/minute", storage_url=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        for _ in range(20):
            assert_refusal(client.get("/api/accounts"), 503, "storage_unavailable")
        silent.settimeout(0.1)
        connected = 0
        with contextlib.suppress(TimeoutError):
            while connected < 20:
                silent.accept()[0].close()
                connected += 1

    assert 1 <= connected < 20


def test_over_its_limit_a_key_may_still_repeat_an_order_and_cancel_it(limited):
    client = limited(per_key="1/minute")
    order = get_order(limit_price=get_price())
    placed, again, other, read = (
        client.send("/api/trade/place-order", body, **{"Idempotency-Key": key})
        for body, key in ((order, "mine"), (order, "mine"), (order, "another"), (order, "third"))
    )
    cancelled = client.post("/api/trade/cancel-order", order_id=placed.get_json()["data"]["order_id"])

    assert [answer.status_code for answer in (placed, again, other, read)] == [200, 200, 429, 429]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert cancelled.status_code == 200


def test_the_key_of_an_order_opens_no_other_endpoint(limited):
    client = limited(per_key="1/minute")
    order = get_order(limit_price=get_price())
    client.send("/api/trade/place-order", order, **{"Idempotency-Key": "mine"})
    read = client.send("/api/trade/positions", {"account": order["account"]}, **{"Idempotency-Key": "mine"})

    assert_refusal(read, 429, "rate_limited")


def test_a_repeat_by_client_order_id_passes_the_limit_too(limited):
    client = limited(per_key="1/minute")
    body = get_order(limit_price=get_price(), client_order_id="mine")

    assert [client.send("/api/trade/place-order", body).status_code for _ in range(2)] == [200, 200]


def test_a_cancellation_passes_where_requests_cannot_be_counted(limited, client):
    placed = client.send("/api/trade/place-order", get_order(limit_price=get_price())).get_json()["data"]
    uncounted = limited(per_key="5/minute", storage_url="redis://127.0.0.1:1/0")

    assert uncounted.post("/api/trade/cancel-order", order_id=placed["order_id"]).status_code == 200


def test_a_limit_that_cannot_be_read_stops_the_start(limited):
    with pytest.raises(ConfigurationError, match=r"limits\.per_key"):
        limited(per_key="many")


def test_nothing_of_the_limiter_is_loaded_unless_it_is_on():
    code = "import sys, app.gateway; sys.exit(any(name in sys.modules for name in ('limits', 'redis')))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("store", "is_ready"), [("redis://127.0.0.1:1/0", False), ("memory://", True)])
def test_a_gateway_that_cannot_count_the_requests_of_its_keys_is_not_ready(limited, store, is_ready):
    told = limited(per_key="5/minute", storage_url=store).get("/health/ready")

    assert told.get_json()["ready"] is is_ready
    assert ("client limits" in str(told.get_json()["reasons"])) is not is_ready
