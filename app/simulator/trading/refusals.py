"""How Tiger refuses an order: a code by account type, and a text that wraps the reason."""

from app.simulator.wire import (
    BUSINESS_PARAMETER_ERROR,
    GLOBAL_ACCOUNT_ERROR,
    PAPER_ACCOUNT_ERROR,
    STANDARD_ACCOUNT_ERROR,
    WireRefusal,
)

CODES = {"GLOBAL": GLOBAL_ACCOUNT_ERROR, "STANDARD": STANDARD_ACCOUNT_ERROR, "PAPER": PAPER_ACCOUNT_ERROR}
UNKNOWN_CONTRACT = "合约不正确"
DUPLICATE_NUMBER = "TRADE DUPLICATE ORDER ID"
ORDER_NOT_FOUND = "order not found"


def get_refusal(kind: str, reason: str) -> WireRefusal:
    """Return the refusal of an order command on an account of ``kind``."""
    return WireRefusal(CODES[kind], f"{kind.lower()} account response error(bad_request:{reason})")


def get_duplicate(kind: str) -> WireRefusal:
    """Return the refusal of an order number that has been used."""
    return WireRefusal(CODES[kind], DUPLICATE_NUMBER)


def get_unsupported(what: str) -> WireRefusal:
    """Return the refusal of something that Tiger has and this server does not trade."""
    return WireRefusal(BUSINESS_PARAMETER_ERROR, f"biz param error({what} is not supported by the simulator)")
