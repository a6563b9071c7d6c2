"""Which reading Tiger's answers are: each is put into a few words, and a table knows what these words mean."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from app.errors import GatewayError, InvalidRequest, OrderNotFound, TigerPermissionDenied
from app.tiger.plain import RawAnswer
from app.tiger.trading.orders import Order
from app.tiger.wire.codes import SPEED_SECONDS, says_duplicate
from app.tiger.wire.reasons import says_expired
from app.tiger.wire.values import mapping, rows, whole

SUBJECTS: Final[tuple[tuple[str, Callable[[GatewayError, str], object]], ...]] = (
    ("speed", lambda error, _: error.retry_after == SPEED_SECONDS),
    ("duplicate", lambda error, _: says_duplicate(error)),
    ("lifetime", lambda error, _: "time_in_force" in (error.details or {})),
    ("absent", lambda error, _: isinstance(error, OrderNotFound)),
    ("permission", lambda error, _: isinstance(error, TigerPermissionDenied)),
    ("expiry", lambda _, text: says_expired(text)),
    ("money", lambda _, text: re.search("(?i)buying power|fund|margin|cash|balance|购买力|资金|余额|保证金", text)),
    ("hours", lambda _, text: re.search("(?i)pre-?market|after-?hours|regular|outside|盘前|盘后|盘中", text)),
    ("field", lambda error, _: isinstance(error, InvalidRequest)),
)
"""What a refusal is about: the first that applies, by the gateway's own table of codes or by words."""

CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
NEITHER: Final = "needs_grab or another_device_has_it"
"""Whether nobody or somebody else has the permission looks the same to a device that has not."""

TABLE: Final[Mapping[str, Mapping[str, str]]] = {
    "order_numbers": {r"number (\d+), number \1": "next_free", r"number \d+, number \d+": "reserved"},
    "used_number": {
        r"1100 duplicate .*": "refused_1100",
        r"1200 duplicate .*": "refused_1200",
        r"first.*": "answers_holder",
    },
    # By a number in use, and by one that nobody has.
    "lookup_by_number": {
        r"1010 field .*": "refused",
        r".*, (first|order|several)\b.*": "ignored",
        r"first .*": "works",
    },
    "missing_order": {r"empty": "empty", r"null": "null", r"\d+ absent \w+": "error"},
    "unaffordable": {
        r"\d+ money .*": "refused_at_once",
        r"order.*, order Invalid( money \w+)?": "taken_then_invalid",
        r"order.*, order Inactive( money \w+)?": "taken_then_inactive",
    },
    "refusal_language": {r".* money en": "en", r".* money zh": "zh"},
    "ioc_fok": {r"\d+ lifetime \w+, \d+ lifetime \w+": "refused", r"order[^,]*, order[^,]*": "accepted"},
    "order_rate": {r".*\d speed .*": "five_a_second", r"order[^,]*(, order[^,]*){6}": "none"},
    "cancel": {r"first, first (Cancelled|PendingCancel).*": "at_once", r"first, first \w+ cancelling": "two_steps"},
    "market_order_outside_rth": {r"passes": "ignored", r"(\d+|fails) hours .*": "refused"},
    "expired_day_order": {
        r"order Cancelled expiry \w+": "cancelled_with_remark",
        r"order Invalid( expiry \w+)?": "invalid",
    },
    # Of two halves, each with entries, and of both together.
    "earnings_span": {
        r"entries, entries, \d+ .*": "one_month_error",
        r"entries, entries, entries": "any",
        r"entries, entries, fewer": "one_month_clipped",
    },
    "quote_permission": {r"taken, .*": "granted", r"\d+ permission \w+, taken, taken": NEITHER},
}
"""Question → what was answered, as a pattern → the reading. The first that fits is it."""


def find_reading(question: str, told: Iterable[str]) -> str | None:
    """Return the reading that the answers are, or None where they are none of them."""
    line = ", ".join(told)
    return next((reading for pattern, reading in TABLE[question].items() if re.fullmatch(pattern, line)), None)


def summarise(answer: RawAnswer, first_id: str | None = None) -> str:
    """Put an answer into words; the order with this id is called the first."""
    data, name = answer.data, "first" if answer.order_id == first_id else "order"
    if answer.code != 0:
        return "silent" if answer.code is None else f"{answer.code} {summarise_reason(answer.code, answer.text)}"
    if len(answer.orders) > 1 or answer.order_id is not None:
        return "several" if len(answer.orders) > 1 else summarise_order(answer.order, name) if answer.order else name
    if data is None or data in ({}, []):
        return "null" if data is None else "empty"
    told = mapping(data)
    if "isPass" in told:
        return "passes" if told["isPass"] is True else f"fails {summarise_reason(1200, str(told.get('message')))}"
    number = get_number(answer)
    return "taken" if number is None else f"number {number}"


def summarise_calendars(first: RawAnswer, second: RawAnswer, both: RawAnswer) -> list[str]:
    """Put into words what the earnings calendar tells of two spans, and of both in one."""
    events = [get_events(answer) for answer in (first, second, both)]
    spans = [
        "entries" if entries else summarise(answer) for entries, answer in zip(events, (first, second), strict=False)
    ]
    return [
        *spans,
        summarise(both) if both.code != 0 else "entries" if events[0] | events[1] <= events[2] else "fewer",
    ]


def get_number(answer: RawAnswer) -> int | None:
    """Return the number that ``order_no`` told."""
    told = mapping(answer.data)
    return whole(told.get("orderId", told.get("order_id")))


def get_events(answer: RawAnswer) -> set[tuple[str, str]]:
    """Return symbol and day of each entry of an earnings calendar."""
    told = mapping(answer.data).items()
    return {(symbol, str(item.get("executeDate"))) for symbol, items in told for item in rows(items)}


def summarise_order(order: Order, name: str = "order") -> str:
    """Put into words how an order stands."""
    is_over = order.status in {"Cancelled", "Invalid", "Inactive"}
    is_ending = order.cancel_status not in {None, "NONE"}
    remark = f" {summarise_reason(1200, order.reason)}" if order.reason else ""
    return f"{name} {order.status}{remark}{' cancelling' if is_ending and not is_over else ''}"


def summarise_reason(code: int, text: str) -> str:
    """Say in two words what a refusal is about, and in which language."""
    error = RawAnswer(code, text).error or GatewayError(text)
    subject = next((subject for subject, applies in SUBJECTS if applies(error, text)), "other")
    return f"{subject} {'zh' if CHINESE.search(text) else 'en'}"
