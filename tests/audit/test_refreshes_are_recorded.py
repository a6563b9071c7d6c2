"""Who asks for a new token of Tiger's stands in the audit trail, before Tiger is asked."""

from sqlalchemy import select, text

from app.gateway import get_gateway
from app.storage.audit_tables import audit_rows
from tests.support.client import FIRST, assert_refusal

EVENT = "token.refresh_asked"
RENEWAL = "user_token_refresh"
TIGER_IDS = {"20153921", "20154747"}


def list_rows(app):
    with get_gateway(app).storage.reading() as connection:
        return connection.execute(select(audit_rows).where(audit_rows.c.event == EVENT)).all()


def test_a_refresh_by_a_key_of_an_admin_is_recorded(app, client):
    refreshed = client.data("/api/token/refresh")
    (row,) = list_rows(app)

    assert (row.actor, row.account) == ("key:demo-full-access:Full Access Client", FIRST)
    assert row.subject == refreshed["tiger_id"]


def test_a_refresh_by_an_operator_is_recorded_for_each_token(app):
    done = app.test_cli_runner().invoke(args=["tokens", "refresh"])
    rows = list_rows(app)

    assert done.exit_code == 0, done.output
    assert {row.subject for row in rows} == TIGER_IDS
    assert all(row.actor.startswith("command:") for row in rows)


def test_a_refresh_that_cannot_be_recorded_is_none(app, client, simulator):
    with get_gateway(app).storage.writing() as connection:
        connection.execute(text("DROP TABLE tiger_rest_audit"))

    assert_refusal(client.post("/api/token/refresh"), 503, "storage_unavailable")
    assert simulator.calls(RENEWAL) == 0
