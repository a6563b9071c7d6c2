"""Measure what all limits together add to an order: ``python -m bench.limit_cost``.

The same order, one at a time, to the same simulator, through the order service with journal and audit trail: without
limits, and with every limit of its account and of its key. They take turns, as in ``bench.order_cost``.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from app.audit.audit import open_audit
from app.config.loader import load_settings
from app.orders.recording import Recording
from app.orders.requester import Requester
from app.orders.service import OrderService
from app.risk.limiting import open_limiting
from app.risk.limits.table import LIMITS, read_value
from app.risk.owners import Owner
from app.settings import Credential
from app.storage import Storage
from app.storage.upgrade import upgrade
from app.tiger.credential.quote_permissions import grab_permission
from app.tiger.sessions import Sessions
from app.tiger.trading.order_tickets import OrderTicket
from bench.campaign.services import running_simulator
from bench.order_cost import ACCOUNT, KEY, PLENTY, RESERVED, load_credential, measure

MOST_MILLISECONDS = 0.7
FREE = "without limits"
LIMITED = "with all limits"
ROOMY = {
    "max_order_value": 10**9,
    "max_order_quantity": 10**9,
    "max_position_value": 10**12,
    "max_open_orders": 10**6,
    "orders_per_minute": 10**6,
    "orders_per_day": 10**6,
    "value_per_day": 10**12,
    "max_daily_loss": 10**12,
    "price_band": 100,
    "symbols": "AAPL",
    "sec_types": "STK",
    "sides": "BUY",
    "hours": "regular",
}
"""Limits that let the order pass. Only reduce_only would not; what it has to know others have to know, too."""


def build_service(credential: Credential, folder: Path, *, has_limits: bool) -> Callable[[int], None]:
    """Return how the order service of a whole gateway places it, in this process."""
    settings = load_settings({"TIGER_REST_INSTANCE": str(folder), **PLENTY})
    storage = Storage(settings.gateway.database_url, settings.instance)
    upgrade(storage, settings.instance)
    sessions = Sessions(settings, [credential])
    trail = open_audit(settings, storage, [KEY.encode()]).trail
    limiting = open_limiting(settings, storage, lambda: sessions, trail)
    if has_limits:
        values = {name: read_value(LIMITS[name], said) for name, said in ROOMY.items()}
        for owner in (Owner.account(ACCOUNT), Owner.key("bench")):
            limiting.rows.change(owner, owner.id, values, by="bench")
        session = sessions.session(ACCOUNT)
        grab_permission(session, session.read_deadline())
    rules, recording = limiting.rules, Recording(trail)
    service = OrderService(settings, storage, gate=rules, witnesses=[rules], recording=recording)
    ticket = OrderTicket("AAPL", "BUY", "LMT", Decimal(1), limit_price=Decimal(5))

    def place(turn: int) -> None:
        requester = Requester("bench", "bench", "bench", f"turn-{turn}")
        answer = service.place(sessions.session(ACCOUNT), requester, ticket)
        if answer.error is not None:
            raise answer.error

    return place


def main() -> int:
    """Measure, print the table, and end with 1 where limits add more than they may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="tiger-rest-limit-cost-") as name:
        folder = Path(name)
        with running_simulator(folder / "tiger", 1, RESERVED) as simulator:
            credential = load_credential(simulator)
            ways = {way: build_service(credential, folder / way, has_limits=way == LIMITED) for way in (FREE, LIMITED)}
            taken = measure(ways, rounds)
    print(f"{'one order at a time, ms':<26}{'median':>9}{'p95':>9}")
    for way, times in taken.items():
        print(f"{way:<26}{statistics.median(times):>9.2f}{statistics.quantiles(times, n=20)[-1]:>9.2f}")
    added = statistics.median(taken[LIMITED]) - statistics.median(taken[FREE])
    print(f"all limits add {added:.2f} ms to the median")
    return 0 if added <= MOST_MILLISECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
