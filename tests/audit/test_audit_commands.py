"""The commands of the audit trail: verify ends with 1 where something is wrong, export can be verified elsewhere."""

import json

import pytest
from sqlalchemy import text

from app.gateway import get_gateway


@pytest.fixture
def run(app):
    """Give a function that runs a command, and returns its exit code and what it printed."""
    keys = ["keys", "create", "--accounts", "67686635", "--permissions", "read", "--name"]
    for name in ("one", "two", "three"):
        assert app.test_cli_runner().invoke(args=[*keys, name]).exit_code == 0

    def run_one(*words):
        result = app.test_cli_runner().invoke(args=["audit", *words])
        return result.exit_code, result.stdout

    return run_one


def change(app, statement):
    with get_gateway(app).storage.writing() as connection:
        connection.execute(text(statement))


def test_verify_says_that_all_is_as_it_was_written(run):
    code, told = run("verify")

    assert code == 0
    assert "3 rows, 1 checkpoints" in told
    assert told.strip().endswith("all is as it was written")


def test_verify_names_a_row_that_was_changed_and_ends_with_1(app, run):
    run("verify")
    change(app, "UPDATE tiger_rest_audit SET subject = 'tow' WHERE position = 2")
    code, told = run("verify")

    assert code == 1
    assert "wrong: row 2 (" in told
    assert "1 problems" in told


def test_an_export_is_verified_elsewhere_with_the_public_key(run, tmp_path):
    file, (_, exported), (_, keys) = tmp_path / "audit.jsonl", run("export"), run("public-keys")
    file.write_text(exported)
    rows = [json.loads(line) for line in exported.splitlines()]

    assert [row.get("subject") for row in rows if "event" in row] == ["one", "two", "three"]
    assert run("verify", "--file", str(file), "--trust", keys.strip())[0] == 0
    assert run("verify", "--file", str(file), "--trust", "00" * 32)[0] == 1
    file.write_text(exported.replace('"two"', '"tow"'))
    assert run("verify", "--file", str(file), "--trust", keys.strip())[0] == 1


def test_what_is_no_export_is_said_to_be_none(run, tmp_path):
    file = tmp_path / "shopping.txt"
    file.write_text("milk\neggs\n")

    assert run("verify", "--file", str(file))[0] == 1


def test_tail_shows_the_newest_rows(run):
    code, told = run("tail", "--lines", "2")

    assert code == 0
    assert [json.loads(line)["subject"] for line in told.splitlines()] == ["two", "three"]
