"""What a proxy says of a request counts where the setting says so, and nowhere else."""

import dataclasses

import pytest

from app import create_app
from app.access import authentication, key_guessing
from app.gateway import get_gateway


@pytest.fixture
def guess(settings, monkeypatch):
    """Give a way to send one refused key through so many trusted proxies."""
    monkeypatch.setattr(authentication, "DELAY_SECONDS", 0.0)
    opened = []

    def build(trusted_proxies: int):
        app = create_app(
            dataclasses.replace(
                settings, gateway=dataclasses.replace(settings.gateway, trusted_proxies=trusted_proxies)
            )
        )
        opened.append(app)

        def send(forwarded_for: str) -> int:
            headers = {"Authorization": "Bearer trk_guess", "X-Forwarded-For": forwarded_for}
            return app.test_client().get("/api/accounts", headers=headers).status_code

        return send

    yield build
    for app in opened:
        get_gateway(app).close()


def test_behind_a_trusted_proxy_each_client_is_counted_by_its_own_address(guess):
    send = guess(1)

    statuses = [send(f"192.0.2.{number % 250}") for number in range(key_guessing.LIMIT + 1)]

    assert set(statuses) == {401}


def test_a_client_cannot_choose_its_address_by_a_header_of_its_own(guess):
    send = guess(1)

    statuses = [send(f"10.0.0.{number % 250}, 192.0.2.1") for number in range(key_guessing.LIMIT + 1)]

    assert statuses[-1] == 429


def test_without_the_setting_the_header_counts_for_nothing(guess):
    send = guess(0)

    statuses = [send(f"192.0.2.{number % 250}") for number in range(key_guessing.LIMIT + 1)]

    assert statuses[-1] == 429
