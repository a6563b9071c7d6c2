"""How long a command in doubt is waited for, and what its client is told meanwhile."""

from typing import Any, Final

from app.errors import OrderStateUnknown
from app.orders.records import CommandRecord, Kind

LONGEST_RETRY_SECONDS: Final = 5.0
"""How long a client is asked to wait at most: what is found is found early, and a repeat waits here too."""
FRESH_MS: Final = 900_000
"""So long what is in doubt is looked for often: once whatever failed is over it is resolved within half a minute."""
FRESH_PAUSE_MS: Final = 10_000
WATCHED_MS: Final = 3_600_000
"""How long an order that never arrived is still looked for, should it surface after all."""
LONGEST_ACCOUNT_NUMBER: Final = 12
"""Digits: the account's own order numbers count up from one, global ids have 17 and more."""


UNKNOWN: Final = (
    "The command was sent and its outcome is not known yet. It may have been carried out: ask again, or repeat the "
    "request with the same Idempotency-Key; never send it as a new one."
)
NOT_SHOWN: Final = (
    "The command was sent, and Tiger shows nothing of it, though it may yet come up. While limits are set a repeat does"
    " not send it again; if you send a new one in its place, do not repeat this one any more."
)


class Doubt:
    """The rules, for the time after which absence at Tiger proves something."""

    def __init__(self, absence_seconds: float) -> None:
        self._absence_ms = round(absence_seconds * 1_000)

    def is_wait_over(self, record: CommandRecord, tiger_now: int | None) -> bool:
        """Return whether a command without a trace at Tiger has had the stated time to appear there.

        Tiger's own clock decides, and the journal's has to agree: neither may shorten the wait by being set forward.
        """
        if record.sent_by_tiger is None or tiger_now is None:
            return False
        waited = [tiger_now - record.sent_by_tiger]
        if record.read_at >= record.sent_by:
            # Earlier than when it was sent means that the journal's clock was set back.
            waited.append(record.read_at - record.sent_by)
        return min(waited) >= self._absence_ms

    def get_milliseconds_until_decision(self, record: CommandRecord) -> int:
        """Return how long after the reading of this row absence begins to prove something, as far as the row says."""
        waits = record.milliseconds_until(max(record.sent_by + self._absence_ms, record.busy_until))
        return min(waits, self._absence_ms)

    def get_watch_ms(self, record: CommandRecord) -> int | None:
        """Return when to look again for what never arrived: orders may surface late, changes of orders do not."""
        return self._absence_ms if record.kind is Kind.PLACE else None

    def get_unknown(self, record: CommandRecord, not_again: str | None = None) -> OrderStateUnknown:
        """Return the answer for a command whose outcome could not be learnt in time.

        ``not_again`` says why one that Tiger does not show is not sent again, and so will not come about by waiting.
        """
        # A client may have named the order by the account's own number, which is no global id.
        requested = record.requested_order_id or ""
        is_global = len(requested) > LONGEST_ACCOUNT_NUMBER
        order_id = record.order_id or (requested if is_global else None)
        # A number that Tiger refused may be another program's.
        own_number = None if record.is_number_doubtful else record.order_number
        number = str(own_number or "") or (None if is_global else requested) or None
        question: dict[str, Any] = {"order_id": order_id or number}
        if record.idempotency_key is not None:
            question = {"client_order_id": record.idempotency_key}
        path = "/api/trade/order-status"
        if question == {"order_id": None}:
            path, question = "/api/trade/orders", {}
        decides_in = self.get_milliseconds_until_decision(record) / 1_000
        return OrderStateUnknown(
            UNKNOWN if not_again is None else f"{NOT_SHOWN} {not_again}",
            data={
                "order_id": order_id,
                "account_order_id": number,
                "client_order_id": record.idempotency_key,
                "ask": {"path": path, "body": {"account": record.account, **question}},
            },
            retry_after=min(max(1.0, decides_in), LONGEST_RETRY_SECONDS),
        )
