"""Whether each client had each event once and in order, or was told what is missing, and whether nothing was lost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.streaming.clients import StreamClient

ENDS = {"Filled": "filled", "Cancelled": "cancelled"}


@dataclass
class Verdict:
    """What was found; ``culprits`` say more of each fault."""

    events: int = 0
    told: int = 0
    gaps: int = 0
    doubled: int = 0
    disordered: int = 0
    missing: int = 0
    lost_orders: int = 0
    doubled_ends: int = 0
    lost_fills: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    culprits: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Tell whether nothing was lost, doubled or out of order."""
        return not (self.doubled or self.disordered or self.missing or self.lost_orders or self.lost_fills) and not (
            self.doubled_ends
        )


def get_verdict(
    clients: Sequence[StreamClient],
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    orders: Sequence[Mapping[str, Any]],
) -> Verdict:
    """Hold what clients were told against the rows, and the rows against what the simulator holds."""
    verdict = Verdict()
    for client in clients:
        _check_client(verdict, client, rows[client.account])
    for account, events in rows.items():
        verdict.events += len(events)
        verdict.sources.update(f"{event['topic']} by {event['source']}" for event in events)
        _compare_orders(verdict, events, [order for order in orders if str(order.get("account")) == account])
    return verdict


def _check_client(verdict: Verdict, client: StreamClient, rows: Sequence[Mapping[str, Any]]) -> None:
    verdict.told += len(client.numbers)
    verdict.gaps += len(client.gaps)
    counts = Counter(client.numbers)
    verdict.doubled += sum(count - 1 for count in counts.values())
    if client.numbers != sorted(client.numbers):
        verdict.disordered += 1
        verdict.culprits.append(f"a client of {client.account} was told events out of order")
    named: set[int] = set()
    for gap in client.gaps:
        if gap["from_number"] is not None:
            named |= set(range(gap["from_number"], gap["to_number"] + 1))
    first = client.first_number if client.first_number is not None else float("inf")
    for row in rows:
        if row["number"] > first and row["number"] not in counts and row["number"] not in named:
            verdict.missing += 1
            verdict.culprits.append(f"a client of {client.account} was not told {row['number']} {row['type']}")


def _compare_orders(verdict: Verdict, events: Sequence[Mapping[str, Any]], orders: Sequence[Mapping[str, Any]]) -> None:
    ends: Counter[tuple[str, str]] = Counter()
    filled: set[str] = set()
    for event in events:
        data = event["data"]
        if event["topic"] == "orders" and event["type"] in ENDS.values():
            ends[str(data["order_id"]), event["type"]] += 1
        elif event["topic"] == "transactions":
            filled.add(str(data["order_id"]))
    verdict.doubled_ends += sum(count - 1 for count in ends.values())
    for order in orders:
        its_id, end = str(order["id"]), ENDS.get(str(order["status"]))
        if end is not None and (its_id, end) not in ends:
            verdict.lost_orders += 1
            verdict.culprits.append(f"order {its_id} is {order['status']}, and no event says so")
        if order["status"] == "Filled" and its_id not in filled:
            verdict.lost_fills += 1
            verdict.culprits.append(f"order {its_id} was filled, and no execution was told")
