"""The commands of the audit trail: verify ends with 1 where something is wrong, export can be verified elsewhere."""

import contextlib
import dataclasses
import json

import pytest
from sqlalchemy import select, text

from app import create_app
from app.gateway import get_gateway
from app.storage.audit_tables import audit_chain, audit_checkpoints, audit_rows


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


@pytest.fixture
def run_with_another_secret(app, settings):
    """Give a function that runs a command on the same database, with a secret that is to come or of another gateway."""
    another = {"secret_key": "another secret, also longer than 32 characters"}
    with contextlib.ExitStack() as stack:

        def run_one(*words, older=()):
            gateway = dataclasses.replace(settings.gateway, **another, older_secret_keys=older)
            other = create_app(dataclasses.replace(settings, gateway=gateway))
            stack.callback(get_gateway(other).close)
            return other.test_cli_runner().invoke(args=["audit", *words]).exit_code

        yield run_one


def list_rows(app):
    with get_gateway(app).storage.reading() as connection:
        return [connection.execute(select(table)).all() for table in (audit_rows, audit_chain, audit_checkpoints)]


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


@pytest.mark.parametrize("word", ["verify", "export", "tail"])
def test_a_command_with_another_secret_changes_nothing(app, run, run_with_another_secret, word):
    run("verify")
    get_gateway(app).trail.note("halt.set", "gateway")
    before = list_rows(app)
    run_with_another_secret(word)
    run_with_another_secret(word, older=(get_gateway(app).secrets[0].decode(),))

    assert list_rows(app) == before
    assert run("verify")[0] == 0


def test_a_command_with_another_secret_begins_no_chain(app, run, run_with_another_secret):
    before = list_rows(app)
    code = run_with_another_secret("verify")

    assert code == 1
    assert list_rows(app) == before
    assert run("verify")[0] == 0


def test_an_export_is_verified_elsewhere_with_the_public_key(run, tmp_path):
    file, (_, exported), (_, keys) = tmp_path / "audit.jsonl", run("export"), run("public-keys")
    file.write_text(exported)
    rows = [json.loads(line) for line in exported.splitlines()]

    assert [row.get("subject") for row in rows if "event" in row] == ["one", "two", "three"]
    assert run("verify", "--file", str(file), "--trust", keys.strip())[0] == 0
    assert run("verify", "--file", str(file), "--trust", "00" * 32)[0] == 1
    file.write_text(exported.replace('"two"', '"tow"'))
    assert run("verify", "--file", str(file), "--trust", keys.strip())[0] == 1


def test_an_export_is_as_it_was_written_up_to_its_last_checkpoint(app, run, tmp_path):
    file, keys = tmp_path / "audit.jsonl", run("public-keys")[1].strip()
    run("verify")
    get_gateway(app).trail.note("halt.set", "gateway")
    get_gateway(app).trail.note("halt.lifted", "gateway")
    file.write_text(run("export")[1])
    code, told = run("verify", "--file", str(file), "--trust", keys)

    assert code == 0
    assert told.strip().endswith("as it was written up to row 3; 2 rows follow that no checkpoint vouches for")


def test_an_export_without_a_checkpoint_is_not_vouched_for(run, tmp_path):
    file, lines = tmp_path / "audit.jsonl", run("export")[1].splitlines()
    file.write_text("\n".join(line for line in lines if not line.startswith('{"checkpoint"')))
    code, told = run("verify", "--file", str(file))

    assert code == 1
    assert "wrong: no checkpoint of a key that is trusted vouches for any of these rows" in told


def test_what_is_no_export_is_said_to_be_none(run, tmp_path):
    file = tmp_path / "shopping.txt"
    file.write_text("milk\neggs\n")

    assert run("verify", "--file", str(file))[0] == 1


def test_tail_shows_the_newest_rows(run):
    code, told = run("tail", "--lines", "2")

    assert code == 0
    assert [json.loads(line)["subject"] for line in told.splitlines()] == ["two", "three"]
