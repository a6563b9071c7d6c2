"""Every worker uses the new token before its next call, and clients notice nothing."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from app.settings import TigerSettings, TokenRefreshSettings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.wire.token_source import FILE_NAME
from app.tokens import distribution, refresh
from app.tokens.user_token import read_token
from tests.support.client import FIRST, assert_refusal
from tests.support.server import wait_until
from tests.tokens.conftest import Site, put_token

RENEWAL = "user_token_refresh"
FIRST_ID = "20154747"
REFUSED = 2400


def quote(site: Site) -> int:
    # Not what another worker fetched a moment ago.
    body = {"account": site.client.account, "symbol": "AAPL"}
    return site.client.send("/api/market/quote", body, **{"Cache-Control": "no-cache"}).status_code


def test_another_worker_uses_the_new_token_for_its_next_call(
    site: Site, open_site: Callable[..., Site], tiger: Simulator
) -> None:
    other = open_site()
    quote(other)
    site.client.data("/api/token/refresh")
    tiger.reset_counts()

    assert (quote(other), tiger.calls("quote_real_time")) == (200, 1)


def test_a_refresh_is_announced_for_longer_than_anyone_trusts_what_it_read() -> None:
    assert distribution.ANNOUNCED_SECONDS > distribution.TRUSTED_SECONDS


@pytest.mark.parametrize(("announced", "calls"), [(0.7, 1), (0.0, 2)])
def test_the_announcement_is_what_keeps_old_tokens_off_the_wire(
    site: Site,
    open_site: Callable[..., Site],
    tiger: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    announced: float,
    calls: int,
) -> None:
    monkeypatch.setattr(distribution, "TRUSTED_SECONDS", 0.6)
    monkeypatch.setattr(refresh, "ANNOUNCED_SECONDS", announced)
    other = open_site()
    other.gateway.leadership.stop()
    quote(other)
    other.gateway.tokens._parts.board.read()
    site.client.data("/api/token/refresh")
    tiger.reset_counts()

    assert (quote(other), tiger.calls("quote_real_time")) == (200, calls)


def test_clients_see_no_error_while_tokens_are_replaced(site: Site, open_site: Callable[..., Site]) -> None:
    other = open_site()
    ended = threading.Event()
    statuses: set[int] = set()

    def read() -> None:
        while not ended.is_set():
            statuses.add(quote(other))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(5):
            site.client.data("/api/token/refresh")
    finally:
        ended.set()
        for reader in readers:
            reader.join(10)

    assert statuses == {200}


def test_a_call_whose_token_was_replaced_under_it_is_repeated_once(site: Site, tiger: Simulator) -> None:
    quote(site)
    tiger.reset_counts()
    put_token(tiger, FIRST_ID)

    assert (quote(site), tiger.calls("quote_real_time")) == (200, 2)


def test_a_call_refused_while_the_database_is_silent_waits_for_the_new_token(
    site: Site, open_site: Callable[..., Site], tiger: Simulator
) -> None:
    other = open_site()
    for each in (site, other):
        # Nobody looks after the files.
        each.gateway.leadership.stop()
    quote(other)
    file = tiger.get_credential_folder(FIRST_ID) / FILE_NAME
    kept = file.read_bytes()
    site.client.data("/api/token/refresh")
    # As on a machine that shares the database and no disk.
    file.write_bytes(kept)
    tiger.reset_counts()
    statuses: list[int] = []
    # As while another thread's read of the database hangs: longer than anyone waits for it before using what is known.
    with other.gateway.tokens._parts.board._reading:
        reader = threading.Thread(target=lambda: statuses.append(quote(other)))
        reader.start()
        wait_until(lambda: tiger.calls("quote_real_time") == 1, 15)
        reader.join(0.5)
        assert statuses == []
    reader.join(5)

    assert (statuses, tiger.calls("quote_real_time")) == ([200], 2)


def test_a_call_refused_while_tiger_is_slow_to_hand_over_the_new_token_waits_for_it(
    site: Site, open_site: Callable[..., Site], tiger: Simulator
) -> None:
    patient = open_site(TokenRefreshSettings(join_seconds=0, initial_delay_seconds=3_600), tiger=TigerSettings())
    # It would give a refresh up sooner, by its own settings.
    site.gateway.leadership.stop()
    quote(patient)
    tiger.inject(Fault("delay_after", RENEWAL, seconds=5.5))
    refresh = threading.Thread(target=patient.client.post, args=("/api/token/refresh",))
    refresh.start()
    wait_until(lambda: tiger.calls(RENEWAL) == 1, 15)
    # The old token has ended, and the new one is on its way.
    status = quote(patient)
    refresh.join(15)

    assert status == 200


def test_a_caller_without_time_does_not_speak_for_the_database(site: Site) -> None:
    board = site.gateway.tokens._parts.board
    with board._reading:
        is_known = board.read_surely(0.0)

    assert (is_known, board._troubled_until) == (False, float("-inf"))


def test_a_call_that_is_refused_without_a_newer_token_is_not_repeated(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("expired_token", "quote_real_time"))
    response = site.client.post("/api/market/quote", symbol="AAPL")

    assert_refusal(response, 502, "tiger_token_rejected")
    assert tiger.calls("quote_real_time") == 1


def test_an_order_refused_for_its_token_is_placed_once_with_the_new_one(site: Site, tiger: Simulator) -> None:
    quote(site)
    before = len(tiger.orders(FIRST))
    put_token(tiger, FIRST_ID)
    site.client.data("/api/trade/place-order", symbol="AAPL", action="BUY", order_type="MKT", quantity=1)

    assert len(tiger.orders(FIRST)) == before + 1


def test_a_token_put_into_the_folder_is_taken_over(site: Site, tiger: Simulator) -> None:
    def first() -> dict[str, Any]:
        row: dict[str, Any] = site.gateway.tokens.describe()["credentials"][0]
        return row

    before = first()["obtained_at"]
    put_token(tiger, FIRST_ID)
    wait_until(lambda: first()["obtained_at"] > before, 10)

    assert first()["last_attempt"]["outcome"] == "found"


def test_calls_go_on_while_the_database_is_gone(site: Site) -> None:
    quote(site)
    session = site.gateway.tiger.session(FIRST)
    site.gateway.leadership.stop()
    with site.gateway.storage.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE tiger_rest_tokens RENAME TO tiger_rest_tokens_gone")
    threading.Event().wait(0.2)

    assert session.read("market_state", None, session.read_deadline()) is not None


def test_a_token_that_could_not_be_stored_is_used_until_there_is_a_later_one(site: Site, tiger: Simulator) -> None:
    site.gateway.leadership.stop()
    board, store = site.gateway.tokens._parts.board, site.gateway.tokens._parts.store
    new, later = (read_token(tiger.issue_token(FIRST_ID)) for _ in range(2))
    board.hold(FIRST_ID, distribution.Arrived(new, 1))
    board.read()
    held = board.choose(board.get(FIRST_ID), FIRST_ID, None)
    store.save(FIRST_ID, 1, later)
    board.read()

    assert (held, board.choose(board.get(FIRST_ID), FIRST_ID, None)) == (new, later)
