"""What became of each client order: what the simulator holds against what the client was told."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.campaign.clients import ClientOrder

ACCEPTED = 200
LIVING = frozenset({"Initial", "Submitted", "PartiallyFilled", "Filled"})


@dataclass(frozen=True)
class Verdict:
    """How many orders are as they must be, and how many are not; all but the first two and the counts must be 0."""

    orders: int
    exactly_one: int
    missing: int
    duplicated: int
    strangers: int
    wrong_id: int
    wrong_state: int
    told_as_failed: int
    without_final_answer: int
    answers: dict[str, int]
    most_tries: int
    replayed: int

    @property
    def is_good(self) -> bool:
        """Tell whether every order happened exactly once and was told so."""
        wrong = (self.missing, self.duplicated, self.strangers, self.wrong_id, self.wrong_state)
        return not any((*wrong, self.told_as_failed, self.without_final_answer))


def judge(orders: Sequence[ClientOrder], held: Sequence[dict[str, Any]]) -> Verdict:
    """Compare what the clients were told with what the simulator holds."""
    by_name: dict[tuple[str, float], list[dict[str, Any]]] = {}
    for document in held:
        name = (str(document["account"]), round(float(document["limitPrice"]), 2))
        by_name.setdefault(name, []).append(document)
    found = [by_name.pop((order.account, order.price), []) for order in orders]
    pairs = [(order, documents[0]) for order, documents in zip(orders, found, strict=True) if len(documents) == 1]
    answered = [(order, document) for order, document in pairs if order.last.status == ACCEPTED]
    return Verdict(
        orders=len(orders),
        exactly_one=len(pairs),
        missing=sum(not documents for documents in found),
        duplicated=sum(len(documents) > 1 for documents in found),
        strangers=sum(map(len, by_name.values())),
        wrong_id=sum(order.last.body["data"]["order_id"] != str(document["id"]) for order, document in answered),
        wrong_state=sum(not _agrees(order, document) for order, document in answered),
        told_as_failed=sum(
            _was_told_as_failed(order, documents) for order, documents in zip(orders, found, strict=True)
        ),
        without_final_answer=sum(order.last.status != ACCEPTED for order in orders),
        answers=dict(Counter(_name(reply.status, reply.body) for order in orders for reply in order.replies)),
        most_tries=max(order.tries for order in orders),
        replayed=sum(reply.is_replayed for order in orders for reply in order.replies),
    )


def _agrees(order: ClientOrder, document: dict[str, Any]) -> bool:
    """Tell whether the state that was told is one that this order has or had on its way."""
    told, is_filled = order.last.body["data"]["status"], document["status"] == "Filled"
    return told in LIVING and (is_filled or told not in {"Filled", "PartiallyFilled"})


def _was_told_as_failed(order: ClientOrder, documents: Sequence[dict[str, Any]]) -> bool:
    """Tell whether an order that existed was ever answered as rejected or as not placed."""
    for reply in order.replies:
        is_failure = reply.status >= 400
        if is_failure and any(int(document["openTime"]) <= reply.answered_at_ms for document in documents):
            return True
    return False


def _name(status: int, body: dict[str, Any]) -> str:
    return "connection broken" if status == 0 else f"{status} {body.get('code', 'accepted')}"
