"""What Tiger gives in the place of a token is checked and tried out; neither token is given up on a first doubt."""

import base64
import concurrent.futures
import time
from collections.abc import Callable

import pytest

from app.errors import TigerError
from app.settings import BudgetSettings
from app.simulator import tokens as users
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tokens import decision
from app.tokens.attempts import Cause, Outcome
from app.tokens.refresh import check
from app.tokens.token_file import read_token_file
from app.tokens.user_token import UserToken, read_token
from tests.support.client import FIRST, assert_refusal
from tests.support.server import wait_until
from tests.tokens.conftest import Site

RENEWAL, PROOF = "user_token_refresh", "accounts"
FIRST_ID = "20154747"
NOW_MS = round(time.time() * 1_000)


def make_token(issued: int, expires: int) -> UserToken:
    """Return a token of these moments, in seconds from now."""
    return read_token(base64.b64encode(f"{NOW_MS + issued * 1_000},{NOW_MS + expires * 1_000}".encode()).decode())


OLD = make_token(-1, 20_000)


def test_a_new_token_that_is_refused_for_a_moment_stays(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("expired_token", PROOF, times=2))

    assert site.client.data("/api/token/refresh")["refreshed"]
    assert tiger.calls(PROOF) == 3


def test_a_new_token_that_is_refused_like_the_old_one_stays(site: Site, tiger: Simulator) -> None:
    folder = tiger.get_credential_folder(FIRST_ID)
    before = read_token_file(folder)
    tiger.inject(Fault("expired_token", PROOF))
    assert_refusal(site.client.post("/api/token/refresh"), 502, "tiger_token_rejected")
    tiger.clear_faults()

    # What is stored in its place, by whomever, has to count here.
    assert site.gateway.tokens._parts.board.get_held(FIRST_ID) is None
    # The old one has ended: only the new one can fetch the next.
    assert site.client.data("/api/token/refresh")["refreshed"]
    after = read_token_file(folder)
    assert after is not None
    assert after.is_newer_than(before)


def test_a_new_token_that_is_refused_unlike_the_old_one_is_given_up_for_that_one(site: Site, tiger: Simulator) -> None:
    old = site.gateway.tokens._parts.store.fetch(FIRST_ID)
    assert old is not None
    assert old.token is not None
    known = users.UserToken(old.token.text, FIRST_ID, NOW_MS, 2**50, 2**50)
    tiger.inject(Fault("expired_token", PROOF, times=2))

    def swap() -> None:
        """End the new token and let the old one count again."""
        wait_until(lambda: tiger.calls(PROOF) > 0, 15)
        tiger._call(lambda: tiger._assembly.tokens.end_all(FIRST_ID))
        tiger._call(lambda: tiger._assembly.tokens._keep(known))

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        refresh = pool.submit(site.client.post, "/api/token/refresh", account=FIRST)
        swap()
        assert_refusal(refresh.result(), 502, "tiger_error")
    ready = site.client.get("/health/ready").get_json()

    assert site.client.data("/api/market/quote", symbol="AAPL")["symbol"] == "AAPL"
    assert (ready["status"], ready["reasons"]) == ("degraded", [])
    assert "serves" in str(ready["warnings"])


def test_an_unproven_token_that_tiger_refuses_gives_way_to_the_one_before(site: Site, tiger: Simulator) -> None:
    site.gateway.leadership.stop()
    before, unproven = store_unproven(site, make_token(3_600, 7_200))
    # A refresh fails meanwhile: for the token that is given up.
    site.client.refusal("/api/token/refresh", 502, "tiger_token_rejected")
    look_closely(site)
    status = site.client.get("/health/ready").get_json()["status"]
    assert fetch_token(site) == before
    # A refusal of the token that was given up says nothing of this one.
    tiger.inject(Fault("http_500", RENEWAL))
    site.client.refusal("/api/token/refresh", 502, "tiger_error")
    after = site.client.get("/health/ready").get_json()["status"]

    assert after == "degraded"
    record = site.gateway.tokens._parts.store.fetch(FIRST_ID)
    assert record is not None
    assert record.previous == unproven
    assert status == "ready"
    site.client.data("/api/market/quote", symbol="AAPL")


def test_an_unproven_token_is_not_given_up_because_a_try_got_no_answer(
    site: Site, tiger: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision, "PROBED_SECONDS", 0.0)
    site.gateway.leadership.stop()
    before = fetch_token(site)
    assert before is not None
    _, unproven = store_unproven(site, read_token(tiger.issue_token(FIRST_ID)))
    tiger.inject(Fault("expired_token"))
    site.client.refusal("/api/market/quote", 502, "tiger_token_rejected", symbol="AAPL")
    look_closely(site)
    tiger.clear_faults()
    # The one before would do as well, if anybody asked.
    tiger._call(lambda: tiger._assembly.tokens._keep(users.UserToken(before.text, FIRST_ID, NOW_MS, 2**50, 2**50)))
    tiger.inject(Fault("cut_before", PROOF, times=1))
    look_closely(site)

    assert fetch_token(site) == unproven


def store_unproven(site: Site, token: UserToken) -> tuple[UserToken | None, UserToken]:
    """Store a new token as a process leaves it that dies before it has tried it out; return the one before, and it."""
    store = site.gateway.tokens._parts.store
    record = store.fetch(FIRST_ID)
    assert record is not None
    number = store.claim(record, Cause.SCHEDULE, "", "gone:1:x")
    assert number is not None
    store.save(FIRST_ID, number, token)
    store.finish(FIRST_ID, number, Outcome.REFRESHED, wait_seconds=3_600, failures=0)
    site.gateway.tokens._parts.board.read()
    return record.token, token


def look_closely(site: Site) -> None:
    """Have the stored token tried out."""
    site.gateway.tokens.look_after()
    site.gateway.tokens._parts.tasks.join(10)


def fetch_token(site: Site) -> UserToken | None:
    record = site.gateway.tokens._parts.store.fetch(FIRST_ID)
    return record.token if record else None


def test_a_refresh_that_could_not_be_counted_was_not_sent_and_has_failed(
    open_site: Callable[..., Site], site: Site, tiger: Simulator
) -> None:
    counting = open_site(budget=BudgetSettings())
    with counting.gateway.storage.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE tiger_rest_call_leases RENAME TO tiger_rest_call_leases_gone")
    response = counting.client.post("/api/token/refresh")
    attempt = site.client.get("/api/token/status").get_json()["data"]["credentials"][0]["last_attempt"]

    assert_refusal(response, 503, "tiger_unavailable")
    assert (attempt["outcome"], tiger.calls(RENEWAL)) == ("failed", 0)


@pytest.mark.parametrize(("issued", "expires"), [(0, 20_000), (-1, 40_000), (0, 10_000)])
def test_a_later_token_is_taken_however_long_it_lasts(issued: int, expires: int) -> None:
    new = make_token(issued, expires)

    assert check(new.text, OLD) == new


@pytest.mark.parametrize(
    "new",
    [make_token(-2, 20_000), make_token(-3_600, -1), read_token("vague"), OLD],
    ids=["earlier", "over", "vague", "the same"],
)
def test_a_token_that_cannot_be_a_new_one_is_refused(new: UserToken) -> None:
    with pytest.raises(TigerError):
        check(new.text, OLD)
