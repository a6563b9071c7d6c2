"""Who may read real-time quotes: for each developer id the one device that grabbed the permission last.

Sources: Tiger's documentation of grab_quote_permission, SDK #34 and #50.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from app.simulator.readings import ReadingsInForce
from app.simulator.state import StateFile
from app.simulator.wire import ACCESS_FORBIDDEN, Handler, WireRefusal, WireRequest

PERMISSIONS = ("usQuoteBasic", "usStockQuote", "usOptionQuote", "hkStockQuoteLv2", "hkOptionQuote", "aStockQuoteLv1")
NEVER_EXPIRES = -1
ANOTHER_DEVICE = "another device"
REAL_TIME = frozenset(
    {
        "quote_real_time", "brief", "quote_depth", "trade_tick", "timeline",
        "option_chain", "option_brief", "option_trade_tick", "future_real_time_quote", "future_tick",
        "quote_overnight", "option_depth", "option_timeline", "future_depth", "stock_broker", "warrant_real_time_quote",
    }
)  # fmt: skip
"""What needs the permission; bars, delayed quotes, market states, contracts and expirations come without."""
REFUSAL = "4000:permission denied(current device does not have permission)"


class QuotePermission:
    """Give real-time quotes to one device of each developer id, kept over restarts; every user holds every market."""

    def __init__(self, state: StateFile, readings: ReadingsInForce, tiger_ids: Iterable[str]) -> None:
        self._state = state
        self._readings = readings
        self.holders: dict[str, str] = dict(
            state.connection.execute("SELECT tiger_id, device_id FROM quote_permissions").fetchall()
        )
        if readings.now.quote_permission == "another_device_has_it":
            self.holders = dict.fromkeys(tiger_ids, ANOTHER_DEVICE)

    @property
    def methods(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {"get_quote_permission": self.get, "grab_quote_permission": self.grab}

    def guard(self, methods: Mapping[str, Handler]) -> dict[str, Handler]:
        """Return the handlers, those of real-time quotes refusing every device but the one that has the permission."""
        return {name: self._guarded(handler) if name in REAL_TIME else handler for name, handler in methods.items()}

    def get(self, request: WireRequest) -> Any:  # noqa: ARG002 - a handler's signature.
        """Answer ``get_quote_permission``: every market, for ever."""
        return [{"name": name, "expireAt": NEVER_EXPIRES} for name in PERMISSIONS]

    def grab(self, request: WireRequest) -> Any:
        """Answer ``grab_quote_permission``; from now on the asking device has it."""
        self._give(request.tiger_id, request.device_id)
        return self.get(request)

    def take(self, tiger_id: str) -> None:
        """Let another device of the user grab it."""
        self._give(tiger_id, ANOTHER_DEVICE)

    def _give(self, tiger_id: str, device_id: str) -> None:
        self.holders[tiger_id] = device_id
        with self._state.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO quote_permissions VALUES (?, ?)", (tiger_id, device_id))

    def _guarded(self, handler: Handler) -> Handler:
        def answer(request: WireRequest) -> Any:
            # It is nobody's before somebody grabs it.
            has_it = self.holders.get(request.tiger_id) == request.device_id
            if self._readings.now.quote_permission != "granted" and not has_it:
                raise WireRefusal(ACCESS_FORBIDDEN, REFUSAL)
            return handler(request)

        return answer
