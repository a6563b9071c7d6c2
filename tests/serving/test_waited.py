"""A request that waited for a thread longer than it may is told so; Tiger neither hears of it nor is blamed for it."""

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.serving import holding
from tests.support.client import FIRST
from tests.support.server import Server, running_server, wait_until

DEADLINE_SECONDS = 2.0
THREADS = 4
MORE_THAN_OPENS_A_CIRCUIT = 8
HEADERS = {"Authorization": "Bearer client_key_001", "Content-Type": "application/json"}
QUOTE = ("/api/market/quote", {"account": FIRST, "symbol": "AAPL"})
ORDER = (
    "/api/trade/place-order",
    {"account": FIRST, "symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1.5},
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one worker with few threads."""
    deadlines = {
        "TIGER_REST_TIGER__READ_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
        "TIGER_REST_TIGER__ORDER_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    }
    arguments = ("--workers", "1", "--threads", str(THREADS))
    folder = tmp_path_factory.mktemp("waited")
    deadlines[holding.FOLDER] = str(folder)
    application = "tests.serving.holding:app"
    with running_server(folder, *arguments, application=application, **deadlines) as running:
        assert running.call(*QUOTE)[0] == 200
        assert running.call(*ORDER)[0] == 200
        yield running


@contextlib.contextmanager
def occupied(server: Server) -> Iterator[Callable[[], None]]:
    """Keep all threads busy until the function that is given is called."""
    folder = server.log.parent
    host, port = server.url.removeprefix("http://").split(":")
    with contextlib.ExitStack() as stack:
        for _ in range(THREADS):
            connection = stack.enter_context(socket.create_connection((host, int(port)), 10))
            connection.sendall(f"GET {holding.PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: len(list(folder.glob("held-*"))) == THREADS, 20)
        started = time.monotonic()

        def release() -> None:
            wait_until(lambda: time.monotonic() - started > 1.5 * DEADLINE_SECONDS, 10)
            (folder / "go").touch()

        yield release
    wait_until(lambda: not list(folder.glob("held-*")), 20)
    (folder / "go").unlink()


def ask_while_occupied(server: Server, path: str, body: dict[str, Any]) -> list[tuple[int, Any]]:
    with ThreadPoolExecutor(MORE_THAN_OPENS_A_CIRCUIT) as pool, occupied(server) as release:
        waiting = [pool.submit(server.call, path, body) for _ in range(MORE_THAN_OPENS_A_CIRCUIT)]
        release()
        return [future.result() for future in waiting]


def count_orders(server: Server) -> int:
    status, answer = server.call("/api/trade/orders", {"account": FIRST, "limit": 100})
    assert status == 200, answer
    return int(answer["data"]["count"])


@pytest.mark.parametrize(("path", "body"), [QUOTE, ORDER])
def test_what_waited_too_long_is_told_so_and_opens_no_circuit(server: Server, path: str, body: dict[str, Any]) -> None:
    answers = ask_while_occupied(server, path, {**body, "symbol": "MSFT"})

    assert {(status, answer["code"]) for status, answer in answers} == {(503, "too_busy")}
    assert server.call(path, {**body, "symbol": "MSFT"})[0] == 200


def test_an_order_that_waited_too_long_is_not_sent(server: Server) -> None:
    before = count_orders(server)
    ask_while_occupied(server, *ORDER)

    assert count_orders(server) == before


def test_the_next_request_of_the_connection_has_its_whole_time(server: Server) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    with occupied(server) as release:
        connection.request("POST", QUOTE[0], json.dumps({**QUOTE[1], "symbol": "NVDA"}), HEADERS)
        release()
        first = connection.getresponse()
        first.read()
    connection.request("POST", QUOTE[0], json.dumps({**QUOTE[1], "symbol": "NVDA"}), HEADERS)
    second = connection.getresponse()

    assert (first.status, second.status) == (503, 200)
    connection.close()
