"""What Tiger tells of prime and paper accounts alone is refused for a global one, before anybody is asked."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.errors import InvalidRequest
from app.settings import Account, Credential, Settings
from app.tiger.instrument import Instrument
from app.tiger.sessions import Session, Sessions
from app.tiger.trading.cash_movements import MovementFilter, fetch_cash_movements
from app.tiger.trading.performance import fetch_performance
from app.tiger.trading.tradable_quantity import QuantityQuestion, fetch_tradable_quantity
from app.tiger.trading.transactions import TransactionFilter, fetch_transactions

GLOBAL = "U1234567"
DAY = date(2026, 10, 1)
READERS: dict[str, Callable[[Session], Any]] = {
    "quantities": lambda session: fetch_tradable_quantity(session, QuantityQuestion(Instrument("AAPL"), "BUY", "MKT")),
    "executions": lambda session: fetch_transactions(
        session, TransactionFilter(), limit=1, page_token=None, deadline=session.read_deadline()
    ),
    "performance": lambda session: fetch_performance(session, DAY, DAY, "SEC"),
    "movements": lambda session: fetch_cash_movements(session, MovementFilter(), limit=1, page_token=None),
}


@pytest.mark.parametrize("subject", READERS)
def test_a_global_account_is_refused_by_name(subject: str) -> None:
    account = Account(GLOBAL, "10", "live", "TBHK", "default")
    credential = Credential("default", Path(), "10", "TBHK", "key", "http://127.0.0.1:9", (account,))

    with pytest.raises(InvalidRequest, match="prime and paper accounts") as refused:
        READERS[subject](Sessions(Settings(instance=Path()), [credential]).session(GLOBAL))

    assert set(refused.value.details or {}) == {"account"}
