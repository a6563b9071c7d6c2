"""Readiness is what it says: it tries what serving needs, and tells what is wrong and since when."""

import contextlib
import itertools
import logging
import os
import shutil
import sqlite3
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from app import create_app
from app.gateway import get_gateway
from app.leadership.lease import Lease
from app.simulator.faults import Fault
from app.storage import condition
from app.storage.engine import Storage
from app.storage.upgrade import upgrade
from app.tiger.credential import reach
from tests.support.client import PAPER, Client
from tests.support.server import wait_until

ORDER = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "limit_price": 1.0, "quantity": 1}


@pytest.fixture(autouse=True)
def _looking_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(condition, "FRESH_SECONDS", 0.0)


def get_readiness(client: Client) -> tuple[int, str]:
    """Return the status and the reasons; those of other matters must not be there."""
    answer = client.get("/health/ready")
    body = answer.get_json()
    assert (answer.status_code == 200) == body["ready"] == (body["reasons"] == [])
    return answer.status_code, "; ".join(body["reasons"])


@contextlib.contextmanager
def locked(file: str | None):
    with contextlib.closing(sqlite3.connect(str(file), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextlib.contextmanager
def read_only(storage: Storage):
    """Let every transaction from now on find a database that only reads."""

    def check_out(connection, *_others):
        connection.cursor().execute(
            "PRAGMA query_only=ON" if storage.is_sqlite else "SET default_transaction_read_only = on"
        )
        connection.commit()

    event.listen(storage.engine, "checkout", check_out)
    yield
    event.remove(storage.engine, "checkout", check_out)
    storage.engine.dispose()


def find_trouble(storage: Storage) -> condition.Trouble | None:
    return storage.condition.look(Lease(storage).touch)


def get_lines(caplog, words):
    return [record for record in caplog.records if words in record.getMessage()]


@pytest.fixture
def impatient(settings):
    """Give a gateway that waits half a second for a lock."""
    application = create_app(replace(settings, tiger=replace(settings.tiger, order_deadline_seconds=1.0)))
    yield Client(application, account=PAPER)
    get_gateway(application).close()


def test_a_gateway_that_can_write_is_ready(client):
    assert get_readiness(client) == (200, "")


def test_a_locked_database_is_not_ready_and_is_again_when_the_lock_is_gone(impatient):
    url = get_gateway(impatient.app).storage.engine.url
    with locked(url.database):
        status, reasons = get_readiness(impatient)

    assert status == 503
    assert reasons.startswith("the database: nothing can be written (database is locked), since 20")
    assert get_readiness(impatient) == (200, "")


def test_since_when_is_the_first_failure(impatient):
    gateway = get_gateway(impatient.app)
    with locked(gateway.storage.engine.url.database):
        first = get_readiness(impatient)
        told = datetime.fromisoformat(first[1].rpartition("since ")[2])
        again = get_readiness(impatient)

    assert abs((datetime.now(UTC) - told).total_seconds()) < 60
    assert first == again


def test_a_locked_database_refuses_orders_and_its_cause_is_logged_once(impatient, caplog):
    with caplog.at_level(logging.INFO), locked(get_gateway(impatient.app).storage.engine.url.database):
        refused = [impatient.post("/api/trade/place-order", **ORDER).status_code for _ in range(3)]

    assert refused == [503, 503, 503]
    assert len(get_lines(caplog, "The database does not serve: database is locked")) == 1


def test_a_cause_that_comes_and_goes_is_logged_once_a_minute(caplog, monkeypatch):
    found = condition.Condition()
    with caplog.at_level(logging.INFO):
        for _ in range(50):
            found.note_failure(sqlite3.OperationalError("database is locked"))
            found.note_written()
        found.note_failure(sqlite3.OperationalError("database or disk is full"))

    assert len(get_lines(caplog, "database is locked")) == 1
    assert len(get_lines(caplog, "disk is full")) == 1


def test_a_database_that_only_reads_is_in_trouble_and_says_why(database_url, tmp_path):
    storage = Storage(database_url, tmp_path)
    upgrade(storage, tmp_path)
    before = find_trouble(storage)
    with read_only(storage):
        trouble = find_trouble(storage)

    assert before is None
    assert trouble is not None
    assert "readonly database" in trouble.cause or "read-only transaction" in trouble.cause
    assert find_trouble(storage) is None
    storage.close()


def test_what_was_written_just_now_is_not_tried_again(database_url, tmp_path, monkeypatch):
    monkeypatch.setattr(condition, "FRESH_SECONDS", 600.0)
    storage = Storage(database_url, tmp_path)
    upgrade(storage, tmp_path)
    storage.condition.note_written()
    statements: list[str] = []
    event.listen(storage.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))

    assert (find_trouble(storage), statements) == (None, [])
    storage.close()


def test_an_unreachable_server_tells_nobody_its_address_or_its_user():
    trouble = condition.Condition()
    trouble.note_failure(OSError('connection to server at "10.1.2.3", port 5432 failed: FATAL: user "ada"'))

    assert trouble.trouble is not None
    assert trouble.trouble.cause == "it does not answer"


@pytest.fixture
def small_disk(tmp_path: Path):
    """Mount a file system of two megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("a file system can be mounted only by root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_with_the_disk_full_it_is_not_ready_and_orders_and_election_log_the_cause(
    small_disk, settings, ready_file, caplog
):
    instance = small_disk / "instance"
    instance.mkdir(mode=0o700)
    shutil.copyfile(ready_file, instance / "gateway.db")
    application = create_app(replace(settings, instance=instance, metrics=replace(settings.metrics, enabled=False)))
    paper = Client(application, account=PAPER)
    before = get_readiness(paper)
    filler = os.open(instance / "filler", os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        for _ in itertools.count():
            os.write(filler, b"x" * 4_096)
    os.close(filler)
    with caplog.at_level(logging.INFO):
        wait_until(lambda: get_readiness(paper)[0] == 503, 60)
        refused = paper.post("/api/trade/place-order", **ORDER)
    _, reasons = get_readiness(paper)

    assert before == (200, "")
    assert "disk is full" in reasons
    assert refused.status_code == 503
    assert len(get_lines(caplog, "The database does not serve: database or disk is full")) == 1
    (instance / "filler").unlink()
    wait_until(lambda: get_readiness(paper)[0] == 200, 60)
    get_gateway(application).close()


@pytest.mark.parametrize("kind", ["http_500", "cut_before"])
def test_a_tiger_out_of_reach_is_not_ready_and_says_since_when(client, simulator, kind):
    client.data("/api/market/quote", symbol="AAPL")
    simulator.inject(Fault(kind=kind))
    for _ in range(5):
        client.post("/api/trade/positions")
    status, reasons = get_readiness(client)

    assert status == 503
    assert reasons.startswith("every call of credential simulator-one fails since 20")
    assert client.get("/health").get_json()["status"] == "degraded"


def test_readiness_finds_out_by_itself_that_tiger_is_back(client, simulator, monkeypatch):
    monkeypatch.setattr(reach, "AGAIN_SECONDS", 0.1)
    simulator.inject(Fault(kind="http_500"))
    for _ in range(5):
        client.post("/api/trade/positions")
    gone = get_readiness(client)[0]
    simulator.clear_faults()

    assert gone == 503
    wait_until(lambda: get_readiness(client)[0] == 200, 30)


def test_while_tiger_is_away_readiness_asks_seldom(client, simulator):
    simulator.inject(Fault(kind="http_500"))
    for _ in range(5):
        client.post("/api/trade/positions")
    simulator.reset_counts()
    for _ in range(20):
        assert get_readiness(client)[0] == 503

    assert simulator.calls("accounts") == 0


def test_one_method_that_fails_among_others_that_do_not_leaves_it_ready(client, simulator):
    simulator.inject(Fault(kind="http_500", method="kline"))
    for _ in range(5):
        client.post("/api/market/kline", symbol="AAPL")
        client.data("/api/trade/positions")

    assert get_readiness(client) == (200, "")


def test_a_refusal_of_tigers_is_no_outage(client, simulator):
    simulator.inject(Fault(kind="code", code=1010, message="no such symbol"))
    for _ in range(8):
        client.post("/api/trade/positions")

    assert get_readiness(client) == (200, "")
