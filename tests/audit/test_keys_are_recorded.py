"""What is done to API keys stands in the audit trail, and never a key."""

import json

from sqlalchemy import select

from app.gateway import get_gateway
from app.storage.audit_tables import audit_rows


def run(app, *words):
    result = app.test_cli_runner().invoke(args=["keys", *words])
    assert result.exit_code == 0
    return result.stdout.strip()


def list_rows(app):
    with get_gateway(app).storage.reading() as connection:
        ordered = select(audit_rows).where(audit_rows.c.event.startswith("key.")).order_by(audit_rows.c.at)
        return connection.execute(ordered).mappings().all()


def test_a_key_that_is_made_rotated_and_revoked_is_recorded_each_time(app):
    first = run(app, "create", "--name", "bot", "--accounts", "67686635", "--permissions", "read,trade")
    second = run(app, "rotate", "bot")
    run(app, "revoke", "bot")
    rows = list_rows(app)

    assert [(row["event"], row["subject"]) for row in rows] == [
        ("key.created", "bot"),
        ("key.rotated", "bot"),
        ("key.revoked", "bot"),
    ]
    assert json.loads(rows[0]["details"])["permissions"] == json.dumps(["read", "trade"])
    assert all(row["actor"].startswith("command:") for row in rows)
    assert not any(key in str(dict(row)) for row in rows for key in (first, second))


def test_a_key_that_is_not_made_is_not_recorded(app):
    run(app, "create", "--name", "bot", "--accounts", "67686635", "--permissions", "read")
    refused = app.test_cli_runner().invoke(
        args=["keys", "create", "--name", "bot", "--accounts", "*", "--permissions", "admin"]
    )

    assert refused.exit_code != 0
    assert len(list_rows(app)) == 1
