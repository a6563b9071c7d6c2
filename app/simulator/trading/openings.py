"""Since when accounts exist: money was paid in, and the first positions bought, some months before the start."""

from app.simulator.market.calendars import TradingDay, calendar_of
from app.simulator.state import StateFile

_SCHEMA = "CREATE TABLE IF NOT EXISTS account_openings (account TEXT PRIMARY KEY, started_ms INTEGER NOT NULL)"
_DAYS_BEFORE = 126
"""Half a year of trading days, so that there is a performance to look at on the first day."""


class Openings:
    """Remember when each account was first served."""

    def __init__(self, state: StateFile) -> None:
        self._state = state
        state.connection.execute(_SCHEMA)

    def note(self, account: str, now_ms: int) -> None:
        """Remember an account as served from now on, unless it has been before."""
        with self._state.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO account_openings VALUES (?, ?)", (account, now_ms))

    def get_day(self, account: str, now_ms: int) -> TradingDay:
        """Return the United States trading day on which an account was opened."""
        row = self._state.connection.execute(
            "SELECT started_ms FROM account_openings WHERE account = ?", (account,)
        ).fetchone()
        calendar = calendar_of("US")
        started = calendar.current(min(row[0], now_ms) if row else now_ms)
        return calendar.day(max(started.index - _DAYS_BEFORE, 0))
