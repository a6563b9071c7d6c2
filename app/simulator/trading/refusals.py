"""How Tiger refuses an order: a code by account type, and a text that wraps the reason.

The paper account of a standard one is told the code and the words of the standard one, as protocols show; 1300 is in
Tiger's page of error codes only.
"""

from app.simulator.readings import Readings
from app.simulator.trading.reasons import USED_NUMBER, Reason
from app.simulator.wire import (
    BUSINESS_PARAMETER_ERROR,
    GLOBAL_ACCOUNT_ERROR,
    STANDARD_ACCOUNT_ERROR,
    WireRefusal,
)

GLOBAL = (GLOBAL_ACCOUNT_ERROR, "global")
STANDARD = (STANDARD_ACCOUNT_ERROR, "standard")
"""The code of an account's refusals, and the word in their text."""
DUPLICATE_NUMBER = "TRADE DUPLICATE ORDER ID"


class BusinessRefusal(WireRefusal):
    """Refuse for a business reason; told in English until ``under`` says otherwise."""

    def __init__(self, kind: str, reason: Reason, readings: Readings | None = None) -> None:
        text = reason.tell(readings.refusal_language if readings else "en")
        code, word = GLOBAL if kind == "GLOBAL" else STANDARD
        super().__init__(code, f"{word} account response error(bad_request:{text})")
        self._kind = kind
        self._reason = reason

    def under(self, readings: Readings) -> "BusinessRefusal":
        """Return this refusal in the language that the readings choose."""
        return BusinessRefusal(self._kind, self._reason, readings)


def get_refusal(kind: str, reason: Reason) -> WireRefusal:
    """Return the refusal of an order command on an account of ``kind``."""
    return BusinessRefusal(kind, reason)


def get_duplicate(kind: str, readings: Readings) -> WireRefusal:
    """Return the refusal of an order number that has been used, as documented for global accounts or as others."""
    if readings.used_number == "refused_1100":
        return WireRefusal(GLOBAL_ACCOUNT_ERROR, DUPLICATE_NUMBER)
    return get_refusal(kind, USED_NUMBER)


def get_unsupported(what: str) -> WireRefusal:
    """Return the refusal of something that Tiger has and this server does not trade."""
    return WireRefusal(BUSINESS_PARAMETER_ERROR, f"biz param error({what} is not supported by the simulator)")
