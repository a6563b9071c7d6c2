"""After a change of the secret the doctor says what the old one is needed for, and when it is needed no longer."""

import contextlib
import dataclasses

import pytest
from sqlalchemy import select

from app import create_app
from app.access.permissions import Permission
from app.audit.examination import verify
from app.gateway import get_gateway
from app.operations.doctor.secrets import examine_older_secrets
from app.settings import TigerSettings
from app.storage.audit_tables import audit_rows
from tests.support.client import FIRST, SECOND, Client
from tests.support.server import wait_until

OLD, NEW = "the secret that leaked, which somebody has seen", "the secret that came after it, and nobody knows"


@pytest.fixture
def open_app(settings, database_url):
    """Give a function that opens the gateway on one database, with these secrets."""
    with contextlib.ExitStack() as stack:

        def open_one(secret, *older, **tiger):
            gateway = dataclasses.replace(
                settings.gateway, database_url=database_url, secret_key=secret, older_secret_keys=older
            )
            application = create_app(
                dataclasses.replace(settings, gateway=gateway, tiger=dataclasses.replace(settings.tiger, **tiger))
            )
            stack.callback(get_gateway(application).close)
            return application

        yield open_one


def examine(app):
    return list(examine_older_secrets(get_gateway(app)))


def test_a_leaked_secret_goes_while_the_gateway_serves(open_app):
    first = open_app(OLD)
    key = get_gateway(first).keys.create("bot", [FIRST], [Permission.READ])
    Client(first).data("/api/token/refresh")
    Client(first).for_account(SECOND).data("/api/token/refresh")
    get_gateway(first).audit.chain.link()
    device = get_gateway(first).device_id
    # It goes on serving with what it knows, and begins no refresh.
    get_gateway(first).leadership.stop()

    both = open_app(NEW, OLD)
    needed = examine(both)[0].seen
    Client(both, key).data("/api/market/quote", symbol="AAPL")
    get_gateway(both).audit.chain.link()

    def is_over():
        # A token is replaced by one that is newer by a second.
        for account in (FIRST, SECOND):
            Client(both).for_account(account).data("/api/token/refresh")
        return examine(both)[0].seen.startswith("needed no longer")

    wait_until(is_over, 20)
    identity = examine(both)[1]

    assert "the key bot" in needed
    assert "the token of 20154747" in needed
    assert "the audit trail" in needed
    assert device in identity.fix

    alone = get_gateway(open_app(NEW, device_id=device))
    found = alone.keys.find(key)
    assert found is not None
    assert found.name == "bot"
    assert alone.device_id == device
    report = verify(alone.storage, alone.audit.keys, alone.audit.seen)
    assert report.problems == []
    assert report.foreign_codes > 0


def test_once_the_leaked_secret_is_taken_out_who_has_it_makes_no_key(open_app):
    stolen = get_gateway(open_app(OLD)).keys.create("thief", ["*"], [Permission.TRADE])

    assert get_gateway(open_app(NEW)).keys.find(stolen) is None


def test_a_key_that_is_stored_under_the_new_secret_is_recorded(open_app):
    key = get_gateway(open_app(OLD)).keys.create("bot", [FIRST], [Permission.READ])
    both = get_gateway(open_app(NEW, OLD))
    both.keys.find(key)
    both.keys.find(key)
    with both.storage.reading() as connection:
        rows = connection.execute(select(audit_rows.c.event, audit_rows.c.subject)).all()

    assert sorted(row.event for row in rows if row.subject == "bot") == ["key.created", "key.stored_anew"]


def test_without_an_older_secret_there_is_nothing_to_say(open_app):
    assert examine(open_app(NEW)) == []


def test_a_device_id_that_is_set_changes_with_no_secret(open_app):
    app = open_app(NEW, OLD, device_id=TigerSettings().device_id or "a-device-of-the-tests")

    assert [finding.subject for finding in examine(app)] == ["older secret"]
