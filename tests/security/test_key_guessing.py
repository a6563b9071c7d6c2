"""Guessing keys becomes slow; a valid key never does."""

from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice

import pytest
from flask import Flask

from app.access import authentication, key_guessing
from app.access.authentication import MOST_DELAYED, KeyAuthentication
from app.access.key_guessing import RefusedKeys
from app.gateway import get_gateway
from tests.support.client import Client, assert_refusal


@pytest.fixture
def guesses(app: Flask, monkeypatch):
    """Give a client whose address has used up its refusals; a delayed answer comes at once, but is counted."""
    monkeypatch.setattr(authentication, "DELAY_SECONDS", 0.0)
    client = Client(app, key="trk_guess")
    for _ in range(key_guessing.LIMIT):
        assert_refusal(client.get("/api/accounts"), 401, "unauthorized")
    return client


def test_from_the_hundred_and_first_refused_key_on_guesses_are_rate_limited(guesses):
    response = guesses.get("/api/accounts")

    assert_refusal(response, 429, "rate_limited")
    assert 1 <= int(response.headers["Retry-After"]) <= 60


def test_a_valid_key_from_the_same_address_is_served_at_once(guesses, client):
    assert client.get("/api/accounts").status_code == 200


def test_another_address_is_told_as_before(guesses, app):
    elsewhere = app.test_client().get(
        "/api/accounts", headers={"Authorization": "Bearer trk_guess"}, environ_base={"REMOTE_ADDR": "192.0.2.7"}
    )

    assert_refusal(elsewhere, 401, "unauthorized")


def test_a_request_without_a_key_is_not_counted_as_a_guess(app):
    client = Client(app, key=None)

    statuses = {client.get("/api/accounts").status_code for _ in range(key_guessing.LIMIT + 5)}

    assert statuses == {401}


def test_only_a_few_guesses_are_made_to_wait_at_a_time(monkeypatch, app, guesses):
    monkeypatch.setattr(authentication, "DELAY_SECONDS", 30.0)
    authenticate = get_gateway(app).authenticate
    assert isinstance(authenticate, KeyAuthentication)
    with ThreadPoolExecutor(2 * MOST_DELAYED) as pool:
        asked = [pool.submit(guesses.get, "/api/accounts") for _ in range(2 * MOST_DELAYED)]
        at_once = list(islice(as_completed(asked, timeout=20), MOST_DELAYED))
        waiting = [guess for guess in asked if not guess.done()]
        authenticate._never.set()

    assert len(waiting) == MOST_DELAYED
    assert {guess.result().status_code for guess in [*at_once, *waiting]} == {429}


def test_workers_count_together(tmp_path):
    one, other = RefusedKeys(tmp_path, b"secret"), RefusedKeys(tmp_path, b"secret")

    verdicts = [counter.count("192.0.2.1") for _ in range(key_guessing.LIMIT // 2) for counter in (one, other)]

    assert set(verdicts) == {None}
    assert one.count("192.0.2.1") is not None


def test_a_network_of_addresses_counts_as_one_subscriber(tmp_path):
    counter = RefusedKeys(tmp_path, b"secret")

    verdicts = [counter.count(f"2001:db8:1:2::{number:x}") for number in range(key_guessing.LIMIT + 1)]

    assert verdicts[-2] is None
    assert verdicts[-1] is not None


def test_the_count_forgets_after_a_minute(tmp_path, monkeypatch):
    counter = RefusedKeys(tmp_path, b"secret")
    monkeypatch.setattr("time.time", lambda: 600.0)
    verdicts = [counter.count("192.0.2.1") for _ in range(key_guessing.LIMIT + 1)]
    monkeypatch.setattr("time.time", lambda: 720.0)

    assert verdicts[-1] is not None
    assert counter.count("192.0.2.1") is None


def test_half_a_minute_later_half_of_the_refusals_still_count(tmp_path, monkeypatch):
    counter = RefusedKeys(tmp_path, b"secret")
    monkeypatch.setattr("time.time", lambda: 600.0)
    for _ in range(key_guessing.LIMIT):
        counter.count("192.0.2.1")
    monkeypatch.setattr("time.time", lambda: 690.0)

    verdicts = [counter.count("192.0.2.1") for _ in range(key_guessing.LIMIT // 2 + 1)]

    assert verdicts[-2] is None
    assert verdicts[-1] is not None


def test_the_memory_of_refusals_does_not_grow_with_the_number_of_addresses(tmp_path):
    counter = RefusedKeys(tmp_path, b"secret")

    for number in range(2_000):
        counter.count(f"10.0.{number // 250}.{number % 250}")

    assert (tmp_path / key_guessing.FILE_NAME).stat().st_size <= key_guessing.SLOTS * key_guessing.SLOT.size


def test_an_unknown_key_and_a_revoked_one_take_the_same_way(app, client):
    refused = [Client(app, key=key).get("/api/accounts").get_json()["error"] for key in ("trk_unknown", "x", "é")]

    assert len(set(refused)) == 1


def test_a_refused_key_stays_refused_where_it_cannot_be_counted(tmp_path, caplog):
    (tmp_path / key_guessing.FILE_NAME).mkdir()
    refused = RefusedKeys(tmp_path, b"secret")

    assert [refused.count("192.0.2.7") for _ in range(2)] == [None, None]
    assert len(caplog.records) == 1
