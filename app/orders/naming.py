"""Which order a client means by an id: the global one, or the account's own number.

A number is asked about in the journal first. Tiger may give the number of a refused order to another program, whose
order must not be cancelled for ours.
"""

from typing import Final

from app.errors import OrderNotFound
from app.orders.journal import Journal
from app.orders.placing import Placing
from app.orders.records import CommandRecord
from app.orders.states import RESOLVED, State
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_reads import fetch_order, fetch_requested_order
from app.tiger.trading.orders import Order

DOUBTFUL: Final = frozenset({State.SENDING, State.UNKNOWN, State.ABSENT})
HIDDEN_MS: Final = 600_000
"""So long after it was placed an order that Tiger does not show is one that it does not show yet."""


class Naming:
    """Find the order that a client names."""

    def __init__(self, journal: Journal, placing: Placing) -> None:
        self._journal = journal
        self._placing = placing

    def fetch(self, session: Session, deadline: Deadline, requested: str) -> Order:
        """Return the order that a client names by either id; one that is both means the global id.

        Raises:
            OrderNotFound: This account has no such order, as far as Tiger shows.
            GatewayError: Tiger could not be asked, or its answer proves nothing.
        """
        placement = self.find_placement(session.account.account, requested)
        if placement is None:
            return fetch_requested_order(session, deadline, requested)
        if placement.order_id is not None:
            return fetch_order(session, deadline, order_id=int(placement.order_id))
        order = None if placement.state in RESOLVED else self._placing.find(session, placement, deadline)
        if order is None:
            raise OrderNotFound("This account has no order with that id.")
        return order

    def find_placement(self, account: str, requested: str) -> CommandRecord | None:
        """Return the placement that a client may mean: by its id, else that which has or had the number."""
        placements = self._journal.find_placements(account, requested)
        by_id = next((placement for placement in placements if placement.order_id == requested), None)
        # Of several that had a number the one that holds it, all others having been refused.
        return by_id or max(placements, key=lambda placement: placement.number_claim is not None, default=None)

    def find_doubtful_placement(self, account: str, requested: str, tiger_now: int | None) -> CommandRecord | None:
        """Return the placement known by this number or id whose order Tiger may have without showing it yet."""
        return next(
            (
                placement
                for placement in self._journal.find_placements(account, requested)
                if placement.state in DOUBTFUL
                or (placement.state is State.ACCEPTED and placement.get_age_ms(tiger_now) < HIDDEN_MS)
            ),
            None,
        )
