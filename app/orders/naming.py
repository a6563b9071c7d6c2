"""Which order a client means by an id: the global one, or the account's own number.

A number is asked about in the journal first. Tiger may give the number of a refused order to another program, whose
order must not be cancelled for ours.
"""

import re
from collections.abc import Sequence
from typing import Final

from app.errors import OrderNotFound
from app.orders.journal_reader import JournalReader
from app.orders.matching import find_placed
from app.orders.records import MARK_PREFIX, CommandRecord
from app.orders.states import RESOLVED, State
from app.tiger.deadline import Deadline
from app.tiger.order_kinds import ATTACHED
from app.tiger.sessions import Session
from app.tiger.trading.order_reads import fetch_requested_order, find_order
from app.tiger.trading.orders import Order

OWN_MARK: Final = re.compile(MARK_PREFIX + "[0-9a-f]{20}")
DOUBTFUL: Final = frozenset({State.SENDING, State.UNKNOWN, State.ABSENT})
HIDDEN_MS: Final = 600_000
"""So long after it was placed an order that Tiger does not show is one that it does not show yet."""


def fetch_named(session: Session, journal: JournalReader, requested: str, deadline: Deadline) -> Order:
    """Return the order that a client names by either id; one that is both means the global id.

    Raises:
        OrderNotFound: This account has no such order, as far as Tiger shows.
        GatewayError: Tiger could not be asked, or its answer proves nothing.
    """
    placement = find_placement(journal, session.account.account, requested)
    if placement is None:
        return fetch_requested_order(session, deadline, requested)
    if placement.order_id is not None:
        order = find_order(session, deadline, placement.order_id)
    else:
        order = None if placement.state in RESOLVED else find_placed(session, placement, deadline)[0]
    if order is None:
        raise OrderNotFound("This account has no order with that id.")
    return order


def find_attached_roles(journal: JournalReader, account: str, requested: str) -> Sequence[str]:
    """Return as what orders may be attached to the one that a client names: those it was placed with, or any."""
    placement = find_placement(journal, account, requested)
    placed_with = [] if placement is None else [role for role in placement.ticket.roles if role in ATTACHED]
    return placed_with or ATTACHED


def fetch_marked(session: Session, requested: str, deadline: Deadline) -> Order:
    """Return the same while the journal cannot be read: an order named by its global id, or the gateway's own.

    Raises:
        OrderNotFound: A number is no order's of the gateway: one that was refused may be another program's by now.
    """
    order = fetch_requested_order(session, deadline, requested)
    if order.order_id != requested and not OWN_MARK.fullmatch(order.user_mark or ""):
        raise OrderNotFound("No order of the gateway has that number.")
    return order


def find_placement(journal: JournalReader, account: str, requested: str) -> CommandRecord | None:
    """Return the placement that a client may mean: by its id, else that which has or had the number."""
    placements = journal.find_placements(account, requested)
    by_id = next((placement for placement in placements if placement.order_id == requested), None)
    # Of several that had a number the one that holds it, all others having been refused.
    return by_id or max(placements, key=lambda placement: placement.number_claim is not None, default=None)


def find_hidden_placement(
    journal: JournalReader, account: str, requested: str, tiger_now: int | None
) -> CommandRecord | None:
    """Return the placement known by this number or id whose order Tiger may have without showing it yet."""
    for placement in journal.find_placements(account, requested):
        is_fresh = placement.state is State.ACCEPTED and placement.get_age_ms(tiger_now) < HIDDEN_MS
        if is_fresh or placement.state in DOUBTFUL:
            return placement
    return None
