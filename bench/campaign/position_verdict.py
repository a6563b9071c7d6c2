"""What became of positions, and of symbols whose orders were all cancelled; what came with orders beside them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from bench.campaign.asking import FINAL
from bench.campaign.legs import find_wrong_legs
from bench.campaign.orders import ClientOrder
from bench.campaign.positions import HELD, ClientCancelling, ClientClose, is_accepted

Document = dict[str, Any]
REFUSED = frozenset({"Invalid", "Inactive"})
ENDED = frozenset({"Cancelled", "Filled"}) | REFUSED


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
