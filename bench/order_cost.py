"""Measure what the gateway adds to an order: ``python -m bench.order_cost``.

The same order, one at a time, to the same simulator: by the bare SDK, through the order service with its journal on
SQLite, without and with the audit trail, and through gunicorn over HTTP. They take turns, so that whatever else the
machine does meets all alike.
"""

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.common.util.order_utils import limit_order
from tigeropen.tiger_open_config import TigerOpenClientConfig
from tigeropen.trade.trade_client import TradeClient

from app.audit.audit import open_audit
from app.config.credentials import load_credentials
from app.config.loader import load_settings
from app.events.account_events import AccountEvents
from app.operations.metrics import Metrics
from app.orders.recording import Recording
from app.orders.requester import Requester
from app.orders.service import OrderService
from app.settings import Credential
from app.storage import Storage
from app.storage.upgrade import upgrade
from app.tiger.sessions import Sessions
from app.tiger.trading.order_tickets import OrderTicket
from bench.campaign.services import SimulatorProcess, running_gateway, running_simulator

ACCOUNT = "67686635"
KEY = "client_key_001"
MOST_MILLISECONDS = 3.0
MOST_OF_THE_TRAIL = 0.7
JOURNALLED = "service with journal"
RECORDED = "service, and audit trail"
TOLD = "service, and account events"
PRICE = 5.0
WARM_UP = 30
PLENTY = {"TIGER_REST_BUDGET__LIMIT_SCALE": "1000"}
"""Calls are counted as ever, against limits that the measurement does not reach."""

PAUSE_SECONDS = 0.01


# They trade on one account in turn: numbers that are merely told would be used up by the others each time.
RESERVED = {"order_numbers": "reserved"}


def build_bare_sdk(credential: Credential) -> Callable[[int], None]:
    """Return how the unmodified SDK places the order."""
    config = TigerOpenClientConfig(enable_dynamic_domain=False, props_path=str(credential.path))
    config.tiger_id, config.private_key, config.account = credential.tiger_id, credential.private_key, ACCOUNT
    config.license = credential.license
    config.server_url = config.quote_server_url = credential.server_url
    config.retry_max_tries = 0
    client = TradeClient(config)

    def place(_turn: int) -> None:
        order = limit_order(ACCOUNT, stock_contract("AAPL", "USD"), "BUY", 1, PRICE)
        if not client.place_order(order):
            raise RuntimeError("the bare SDK's order was not placed")

    return place


def build_service(
    credential: Credential, folder: Path, *, is_recorded: bool = False, has_events: bool = False
) -> Callable[[int], None]:
    """Return how the order service places it, journal and all, in this process; with audit trail, or with events."""
    settings = load_settings({"TIGER_REST_INSTANCE": str(folder), **PLENTY})
    storage = Storage(settings.gateway.database_url, settings.instance)
    upgrade(storage, settings.instance)
    trail = open_audit(settings, storage, [KEY.encode()]).trail
    sessions = Sessions(settings, [credential])
    events = AccountEvents(settings, storage, Metrics(None), sessions.session)
    service = OrderService(
        settings,
        storage,
        witnesses=[events.witness] if has_events else [],
        recording=Recording(trail) if is_recorded else None,
    )
    session = sessions.session(ACCOUNT)
    ticket = OrderTicket("AAPL", "BUY", "LMT", Decimal(1), limit_price=Decimal(5))

    def place(turn: int) -> None:
        answer = service.place(session, Requester("bench", "bench", "bench", f"turn-{turn}"), ticket)
        if answer.error is not None:
            raise answer.error

    return place


def build_http(port: int) -> Callable[[int], None]:
    """Return how a client of the gateway places it, over a kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = {"account": ACCOUNT, "symbol": "AAPL", "action": "BUY", "order_type": "LMT"}
    content = json.dumps({**body, "quantity": 1, "limit_price": PRICE})

    def place(turn: int) -> None:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        connection.request("POST", "/api/trade/place-order", content, {**headers, "Idempotency-Key": f"http-{turn}"})
        response = connection.getresponse()
        text = response.read()
        if response.status != http.client.OK:
            raise RuntimeError(text.decode())

    return place


def measure(ways: dict[str, Callable[[int], None]], rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds of each way's orders, the ways taking turns."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + WARM_UP):
        for name, place in ways.items():
            started = time.perf_counter()
            place(turn)
            taken[name].append((time.perf_counter() - started) * 1_000)
            # What runs behind an order, such as reserving the next number, is not to meet the next measurement.
            time.sleep(PAUSE_SECONDS)
        if turn % 100 == 0:
            print(f"round {turn} of {rounds + WARM_UP}", file=sys.stderr, flush=True)
    return {name: times[WARM_UP:] for name, times in taken.items()}


def load_credential(simulator: SimulatorProcess) -> Credential:
    """Return the simulator's credential that has the account."""
    file = simulator.folder / "credentials.toml"
    tables: list[Any] = tomllib.loads(file.read_text())["credentials"]
    credentials = load_credentials(tables, file, simulator.folder)
    found = next(item for item in credentials if any(account.account == ACCOUNT for account in item.accounts))
    return replace(found, accounts=tuple(account for account in found.accounts if account.account == ACCOUNT))


def main() -> int:
    """Measure, print the table, and end with 1 where the journal adds more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="tiger-rest-cost-") as name:
        folder = Path(name)
        with (
            running_simulator(folder / "tiger", 1, RESERVED) as simulator,
            running_gateway(
                folder / "http", workers=1, variables={"TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder), **PLENTY}
            ) as gateway,
        ):
            credential = load_credential(simulator)
            ways = {
                "bare SDK": build_bare_sdk(credential),
                JOURNALLED: build_service(credential, folder / "journalled", is_recorded=False),
                RECORDED: build_service(credential, folder / "recorded", is_recorded=True),
                TOLD: build_service(credential, folder / "told", has_events=True),
                "gateway over HTTP": build_http(gateway.port),
            }
            taken = measure(ways, rounds)
    bare = statistics.median(taken["bare SDK"])
    print(f"{'one order at a time, ms':<26}{'median':>9}{'p95':>9}{'added':>9}")
    added = {}
    for name, times in taken.items():
        added[name] = statistics.median(times) - bare
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{name:<26}{statistics.median(times):>9.2f}{p95:>9.2f}{added[name]:>9.2f}")
    trail = added[RECORDED] - added[JOURNALLED]
    print(f"the audit trail adds {trail:.2f} ms in the median")
    events = added[TOLD] - added[JOURNALLED]
    print(f"the events of accounts add {events:.2f} ms in the median")
    return 0 if added[JOURNALLED] <= MOST_MILLISECONDS and trail <= MOST_OF_THE_TRAIL else 1


if __name__ == "__main__":
    sys.exit(main())
