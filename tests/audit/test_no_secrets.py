"""No secret is in the trail: neither what the gateway has, nor what a client sends where it does not belong."""

import base64
import dataclasses
import logging
import random

import pytest

from app import create_app
from app.access.permissions import Permission
from app.gateway import get_gateway
from app.settings import GatewaySettings
from tests.orders.trader import get_order, get_price
from tests.support.client import DEMO_KEY, FIRST, FULL_KEY, SECOND, Client

SECRET = "what this gateway signs and encrypts with, by itself"  # noqa: S105 - of the tests alone.
OLDER = ("the one that it was before, which somebody has seen", "and the one before that, found on an old disk of ours")
PAGE = 190
"""So many characters fit where a client may write a sentence."""


@pytest.fixture
def app(settings):
    gateway = GatewaySettings(
        database_url=settings.gateway.database_url, secret_key=SECRET, older_secret_keys=OLDER, threads=8
    )
    application = create_app(dataclasses.replace(settings, gateway=gateway))
    yield application
    get_gateway(application).close()


@pytest.fixture(autouse=True)
def _unlogged(monkeypatch):
    """Keep what is planted out of the log of the whole run, which holds lines before they are redacted."""
    for name in ("app.risk.halting", "app.risk.rules", "app.web.request_log", "app.access.commands"):
        monkeypatch.setattr(logging.getLogger(name), "disabled", True)


@pytest.fixture
def planted(app):
    """Give fifty secrets: those of this gateway, and of every kind that people paste by mistake."""
    gateway, chance = get_gateway(app), random.Random(50)  # noqa: S311 - it has to be the same each time.
    own = [SECRET, *OLDER, FULL_KEY, DEMO_KEY]
    own += [each.private_key for each in gateway.credentials]
    own += [each.private_key[120:280] for each in gateway.credentials]
    own += [gateway.keys.create(f"key-{number}", [FIRST], [Permission.READ]) for number in range(8)]
    own += [gateway.confirmations.give("key", FIRST, "digest").token for _ in range(8)]
    own += [gateway.tokens.get_source(each).current() or "" for each in gateway.credentials]

    def get_bytes(count):
        return base64.b64encode(chance.randbytes(count)).decode()

    foreign = [get_bytes(128) for _ in range(5)]
    foreign += [base64.urlsafe_b64encode(chance.randbytes(33)).decode() for _ in range(5)]
    foreign += [chance.randbytes(20 + number).hex() for number in range(5)]
    foreign += [f"eyJhbGciOiJSUzI1NiJ9.{get_bytes(60)}.{get_bytes(96)}".replace("=", "") for _ in range(3)]
    named = ["correct-horse", "Tr0ub4dor&3", "hunter2hunter2", "s3cr3t!value", "letmein-please"]
    return own, foreign, named[: 50 - len(own) - len(foreign)]


def write_in(app, client, text):
    """Send a text wherever a client may send one that comes into the trail."""
    for start in range(0, len(text), PAGE):
        part = text[start : start + PAGE]
        client.post("/api/trade/halt", mode="reduce_only", reason=part)
        client.post("/api/trade/resume", reason=f"because of {part}, they say")
        client.send(
            "/api/trade/place-order", get_order(limit_price=get_price()), **{"Idempotency-Key": part.split()[0]}
        )
        client.send("/api/trade/place-order", get_order(confirm_token=part[:90]))
        client.send("/api/trade/place-order", get_order(symbol=part))
        client.send("/api/trade/place-order", {**get_order(), part: part})
        client.send("/api/trade/cancel-order", {"account": FIRST, "order_id": part}, **{"X-Request-ID": part[:40]})
        client.send("/api/trade/cancel-order", {"account": SECOND, "order_id": "1", "legs": {part: part}})
        client.for_account(part[:32]).post("/api/trade/cancel-order", order_id="1")
    get_gateway(app).keys.create(text[:100], [FIRST], [Permission.READ])


def export(app):
    result = app.test_cli_runner().invoke(args=["audit", "export"])
    assert result.exit_code == 0
    return result.stdout


def test_none_of_fifty_secrets_is_in_an_export(app, planted):
    own, foreign, named = planted
    client = Client(app)
    for text in own + foreign:
        write_in(app, client, text)
    for text in named:
        write_in(app, client, f"password={text}")
        write_in(app, client, f"postgresql://gateway:{text}@db/orders")
    exported = export(app)

    assert len({*own, *foreign, *named}) == 50
    assert [text for text in own + foreign + named if text in exported or text[:60] in exported] == []
    assert exported.count("[withheld]") > 200
    assert exported.count("order.received") > 20
