"""What became of each client order: what the simulator holds against what the client was told."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from bench.campaign.asking import ACCEPTED, FINAL, Reply
from bench.campaign.orders import CHANGED_QUANTITY, SURE, Amendment, ClientOrder, Name
from bench.campaign.positions import CANCELLED_SYMBOLS, CLOSED_SYMBOLS
from bench.campaign.strangers import Strangers

PARTLY = "PartiallyFilled"
LIVING = frozenset({"Initial", "Submitted", PARTLY, "Filled"})
REFUSED = frozenset({"Invalid", "Inactive"})
ALREADY_CANCELLED = "already cancelled"
OTHERS = frozenset(CLOSED_SYMBOLS + CANCELLED_SYMBOLS)
STOCK = "STK"
ACCEPTED_FOR_MS = 5_000
"""So long after Tiger refused an order that it had taken, a client may still be told that it was accepted."""

Document = dict[str, Any]
Held = Mapping[Name, Sequence[Document]]


@dataclass(frozen=True)
class Faults:
    """How many orders are not as they must be: all must be 0."""

    no_order_at_tiger: int
    several_orders_at_tiger: int
    orders_nobody_asked_for: int
    existing_told_as_failed: int
    refused_told_as_accepted: int
    expired_told_as_refused: int
    strangers_told: int
    strangers_touched: int
    changed_other_than_told: int
    without_final_answer: int
    told_with_a_wrong_id: int
    told_with_a_wrong_state: int

    def to_rows(self) -> list[tuple[str, int]]:
        """Return what each count is called, and the count."""
        return [(item.name.replace("_", " "), getattr(self, item.name)) for item in fields(self)]


@dataclass(frozen=True)
class Verdict:
    """What a campaign came to."""

    faults: Faults
    orders: int
    exactly_one: int
    refused: int
    strangers: int
    answers: Mapping[str, int]
    replayed: int
    most_tries: int
    kinds: Mapping[str, int]
    culprits: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Tell whether every order happened exactly once and was told so."""
        return not any(count for _, count in self.faults.to_rows())


def get_verdict(orders: Sequence[ClientOrder], documents: Sequence[Document], strangers: Strangers) -> Verdict:
    """Compare what the clients were told with what the simulator holds."""
    held: dict[Name, list[Document]] = {}
    for document in documents:
        if document["symbol"] not in OTHERS and not document.get("parentId"):
            held.setdefault(get_name(document), []).append(document)
    found = [
        Found(order, held.get(order.name, []), held.get(order.partner, []) if order.partner else []) for order in orders
    ]
    asked = {name for order in orders for name in (order.name, order.partner) if name is not None}
    nobodys = sum(len(held[name]) for name in held if name not in asked and not strangers.owns(name))
    their_ids = {str(document["id"]) for name in held if strangers.owns(name) for document in held[name]}
    wrong = {
        "no_order_at_tiger": [one for one in found if one.is_missing],
        "several_orders_at_tiger": [one for one in found if one.is_several],
        "existing_told_as_failed": [one for one in found if one.was_told_as_failed],
        "refused_told_as_accepted": [one for one in found if one.was_told_as_accepted],
        "expired_told_as_refused": [one for one in found if one.is_expiry_told_as_refusal],
        "strangers_told": [one for one in found if not their_ids.isdisjoint(one.list_told_ids())],
        "changed_other_than_told": [one for one in found if one.is_changed_other_than_told],
        "without_final_answer": [one for one in found if not one.has_final_answer],
        "told_with_a_wrong_id": [one for one in found if one.was_told_with_a_wrong_id],
        "told_with_a_wrong_state": [one for one in found if one.was_told_with_a_wrong_state],
    }
    replies = [reply for order in orders for reply in [*order.replies, *order.amendment_replies]]
    return Verdict(
        Faults(
            orders_nobody_asked_for=nobodys,
            strangers_touched=strangers.count_touched(held),
            **{name: len(culprits) for name, culprits in wrong.items()},
        ),
        orders=len(orders),
        exactly_one=sum(len(one.documents) == 1 for one in found),
        refused=sum(not one.living for one in found),
        strangers=strangers.count_placed(),
        answers=dict(Counter(reply.name for reply in replies)),
        replayed=sum(reply.is_replayed for reply in replies),
        most_tries=max(len(order.replies) for order in orders),
        kinds=Counter(order.kind_name for order in orders),
        culprits={name: [one.describe() for one in culprits] for name, culprits in wrong.items() if culprits},
    )


def get_name(document: Document) -> Name:
    """Return what tells an order from all others."""
    account, order_type = str(document["account"]), str(document["orderType"])
    if document["secType"] != STOCK:
        order_type = f"{document['secType']} {order_type}"
    for name in ("limitPrice", "auxPrice", "totalCashAmount"):
        if document.get(name):
            return account, order_type, round(float(document[name]), 4)
    return account, order_type, round(document["totalQuantity"] / 10 ** document["totalQuantityScale"], 4)


