"""The traders of an institution send a key of their own with whatever is about an account."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from app.simulator.options import SimulatorOptions
from app.simulator.running import Simulator
from app.tiger.credential.user_tokens import fetch_renewed_token
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.assets import fetch_assets
from app.tiger.trading.order_commands import cancel, modify, reserve_order_number
from app.tiger.trading.order_reads import find_order
from app.tiger.trading.order_tickets import OrderChanges, OrderTicket
from app.tiger.trading.positions import fetch_positions
from tests.support.client import FIRST
from tests.tiger.opening import open_sessions
from tests.tiger.placing import place_ticket

SECRET = "planted-secret"  # noqa: S105 - of a simulator.


@pytest.fixture
def institution(tmp_path: Path) -> Iterator[Session]:
    """Give the session of an account whose requests must carry the key."""
    options = SimulatorOptions(folder=tmp_path, limit_scale=0, key_bits=1024, secret_key=SECRET)
    with Simulator.running(options) as simulator:
        yield open_sessions(simulator).session(FIRST)


def test_every_order_command_carries_the_secret_key(institution: Session) -> None:
    ticket = OrderTicket("AAPL", "BUY", "LMT", Decimal(1), limit_price=Decimal(5))
    deadline = Deadline.after(20)
    number = reserve_order_number(institution, deadline)
    placed = place_ticket(institution, ticket, number, "mark", deadline)
    changed = modify(institution, placed, OrderChanges(limit_price=Decimal(6)), deadline)
    cancelled = cancel(institution, changed, deadline)

    assert cancelled.order_id == placed.order_id
    assert find_order(institution, deadline, placed.order_id or "") is not None


def test_every_read_of_an_account_carries_the_secret_key(institution: Session) -> None:
    assert fetch_assets(institution)["account_id"] == FIRST
    assert fetch_positions(institution) is not None
    assert fetch_renewed_token(institution, Deadline.after(5))
