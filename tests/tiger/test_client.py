"""The SDK's client takes everything from its credential and touches nothing when it is built."""

import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tigeropen.tiger_open_config import TIGER_PUBLIC_KEY

import app.tiger
from app.settings import Credential
from app.tiger.wire.client import Client
from app.tiger.wire.transport import Transport

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("ACCOUNT", "LANGUAGE", "LICENSE", "PRIVATE_KEY", "SECRET_KEY", "TIGER_ID", "TIMEZONE", "TOKEN", "TIMEOUT")
CREDENTIAL = Credential("main", Path(), "20150001", "TBHK", "key", "http://127.0.0.1:9/gateway", ())


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put another user's Tiger settings into the environment and the working directory."""
    for name in NAMES:
        monkeypatch.setenv(f"TIGEROPEN_{name}", "7")
    monkeypatch.setenv("TIGEROPEN_LANGUAGE", "zh_CN")
    monkeypatch.setenv("TIGEROPEN_TIMEZONE", "Asia/Shanghai")
    monkeypatch.setenv("TIGEROPEN_SERVER_URL", "http://127.0.0.1:7/gateway")
    (tmp_path / "tiger_openapi_config.properties").write_text("account=8\nsecret_key=8\nenv=SANDBOX\ntoken=8\n")
    (tmp_path / "tiger_openapi_token.properties").write_text("token=8\n")
    monkeypatch.chdir(tmp_path)


def test_neither_environment_nor_files_count(foreign: None) -> None:
    configuration = Client(CREDENTIAL, Transport(1)).configuration

    assert (configuration.tiger_id, configuration.private_key, configuration.license) == ("20150001", "key", "TBHK")
    assert configuration.server_url == configuration.quote_server_url == CREDENTIAL.server_url
    assert (configuration.token, configuration.account, configuration.secret_key) == (None, "", "")
    assert (configuration.timezone, configuration.timeout) == (None, 15)
    assert configuration.tiger_public_key == TIGER_PUBLIC_KEY


def test_the_sdk_retries_nothing_and_refreshes_no_token() -> None:
    configuration = Client(CREDENTIAL, Transport(1)).configuration

    assert configuration.retry_max_tries == 0
    assert configuration.token_refresh_duration == 0


def test_building_a_client_starts_no_thread_and_adds_no_log_handler() -> None:
    threads, handlers = threading.active_count(), list(logging.getLogger().handlers)
    Client(CREDENTIAL, Transport(1))

    assert threading.active_count() == threads
    assert logging.getLogger().handlers == handlers


def test_no_part_of_the_package_imports_pandas() -> None:
    files = Path(*app.tiger.__path__).rglob("[a-z]*.py")
    names = sorted(".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files)
    script = (
        f"import importlib, sys; [importlib.import_module(name) for name in {names}]; sys.exit('pandas' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=60, check=False)

    assert len(names) > 40
    assert ended.returncode == 0
