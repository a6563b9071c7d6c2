"""What an examination found, told without anything that says whose account it was."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from app.tiger.plain import RawAnswer
from app.tiger.trading.orders import Order
from app.tiger.wire.reasons import get_reason

TOLD_VALUES: Final = frozenset({"status", "cancelStatus", "replaceStatus", "isPass", "canModify", "canCancel"})
"""Fields whose values say something of Tiger and nothing of the account."""
_TELLING: Final = re.compile(
    r"\w+://\S+|[\w.+-]+@[\w.-]+|\b\d+(?:\.\d+){3}\b|\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b|\d{5,}"
    r"|\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{10,}\b|\bnumber \d+|(?:\bname|姓名)[\"']?\s*[:：=]\s*[^,;)]+",
    re.IGNORECASE,
)
"""Addresses of all kinds, names that are called so, and whatever could be a number or a key of somebody's."""


def describe(answer: RawAnswer | Order) -> dict[str, Any]:
    """Return an answer as code, words and shape, or how an order ended."""
    if isinstance(answer, Order):
        return {"status": answer.status, "remark": get_reason(answer.reason or "")}
    remark = get_reason((answer.order and answer.order.reason) or "")
    return {"code": answer.code, "text": get_reason(answer.text), "remark": remark, "shape": get_shape(answer.data)}


def get_shape(value: Any, name: str = "") -> Any:
    """Return the members of an answer and of what kind they are; a list is its first element."""
    if isinstance(value, dict):
        if not all(re.fullmatch(r"[a-z][A-Za-z_]*", key) for key in value):
            return {"*": get_shape(next(iter(value.values())))}
        return {key: get_shape(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [get_shape(member) for member in value[:1]]
    return value if name in TOLD_VALUES else type(value).__name__


def clean(value: Any, secrets: Sequence[str]) -> Any:
    """Return a report without the secrets, and without what looks as if it were nobody's business."""
    if isinstance(value, dict):
        return {name: clean(member, secrets) for name, member in value.items()}
    if isinstance(value, list):
        return [clean(member, secrets) for member in value]
    if not isinstance(value, str):
        return value
    for secret in secrets:
        value = value.replace(secret, "…")
    return _TELLING.sub("…", value)


def write_text(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a report."""
    yield f"tiger-rest {report['version']}, {report['mode']} mode, {report['at']}"
    for row in report["questions"]:
        yield f"{row['question']:<25} {row['reading'] or 'none of them'}"
        yield f"{'':<27} {row['how']} {'; '.join(row['told'])}"
        for answer in row["answered"] if row["reading"] is None else ():
            yield f"{'':<29} {', '.join(f'{name} {told}' for name, told in answer.items() if told is not None)}"
    for row in report["endpoints"]:
        verdict = row.get("code") or "; ".join(row["misfits"]) or "fits its schema"
        yield f"{row['endpoint']:<25} {row['status']} {verdict}"
