"""The gateway with its safety taken out, to show that the campaign finds what that safety prevents.

An order is placed without a reserved number and without a mark, and whatever leaves its outcome open is told as a
failure, as gateways do that know no better.
"""

import itertools
import os
import time
from typing import cast

from app import create_app
from app.errors import GatewayError
from app.orders import context, service
from app.orders.numbers import OrderNumbers
from app.orders.placing import Placing, get_result
from app.orders.records import CommandRecord
from app.orders.results import CommandResult
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import place

_counter = itertools.count()


class Careless(Placing):
    """Place without reservation, believe every failure, and never look."""

    def send(self, record: CommandRecord, deadline: Deadline) -> CommandResult:
        """Place the order; Tiger chooses the number."""
        try:
            order = place(self._session, self.prepare(deadline), cast("int", None), None, deadline)
        except GatewayError as error:
            error.in_doubt = False
            raise
        return get_result(record, order)

    def look(self, record: CommandRecord, deadline: Deadline) -> CommandResult | None:  # noqa: ARG002
        """See nothing."""
        return None


def _take_number(_numbers: OrderNumbers, _session: Session) -> int:
    """Return a number that no order is placed under; the row wants one."""
    return time.time_ns() // 1_000 * 1_000 + os.getpid() % 1_000 + next(_counter) * 1_000


service.Placing = context.Placing = Careless  # type: ignore[attr-defined]
OrderNumbers.take = _take_number  # type: ignore[method-assign, assignment]
app = create_app()
