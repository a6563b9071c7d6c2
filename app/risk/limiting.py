"""The limits of one gateway as a whole: their rows, the gate that goes by them, and what is told of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from app.audit.trail import Trail
from app.leadership import Term
from app.orders.journal_reader import JournalReader
from app.risk.limit_gate import LimitRules
from app.risk.limit_inputs import InputReader
from app.risk.limit_report import LimitReport
from app.risk.limit_rows import LimitRows
from app.risk.market_inputs import MarketInputs
from app.risk.use_rows import UseRows
from app.settings import Settings
from app.storage.engine import Storage
from app.tiger.sessions import Sessions

PURGE_SECONDS: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Limiting:
    """What a gateway has of limits; ``rules`` are a gate of its orders and a witness of their rows."""

    rows: LimitRows
    uses: UseRows
    rules: LimitRules
    report: LimitReport

    def purge(self, _term: Term) -> None:
        """Delete what nobody reads any more of what orders took: the leader's job."""
        self.uses.purge()


def open_limiting(
    settings: Settings,
    storage: Storage,
    fetch_sessions: Callable[[], Sessions],
    trail: Trail | None = None,
    count_refusal: Callable[[str, str], None] = lambda _limit, _of: None,
) -> Limiting:
    """Return the limits that lie in a database; days are those of ``gateway.timezone``.

    Args:
        settings: Those of the gateway.
        storage: The database.
        fetch_sessions: Gives sessions for what is refreshed while nobody waits.
        trail: Where changes are recorded.
        count_refusal: Counts each limit that did not let an order pass, by its name and whose it is.
    """
    zone = ZoneInfo(settings.gateway.timezone)
    rows = LimitRows(storage, trail)
    uses = UseRows(storage, rows)
    inputs = MarketInputs(uses, fetch_sessions)
    rules = LimitRules(rows, uses, InputReader(inputs, JournalReader(storage)), zone, count_refusal)
    return Limiting(rows, uses, rules, LimitReport(rows, inputs, zone))
