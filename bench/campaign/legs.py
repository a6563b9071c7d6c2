"""What came with orders: what is attached to them, and the partner of which one fill ends the other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.campaign.orders import ClientOrder, Name
from bench.campaign.verdict import OTHERS, REFUSED, get_name

Document = dict[str, Any]
ENDED = frozenset({"Cancelled", "Filled"}) | REFUSED
PAIR = 2


def find_wrong_legs(orders: Sequence[ClientOrder], documents: Sequence[Document]) -> tuple[list[str], list[str]]:
    """Return the orders that lack what they belong to, or belongs to them, and what a client was told wrongly of it."""
    documents = [document for document in documents if document["symbol"] not in OTHERS]
    named = {order.name: order for order in orders}
    children: dict[str, list[Document]] = {}
    for document in documents:
        if document.get("parentId"):
            children.setdefault(str(document["parentId"]), []).append(document)
    parents = {str(document["id"]): document for document in documents}
    orphans = [parent for parent, legs in children.items() if _is_incomplete(parents.get(parent), legs, named)]
    orphans += [
        parent
        for parent, document in parents.items()
        if not document.get("parentId")
        and _is_living(document)
        and (order := named.get(get_name(document))) is not None
        and order.attached
        and parent not in children
    ]
    groups, alone = _read_pairs(orders, documents)
    misnamed = [
        f"{order_id}: {sorted(told)}"
        for order in orders
        for order_id, told in _list_told(order)
        if not told <= {str(leg["id"]) for leg in children.get(order_id, ())} | groups.get(order_id, set()) - {order_id}
    ]
    misnamed += [order.idempotency_key for order in orders if _misses_what_exists(order, children, groups)]
    return orphans + alone, misnamed


def _is_incomplete(parent: Document | None, legs: Sequence[Document], named: Mapping[Name, ClientOrder]) -> bool:
    """Tell whether legs have no parent, are not as many as were asked for, or have outlived it."""
    if parent is None:
        return True
    order = named.get(get_name(parent))
    has_outlived = parent["status"] in {"Cancelled", *REFUSED} and any(leg["status"] not in ENDED for leg in legs)
    return order is None or len(legs) != order.attached or has_outlived


def _read_pairs(orders: Sequence[ClientOrder], documents: Sequence[Document]) -> tuple[dict[str, set[str]], list[str]]:
    """Return the ids of each pair by the id of either, and those that are no pair, unless a client was told so."""
    named = {name: order for order in orders if order.partner for name in (order.name, order.partner)}
    members: dict[Any, list[Document]] = {}
    for document in documents:
        if not document.get("parentId") and (document.get("ocaGroupId") or get_name(document) in named):
            members.setdefault(document.get("ocaGroupId") or document["id"], []).append(document)
    groups = {str(one["id"]): {str(each["id"]) for each in group} for group in members.values() for one in group}
    alone = [
        str(group[0]["id"])
        for group in members.values()
        if len(group) != PAIR and not _is_told_as_missing(named.get(get_name(group[0])))
    ]
    return groups, alone


def _is_told_as_missing(order: ClientOrder | None) -> bool:
    """Tell whether a client was told that Tiger does not show all that came with its order."""
    return order is not None and any(reply.data.get("missing_orders") for reply in order.replies)


def _misses_what_exists(
    order: ClientOrder, children: Mapping[str, Sequence[Document]], groups: Mapping[str, set[str]]
) -> bool:
    """Tell whether order-status says in the end, when nothing is hidden any more, that something is missing."""
    shown = order.told.data.get("order") if order.told is not None else None
    if not shown or not shown.get("missing_orders"):
        return False
    order_id = str(shown["order_id"])
    return len(children.get(order_id, ())) == order.attached and (
        order.partner is None or len(groups.get(order_id, ())) == PAIR
    )


def _list_told(order: ClientOrder) -> Iterator[tuple[str, set[str]]]:
    """Return what each answer says came with the order, by the id that it told."""
    for reply in (*order.replies, order.repeat):
        if reply is not None and reply.data.get("related_orders"):
            yield str(reply.data.get("order_id")), {str(leg["order_id"]) for leg in reply.data["related_orders"]}


def _is_living(document: Document) -> bool:
    return document["status"] not in REFUSED or bool(document.get("filledQuantity"))
