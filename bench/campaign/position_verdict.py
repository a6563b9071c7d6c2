"""What became of positions, of symbols whose orders were all cancelled, and of what was attached to orders."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from bench.campaign.asking import FINAL, Reply
from bench.campaign.orders import ClientOrder
from bench.campaign.positions import HELD, ClientCancelling, ClientClose, is_accepted

Document = dict[str, Any]
REFUSED = frozenset({"Invalid", "Inactive"})
ENDED = frozenset({"Cancelled", "Filled"}) | REFUSED
CHILDREN = 2


@dataclass(frozen=True)
class PositionFaults:
    """How many things are not as they must be: all must be 0."""

    closings_nobody_was_told_of: int
    closings_lost: int
    positions_turned_round: int
    closings_told_wrong: int
    closings_without_final_answer: int
    orders_told_as_cancelled_and_open: int
    cancellings_without_end: int
    orphan_legs: int
    legs_told_wrong: int

    def to_rows(self) -> list[tuple[str, int]]:
        """Return what each count is called, and the count."""
        return [(item.name.replace("_", " "), getattr(self, item.name)) for item in fields(self)]


@dataclass(frozen=True)
class PositionVerdict:
    """What the closings came to, and a few words about what is wrong."""

    faults: PositionFaults
    outcomes: Counter[str]
    culprits: Sequence[str] = field(default_factory=tuple)

    @property
    def is_good(self) -> bool:
        """Tell whether everything is as it must be."""
        return not any(count for _, count in self.faults.to_rows())


def get_position_verdict(
    closes: Sequence[ClientClose],
    cancellings: Sequence[ClientCancelling],
    orders: Sequence[ClientOrder],
    documents: Sequence[Document],
) -> PositionVerdict:
    """Compare what the clients were told with what the simulator holds."""
    positions = {(close.account, close.symbol) for close in closes}
    held = [document for document in documents if get_place(document) in positions and _is_living(document)]
    accepted = [close for close in closes if is_accepted(close)]
    told_ids = {str(close.told.data["order_id"]) for close in accepted if close.told is not None}
    ids = {str(document["id"]) for document in held}
    sold: Counter[tuple[str, str]] = Counter()
    for document in held:
        sold[get_place(document)] += get_filled(document)
    wrong = [close for close in closes if _is_told_wrong(close)]
    unanswered = [close for close in closes if close.replies[-1].status not in FINAL]
    open_places = {get_place(document) for document in documents if document["status"] not in ENDED}
    open_ones = [
        each
        for each in cancellings
        if each.is_told_as_done and each.knows_its_orders and (each.account, each.symbol) in open_places
    ]
    endless = [each for each in cancellings if not each.is_told_as_done]
    orphans, misnamed = find_wrong_legs(orders, documents)
    faults = PositionFaults(
        closings_nobody_was_told_of=len(ids - told_ids),
        closings_lost=len(told_ids - ids),
        positions_turned_round=sum(quantity > HELD for quantity in sold.values()),
        closings_told_wrong=len(wrong),
        closings_without_final_answer=len(unanswered),
        orders_told_as_cancelled_and_open=len(open_ones),
        cancellings_without_end=len(endless),
        orphan_legs=len(orphans),
        legs_told_wrong=len(misnamed),
    )
    culprits = [f"{close.idempotency_key}: {[reply.name for reply in close.replies]}" for close in wrong + unanswered]
    culprits += [f"{each.idempotency_key}: {[reply.name for reply in each.replies]}" for each in open_ones + endless]
    culprits += [f"leg {each}" for each in [*orphans, *misnamed]]
    culprits += [f"nobody was told of {each}" for each in ids - told_ids] + [f"lost {each}" for each in told_ids - ids]
    return PositionVerdict(faults, Counter(close.replies[-1].name for close in closes), culprits)


def find_wrong_legs(orders: Sequence[ClientOrder], documents: Sequence[Document]) -> tuple[list[str], list[str]]:
    """Return the attached orders without what they belong to, and those that a client was told wrongly of."""
    children: dict[str, list[Document]] = {}
    for document in documents:
        if document.get("parentId"):
            children.setdefault(str(document["parentId"]), []).append(document)
    parents = {str(document["id"]): document for document in documents}
    orphans = [parent for parent in children if parent not in parents]
    for parent, legs in children.items():
        ended = parent in parents and parents[parent]["status"] in {"Cancelled", *REFUSED}
        if len(legs) != CHILDREN or (ended and any(leg["status"] not in ENDED for leg in legs)):
            orphans.append(parent)
    brackets = [order for order in orders if order.is_bracket and order.was_accepted]
    orphans += [
        str(order.last.data["order_id"])
        for order in brackets
        if _is_living(parents.get(str(order.last.data["order_id"]), {}))
        and str(order.last.data["order_id"]) not in children
    ]
    misnamed = [
        f"{reply.data.get('order_id')}: {sorted(named)}"
        for order in brackets
        for reply in _list_replies(order)
        if (named := {str(leg["order_id"]) for leg in reply.data.get("related_orders", ())})
        and not named <= {str(leg["id"]) for leg in children.get(str(reply.data.get("order_id")), ())}
    ]
    return orphans, misnamed


def get_place(document: Document) -> tuple[str, str]:
    """Return the account and the symbol of an order."""
    return str(document["account"]), str(document["symbol"])


def get_filled(document: Document) -> int:
    """Return how many of an order are filled."""
    return int(document["filledQuantity"] / 10 ** document["filledQuantityScale"])


def _is_living(document: Document) -> bool:
    return bool(document) and (document["status"] not in REFUSED or bool(document.get("filledQuantity")))


def _is_told_wrong(close: ClientClose) -> bool:
    """Tell whether an answer contradicts what stands in the end."""
    told = close.told
    final_id = told.data.get("order_id") if told is not None and is_accepted(close) else None
    names_another = any(reply.status == 200 and reply.data.get("order_id") != final_id for reply in close.replies)
    return names_another or (final_id is not None and close.replies[-1].is_failure)


def _list_replies(order: ClientOrder) -> list[Reply]:
    return [reply for reply in (*order.replies, order.repeat) if reply is not None and reply.data]