@dataclass(frozen=True)
class Found:
    """A client's order, the documents that Tiger has for it, and those of its partner."""

    order: ClientOrder
    documents: Sequence[Document]
    partners: Sequence[Document] = ()

    @property
    def living(self) -> list[Document]:
        """Return those that Tiger did not refuse after it had taken them."""
        return [
            document
            for document in self.documents
            if document["status"] not in REFUSED or document.get("filledQuantity")
        ]

    @property
    def last_words(self) -> list[Reply]:
        """Return what counts in the end: order-status, and the answer to a repeat."""
        return [reply for reply in (self.order.told, self.order.repeat) if reply is not None]

    @property
    def is_missing(self) -> bool:
        """Tell whether nothing exists of what has to, or of what was told as accepted."""
        return not self.documents and not self.partners and (self.order.must_exist or self.order.was_accepted)

    @property
    def is_several(self) -> bool:
        """Tell whether it, or its partner, was placed more than once."""
        return len(self.documents) > 1 or len(self.partners) > 1

    @property
    def was_told_as_failed(self) -> bool:
        """Tell whether an order that existed was answered as not placed, or one that exists stands as such."""
        if not self.living:
            return False
        opened_at = min(int(document["openTime"]) for document in self.living)
        order = self.order
        told_early = any(reply.is_failure and opened_at <= reply.answered_at_ms for reply in order.replies)
        gave_up = order.is_hasty and order.last.is_failure
        return told_early or gave_up or any(_says(reply, "denied", "rejected", "absent") for reply in self.last_words)

    @property
    def was_told_as_accepted(self) -> bool:
        """Tell whether an order that Tiger refused, or never had, stands as accepted."""
        if self.living:
            return False
        refused_at = max((int(document["updateTime"]) for document in self.documents), default=0)
        told_late = any(
            reply.status == ACCEPTED and reply.answered_at_ms > refused_at + ACCEPTED_FOR_MS
            for reply in self.order.replies
        )
        return told_late or any(_says(reply, "accepted", "unknown") for reply in self.last_words)

    @property
    def is_expiry_told_as_refusal(self) -> bool:
        """Tell whether an order that ran out is said to have been refused."""
        return self.order.expired is not None and not _says(self.order.expired, "accepted")

    @property
    def has_final_answer(self) -> bool:
        """Tell whether everybody got one in the end, and a patient client of what Tiger takes before that."""
        order = self.order
        is_answered = all(reply.status in FINAL for reply in self.last_words)
        if order.is_hasty:
            return is_answered
        is_final = order.wish not in SURE or order.was_accepted
        last = order.last_of_amendment
        is_amended = last is None or _was_carried_out(last)
        return is_answered and is_final and is_amended

    @property
    def was_told_with_a_wrong_id(self) -> bool:
        """Tell whether an answer names another order than the one that exists."""
        ids = {str(document["id"]) for document in (*self.documents, *self.partners)}
        return bool(ids) and not self.list_told_ids() <= ids

    @property
    def was_told_with_a_wrong_state(self) -> bool:
        """Tell whether a state that was told is none that this order has or had on its way."""
        if not self.order.was_accepted or not self.living:
            return False
        told, document = self.order.last.data["status"], self.living[0]
        is_filled, has_fills = document["status"] == "Filled", bool(document["filledQuantity"])
        return told not in LIVING or (told == "Filled" and not is_filled) or (told == PARTLY and not has_fills)

    @property
    def is_changed_other_than_told(self) -> bool:
        """Tell whether a cancellation or change was carried out without being told, or not and told."""
        may_end = self.order.kind is not None and self.order.kind.may_end
        if len(self.living) != 1 or not self.order.must_exist or may_end:
            return False
        document, amendment = self.living[0], self.order.amendment
        last = self.order.last_of_amendment
        was_done = last is not None and _was_carried_out(last)
        is_open_question = last is not None and last.status not in FINAL
        is_cancelled = document["status"] == "Cancelled"
        is_modified = document.get("totalQuantity") == CHANGED_QUANTITY and document["orderType"] == "LMT"
        wanted = (
            was_done and amendment is Amendment.CANCEL,
            was_done and amendment is Amendment.MODIFY,
        )
        return not is_open_question and (is_cancelled, is_modified) != wanted

    def list_told_ids(self) -> set[str]:
        """Return every order id that any answer told."""
        replies = [*self.order.replies, *self.order.amendment_replies, *self.last_words]
        return {str(reply.data["order_id"]) for reply in replies if reply.data.get("order_id")}

    def describe(self) -> str:
        """Return what helps to find out what went wrong."""
        order = self.order
        held = [f"{document['id']} {document['status']}" for document in (*self.documents, *self.partners)]
        replies = [_describe(reply) for reply in order.replies]
        amended = [_describe(reply) for reply in order.amendment_replies]
        words = [f"{reply.name} {reply.data.get('outcome')}" for reply in self.last_words]
        temper = "hasty" if order.is_hasty else "patient"
        wanted = f"{order.idempotency_key} {temper} {order.wish.value} {order.kind_name} {order.name}"
        return f"{wanted}: {replies}; {amended}; {words}; {held}"


def _says(reply: Reply, *outcomes: str) -> bool:
    """Tell whether an answer to order-status, or to a repeat, tells one of these outcomes."""
    if "outcome" in reply.data:
        return reply.data["outcome"] in outcomes
    if reply.status == ACCEPTED:
        return "accepted" in outcomes
    return reply.is_failure and "denied" in outcomes


def _was_carried_out(reply: Reply) -> bool:
    """Tell whether a change is told as done; a cancellation that could not be written down is told so by its repeat."""
    return reply.status == ACCEPTED or ALREADY_CANCELLED in str(reply.body.get("error"))


def _describe(reply: Reply) -> str:
    said = f": {reply.body['error']}" if reply.is_failure and "error" in reply.body else ""
    return f"{reply.answered_at_ms} {reply.name}{said}"
