"""Instances that share a database although their settings differ: each says what is wrong, and none harms the other."""

import dataclasses
from collections.abc import Callable

import pytest
from sqlalchemy import update

from app.access.permissions import Permission
from app.settings import Settings, TokenRefreshSettings
from app.simulator.running import Simulator
from app.storage.token_tables import tokens
from app.tokens import health
from app.tokens.encryption import Encryption
from tests.support.server import wait_until
from tests.tokens.conftest import QUIET, Site, adopted, give_new_tokens, put_token
from tests.tokens.sites import BRISK, FILE_NAME, SECOND_ID

RENEWAL = "user_token_refresh"
FIRST_ID = "20154747"


@pytest.fixture
def stranger(site: Site, open_site: Callable[..., Site], settings: Settings) -> Site:
    """Give a second gateway on the database of the first, with another secret; neither leads yet."""
    site.gateway.leadership.stop()
    return open_site(BRISK, gateway=dataclasses.replace(settings.gateway, secret_key="t" * 40))


def get_version(site: Site) -> int:
    record = site.gateway.tokens._parts.store.fetch(FIRST_ID)
    assert record is not None
    return record.version


def test_another_secret_is_named_and_takes_nothing_over(site: Site, stranger: Site) -> None:
    before = get_version(site)
    for _ in range(3):
        stranger.gateway.tokens.look_after()
        site.gateway.tokens.look_after()
    ready = stranger.client.get("/health/ready")

    assert get_version(site) == before
    assert ready.status_code == 503
    assert "gateway.secret_key" in str(ready.get_json()["reasons"])
    assert site.client.get("/health/ready").get_json()["status"] == "ready"


def test_a_leader_with_another_secret_refreshes_no_token_that_it_cannot_read(
    stranger: Site, tiger: Simulator, site: Site
) -> None:
    wait_until(lambda: stranger.gateway.leadership.is_leader, 10)
    # A second is the interval of its settings.
    stranger.gateway.leadership._candidate._stopping.wait(2.5)  # type: ignore[union-attr]

    assert tiger.calls(RENEWAL) == 0
    assert site.client.post("/api/market/quote", symbol="AAPL").status_code == 200


def test_a_newer_file_on_the_machine_of_another_secret_is_left_to_those_who_can_read_the_token(
    site: Site, stranger: Site, tiger: Simulator
) -> None:
    token = put_token(tiger, FIRST_ID)
    for _ in range(3):
        stranger.gateway.tokens.look_after()
        stranger.gateway.tokens._parts.tasks.join(5)
    site.gateway.tokens.look_after()
    site.gateway.tokens._parts.tasks.join(5)
    record = site.gateway.tokens._parts.store.fetch(FIRST_ID)

    assert record is not None
    assert record.token is not None
    assert record.token.text == token


def test_a_refresh_by_hand_takes_over_after_a_change_of_the_secret(site: Site, stranger: Site) -> None:
    stranger.client.data("/api/token/refresh")

    assert stranger.client.get("/api/token/status").get_json()["data"]["credentials"][0]["status"] == "healthy"
    assert get_version(site) > 0


def test_after_a_change_of_the_secret_keys_and_tokens_of_the_one_before_serve_on(
    site: Site, open_site: Callable[..., Site], settings: Settings
) -> None:
    key = site.gateway.keys.create("from before", ["*"], [Permission.READ])
    before = settings.gateway.secret_key
    renewed = dataclasses.replace(settings.gateway, secret_key="n" * 40, older_secret_keys=(before,))
    other = open_site(gateway=renewed)
    other.gateway.leadership.stop()

    assert other.client.with_key(key).post("/api/market/quote", symbol="AAPL").status_code == 200
    assert other.client.get("/health/ready").get_json()["status"] == "ready"
    other.client.data("/api/token/refresh")
    # It was encrypted with the new one, which this one does not know.
    assert site.client.get("/health/ready").status_code == 503


def test_a_refresh_that_nobody_does_is_told(
    open_site: Callable[..., Site], tiger: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "OVERDUE_SECONDS", 0.5)
    give_new_tokens(tiger)
    site = open_site(dataclasses.replace(QUIET, initial_delay_seconds=0.2))
    # As where the instance that leads does not have the credential.
    site.gateway.leadership.stop()
    site.gateway.tokens.look_after()
    wait_until(lambda: "its refresh is 0 min late" in str(site.client.get("/health/ready").get_json()), 10)

    assert site.client.get("/health/ready").get_json()["status"] == "degraded"


def test_a_token_that_cannot_be_read_keeps_no_other_from_being_refreshed(
    open_site: Callable[..., Site], tiger: Simulator
) -> None:
    give_new_tokens(tiger)
    site = adopted(open_site())
    foreign = Encryption(b"the secret of another gateway").encrypt("token", SECOND_ID)
    with site.gateway.storage.writing() as connection:
        connection.exec_driver_sql("UPDATE tiger_rest_tokens SET due_at = 1")
        connection.execute(update(tokens).where(tokens.c.tiger_id == SECOND_ID).values(token=foreign))
    site.gateway.close()
    (tiger.get_credential_folder(SECOND_ID) / FILE_NAME).unlink()
    tiger.reset_counts()
    open_site(dataclasses.replace(QUIET, initial_delay_seconds=0.2))

    wait_until(lambda: tiger.calls(RENEWAL) == 1, 15)
    give_new_tokens(tiger)


def test_workers_that_each_live_shortly_do_not_put_a_missed_refresh_off(
    open_site: Callable[..., Site], tiger: Simulator
) -> None:
    give_new_tokens(tiger)
    settings = TokenRefreshSettings(initial_delay_seconds=4, call_seconds=2)
    site = adopted(open_site(dataclasses.replace(settings, initial_delay_seconds=3_600)))
    with site.gateway.storage.writing() as connection:
        connection.exec_driver_sql("UPDATE tiger_rest_tokens SET due_at = 1")
    site.gateway.close()

    def is_refreshed() -> bool:
        worker = open_site(settings)
        try:
            wait_until(lambda: tiger.calls(RENEWAL) >= 2, 2.0)
        except AssertionError:
            return False
        finally:
            worker.gateway.close()
        return True

    assert [is_refreshed() for _ in range(4)].count(True) >= 1
