"""Rows of the trail are written in the transactions of what they describe, and numbered without gaps."""

import json
import time

import pytest
from sqlalchemy import select

from app.audit.audit_keys import AuditKeys
from app.audit.content import CONTENT, get_code, get_content
from app.audit.trail import Trail
from app.audit.withholding import Withholding
from app.storage.audit_tables import audit_rows
from app.storage.engine import Storage

SECRET = b"a secret of the tests, longer than thirty-two characters"
KEYS = AuditKeys(SECRET)


class Undo(Exception):
    """What a transaction is undone by."""


@pytest.fixture
def storage(database_url, tmp_path):
    opened = Storage(database_url, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def trail(storage):
    return Trail(storage, KEYS, Withholding())


def list_rows(storage):
    with storage.reading() as connection:
        ordered = select(audit_rows).order_by(audit_rows.c.writer, audit_rows.c.number)
        return [dict(row) for row in connection.execute(ordered).mappings()]


def write_and_undo(trail, storage):
    with storage.writing() as connection:
        trail.write(connection, "halt.set", "gateway")
        raise Undo


def test_a_row_says_what_happened_and_carries_a_code_of_it(trail, storage):
    with storage.writing_directly() as driver:
        trail.write(driver, "halt.set", "key:7:bot", account="67686635", subject="halt-1", details={"reason": "storm"})
    row = list_rows(storage)[0]

    assert row["code"] == get_code(KEYS.current, get_content(*(row[name] for name in CONTENT)))
    assert (row["event"], row["actor"], row["account"], row["subject"]) == (
        "halt.set",
        "key:7:bot",
        "67686635",
        "halt-1",
    )
    assert json.loads(row["details"]) == {"reason": "storm"}
    assert abs(row["at"] - time.time() * 1_000) < 60_000
    assert row["position"] is None


def test_what_is_undone_leaves_no_row_and_no_gap(trail, storage):
    for _ in range(3):
        trail.note("halt.set", "gateway")
        with pytest.raises(Undo):
            write_and_undo(trail, storage)
        with storage.writing() as connection:
            trail.write(connection, "halt.lifted", "gateway")
            trail.write(connection, "halt.set", "gateway")
    rows = list_rows(storage)

    numbers = {row["writer"]: [each["number"] for each in rows if each["writer"] == row["writer"]] for row in rows}
    assert len(rows) == 9
    assert all(of_one == list(range(1, len(of_one) + 1)) for of_one in numbers.values())


def test_two_transactions_at_a_time_are_two_writers(trail, storage):
    if storage.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    with storage.writing() as one, storage.writing() as other:
        trail.write(one, "halt.set", "gateway")
        trail.write(other, "halt.set", "gateway")
    rows = list_rows(storage)

    assert len({row["writer"] for row in rows}) == 2
    assert [row["number"] for row in rows] == [1, 1]


@pytest.mark.parametrize("name", ["caf\u00e9 \U0001f40d", "a\x00b\ud800", "x" * 500, "line\nbreak"])
def test_any_name_can_be_recorded(trail, storage, name):
    trail.note("key.created", f"key:1:{name}", account=name, subject=name, details={name: name})
    row = list_rows(storage)[0]

    assert json.loads(row["details"]) == {name: name}
    assert row["subject"].startswith(name[:1])


def test_another_secret_makes_another_code(storage):
    content = b'["a row"]'

    assert get_code(AuditKeys(b"another secret").current, content) != get_code(KEYS.current, content)
    assert AuditKeys(b"another secret", SECRET).all[KEYS.current.id] == KEYS.current
