"""gunicorn, two instances with two workers each, one database: one grab, and no fight for it."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.quote_permission.permission import LOOK_SECONDS
from app.simulator.running import Simulator
from tests.quote_permission.conftest import FIRST_ID, GRAB
from tests.support.client import FIRST
from tests.support.server import Server, running_server

pytestmark = pytest.mark.long

DEADLINE_SECONDS = 5.0


@pytest.fixture
def servers(tiger: Simulator, database_url: str, tmp_path: Path) -> Iterator[list[Server]]:
    """Give two fresh gateways."""
    variables = {
        "TIGER_REST_GATEWAY__DATABASE_URL": database_url,
        "TIGER_REST_GATEWAY__SECRET_KEY": "s" * 40,
        "TIGER_REST_SIMULATOR__FOLDER": str(tiger.folder),
        "TIGER_REST_CACHE__QUOTE_SECONDS": "0",
    }
    with contextlib.ExitStack() as stack:
        folders = [tmp_path / name for name in ("one", "two")]
        for folder in folders:
            folder.mkdir()
        yield [stack.enter_context(running_server(folder, "--workers", "2", **variables)) for folder in folders]


def quote(server: Server) -> int:
    return server.call("/api/market/quote", {"account": FIRST, "symbol": "AAPL"})[0]


def get_holder(server: Server) -> str:
    return str(server.call("/api/market/permissions", {"account": FIRST})[1]["data"]["holder"])


def test_one_grab_serves_all_workers_of_two_instances_and_is_not_fought_over(
    servers: list[Server], tiger: Simulator
) -> None:
    started = time.monotonic()
    first = quote(servers[0])
    seconds = time.monotonic() - started
    statuses = [first, *(quote(server) for _ in range(6) for server in servers)]
    grabs = [tiger.calls(GRAB, FIRST_ID)]
    tiger.take_quote_permission(FIRST_ID)
    statuses += [quote(server) for _ in range(6) for server in servers]
    grabs.append(tiger.calls(GRAB, FIRST_ID))
    tiger.take_quote_permission(FIRST_ID)
    refused = {quote(server) for _ in range(6) for server in servers}
    threading.Event().wait(3 * LOOK_SECONDS)

    assert set(statuses) == {200}
    assert seconds < DEADLINE_SECONDS
    assert [*grabs, tiger.calls(GRAB, FIRST_ID)] == [1, 2, 2]
    assert refused == {403}
    assert {get_holder(server) for server in servers} == {"another_device"}
    assert sum("it is left there for 300 s" in server.log.read_text() for server in servers) == 1
