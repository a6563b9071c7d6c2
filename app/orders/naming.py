"""Which order a client means by an id: the global one, or the account's own number.

A number is asked about in the journal first. Tiger may give the number of a refused order to another program, whose
order must not be cancelled for ours.
"""

from app.errors import OrderNotFound
from app.orders.journal import Journal
from app.orders.placing import Placing
from app.orders.records import CommandRecord, Kind
from app.orders.states import RESOLVED
from app.storage.order_tables import order_commands
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_reads import fetch_order, fetch_requested_order
from app.tiger.trading.orders import Order

MOST_PLACEMENTS = 20
"""So many commands may have had the same number, all but one of them refused."""


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
        table = order_commands.c
        of_account = (table.account == account, table.kind == Kind.PLACE.value)
        by_id = self._journal.find(*of_account, table.order_id == requested, limit=1)
        if by_id or int(requested) >= 2**63:
            return by_id[0] if by_id else None
        numbered = self._journal.find(*of_account, table.order_number == int(requested), limit=MOST_PLACEMENTS)
        return max(numbered, key=lambda record: record.number_claim is not None, default=None)
