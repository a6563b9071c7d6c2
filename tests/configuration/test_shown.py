"""What is in force is shown without a secret, wherever in a value it stands."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app.cli import config
from app.storage.addresses import describe_address
from tests.support.server import ROOT

SECRET = "s3cr3t-" + "x" * 32


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("sqlite:////var/lib/gateway.db", "sqlite:////var/lib/gateway.db"),
        ("memory://", "memory://"),
        (f"postgresql+psycopg://ada:{SECRET}@db/x", "postgresql+psycopg://ada:***@db/x"),
        (f"postgresql+psycopg://db/x?password={SECRET}", "postgresql+psycopg://db/x?password=********"),
        (
            f"postgresql+psycopg://db/x?sslpassword={SECRET}&sslmode=require",
            "postgresql+psycopg://db/x?sslmode=require&sslpassword=********",
        ),
        (f"redis://:{SECRET}@cache:6379/0", "redis://:***@cache:6379/0"),
        (f"redis://cache:{SECRET}/0", "********"),
    ],
)
def test_an_address_is_shown_without_its_passwords(address, shown):
    assert describe_address(address) == shown


@pytest.mark.parametrize("secret", [f"https://{SECRET}", f"sqlite:///{SECRET}", SECRET])
def test_a_secret_is_masked_even_where_it_looks_like_an_address(tmp_path, monkeypatch, secret):
    monkeypatch.setenv("TIGER_REST_INSTANCE", str(tmp_path))
    monkeypatch.setenv("TIGER_REST_GATEWAY__SECRET_KEY", secret)
    monkeypatch.setenv("TIGER_REST_GATEWAY__DATABASE_URL", f"postgresql+psycopg://db/x?password={SECRET}")
    monkeypatch.setenv("TIGER_REST_LIMITS__STORAGE_URL", f"redis://cache/0?password={SECRET}")

    result = Flask("shown").test_cli_runner().invoke(config)

    assert result.exit_code == 0, result.output
    assert "gateway.secret_key = '********'" in result.output
    assert SECRET not in result.output


@pytest.mark.parametrize("command", ["doctor", "keys list"])
def test_a_command_ends_without_a_trace_where_the_database_cannot_be_reached(tmp_path: Path, command: str):
    environ = {
        "PATH": "/usr/bin:/bin",
        "TIGER_REST_INSTANCE": str(tmp_path),
        "TIGER_REST_GATEWAY__SECRET_KEY": SECRET,
        "TIGER_REST_GATEWAY__DATABASE_URL": f"postgresql+psycopg://ada:{SECRET}@127.0.0.1:1/x?sslpassword={SECRET}",
    }
    arguments = [sys.executable, "-m", "flask", "--app", "wsgi", *command.split()]
    done = subprocess.run(arguments, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "database" in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_the_commands_are_there_with_a_click_whose_parameters_have_no_type_argument():
    # As before click 8.4, which flask 3.1 allows.
    code = "import click; click.ParamType.__class_getitem__ = None; from app.access.key_commands import Span; Span(1)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
