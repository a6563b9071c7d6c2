"""Compare an account with what was last told of it: whatever differs becomes events.

Tiger's push has neither numbers nor a replay. After every doubt, such as a new connection, the truth is read again.
"""

from collections.abc import Iterable
from typing import Any, Final

from app.clock import get_now_ms
from app.errors import InvalidRequest, TooMuchToSearch
from app.events.event_log import EventLog, Head
from app.events.events import Source
from app.events.recorder import Recorder
from app.events.sightings import Sighting
from app.events.tiger_sightings import see_closed_position, see_fill, see_order, see_position, see_segment
from app.events.told_states import ToldStates
from app.orders.journal_reader import JournalReader
from app.tiger.deadline import Deadline
from app.tiger.instrument_filter import ANY
from app.tiger.sessions import Session
from app.tiger.trading.account_kinds import is_global
from app.tiger.trading.assets import fetch_assets
from app.tiger.trading.open_orders import fetch_changed_orders
from app.tiger.trading.positions import ALL_TYPES, LONGEST_PAUSE_SECONDS, fetch_positions
from app.tiger.trading.transactions import TransactionFilter, fetch_transactions

LATE_MS: Final = 60_000
"""So much later than it changed an order may come to be listed."""
KNOWN_MS: Final = 3_600_000
"""What changed so long before the last comparison was told, or noted, by then."""
ORDERS_SECONDS: Final = 30.0
"""For the orders, over however many of Tiger's pages they are: no client waits for it."""
FILLS_AT_ONCE: Final = 1_000
MOST_FILLS: Final = 20_000
UNSURE_MS: Final = 5_000
"""Positions and balances may follow an order, and a push of them, so much later."""


class Comparison:
    """Read an account by REST and record what is news."""

    def __init__(self, log: EventLog, told: ToldStates, recorder: Recorder, journal: JournalReader) -> None:
        self._log = log
        self._told = told
        self._recorder = recorder
        self._journal = journal

    def run(self, session: Session, head: Head) -> int:
        """Compare everything, and return how many events that made.

        Raises:
            GatewayError: Tiger or the database could not be asked; what was found by then is told.
        """
        began_at = session.tiger_now or get_now_ms()
        count = self.compare_orders(session, head)
        count += self._compare_fills(session, head)
        is_first = head.compared_at is None
        count += self._record(session, self._see_positions(session, began_at - UNSURE_MS), is_quiet=is_first)
        count += self._record(session, _see_assets(session, began_at - UNSURE_MS), is_quiet=is_first)
        self._log.note([head.account], compared_at=began_at)
        return count

    def compare_orders(self, session: Session, head: Head) -> int:
        """Compare the orders alone, which costs one call where little has changed."""
        orders = fetch_changed_orders(session, ANY, _get_start(head), Deadline.after(ORDERS_SECONDS))
        seen = [sighting for order in orders if (sighting := see_order(order)) is not None]
        seen.sort(key=lambda each: each.moment or 0)
        return self._record(session, seen, quietly_before_ms=_get_quiet_end(head))

    def _compare_fills(self, session: Session, head: Head) -> int:
        rows: list[dict[str, Any]] = []
        wanted, token = TransactionFilter(start_ms=_get_start(head)), None
        try:
            while True:
                page = fetch_transactions(
                    session, wanted, limit=FILLS_AT_ONCE, page_token=token, deadline=session.read_deadline()
                )
                rows += page["transactions"]
                token = page["next_page_token"]
                if token is None:
                    break
                if len(rows) > MOST_FILLS:
                    raise TooMuchToSearch("The account has more executions than can be searched at once.")
        except InvalidRequest:
            # Legacy global accounts have no list of executions: their orders say what was filled.
            if not is_global(session):
                raise
            return 0
        rows.sort(key=lambda row: row["transaction_time"] or 0)
        return self._record(session, map(see_fill, rows), quietly_before_ms=_get_quiet_end(head))

    def _see_positions(self, session: Session, moment: int) -> list[Sighting]:
        held = self._told.fetch_held(session.account.account)
        # A type that is not asked for would look like one of which nothing is held any more.
        asked = {name.partition(":")[0] for name in held}
        asked |= self._journal.find_ordered_types(session.account.account, LONGEST_PAUSE_SECONDS)
        found = fetch_positions(session, ALL_TYPES, ordered=asked)
        seen: list[Sighting] = [see_position(row, moment) for row in found["positions"]]
        shown = {each.subject.partition(":")[2] for each in seen}
        unasked = {row["sec_type"] for row in found.get("missing", ())}
        gone = (name for name in held - shown if name.partition(":")[0] not in unasked)
        return [*seen, *(see_closed_position(name, moment) for name in sorted(gone))]

    def _record(
        self,
        session: Session,
        seen: Iterable[Sighting],
        *,
        is_quiet: bool = False,
        quietly_before_ms: int | None = None,
    ) -> int:
        before = get_now_ms() if is_quiet else quietly_before_ms
        return self._recorder.record(session.account.account, list(seen), Source.POLL, quietly_before_ms=before)


def _see_assets(session: Session, moment: int) -> list[Sighting]:
    segments = fetch_assets(session)["segments"]
    return [seen for segment in segments if (seen := see_segment(segment, moment)) is not None]


def _get_start(head: Head) -> int:
    """Return since when an account may have changed without our knowledge."""
    return max(head.compared_at or 0, head.watched_since) - LATE_MS


def _get_quiet_end(head: Head) -> int:
    """Return the moment before which whatever is not known was told long ago, or nobody's news from the start."""
    return max(head.watched_since, (head.compared_at or 0) - KNOWN_MS)
