"""What goes back over the wire, whole or spoilt on purpose."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from app.simulator.faults import DEFAULT_MESSAGE, Fault
from app.simulator.signatures import make_private_key, sign
from app.simulator.wire import RATE_LIMITED, SERVER_ERROR, SUCCESS, USER_TOKEN_ERROR, BareRefusal, WireRefusal

DEFAULT_UNKNOWN_STATUS = "PendingReview"
FOREIGN_KEY_BITS = 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold one HTTP answer.

    ``is_cut`` closes the connection with nothing written, ``is_hung`` never answers; ``delay_seconds`` is
    real time, not the simulator's.
    """

    status: int = 200
    body: bytes = b""
    is_cut: bool = False
    is_hung: bool = False
    delay_seconds: float = 0.0


CUT = Answer(is_cut=True)
HUNG = Answer(is_hung=True)


def encode(document: Any, status: int = 200) -> Answer:
    """Return a JSON answer; NaN and infinity are errors, because the wire has no words for them."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Answer(status=status, body=text.encode())


def get_success(data: Any, now_ms: int) -> dict[str, Any]:
    """Return the envelope of a good answer; it bears no signature, which the SDK accepts."""
    return {"code": SUCCESS, "message": "success", "timestamp": now_ms, "data": data}


def get_refusal(refusal: WireRefusal, now_ms: int) -> Answer:
    """Return a refusal; it has no ``data``, because the SDK would try to decode it, unless that is null."""
    if isinstance(refusal, BareRefusal):
        return encode({"code": refusal.code, "message": refusal.message, "data": None}, refusal.http_status)
    document = {"code": refusal.code, "message": refusal.message, "timestamp": now_ms}
    return encode(document, refusal.http_status)


def get_http_error(status: int, now_ms: int) -> Answer:
    """Return an answer of a broken or busy front: the status is all that counts."""
    is_limit = status == HTTPStatus.TOO_MANY_REQUESTS
    code, message = (RATE_LIMITED, "rate limit error") if is_limit else (SERVER_ERROR, "server error")
    return encode({"code": code, "message": message, "timestamp": now_ms}, status)


def get_token_refusal() -> WireRefusal:
    """Return the refusal of an absent, unknown, replaced or expired user token."""
    return WireRefusal(USER_TOKEN_ERROR, "user token error(token is invalid or expired)")


def get_fault_answer(fault: Fault, now_ms: int) -> Answer | None:
    """Return what a fault answers in place of the call's own answer; None for faults that replace none."""
    match fault.kind:
        case "cut_before" | "late_acceptance":
            return CUT
        case "hang":
            return HUNG
        case "http_500" | "http_429":
            return get_http_error(int(fault.kind.removeprefix("http_")), now_ms)
        case "code":
            return get_refusal(WireRefusal(fault.code, fault.message), now_ms)
        case "expired_token":
            return get_refusal(get_token_refusal(), now_ms)
    return None


def spoil(document: dict[str, Any], faults: Iterable[Fault]) -> Answer:
    """Return the answer ``document`` as the faults leave it."""
    chosen = tuple(faults)
    for fault in chosen:
        if fault.kind == "missing_fields":
            document = {**document, "data": _without(document.get("data"), frozenset(fault.fields))}
        elif fault.kind == "other_values":
            document = {**document, "data": _with(document.get("data"), fault.values)}
        elif fault.kind == "unknown_status":
            status = DEFAULT_UNKNOWN_STATUS if fault.message == DEFAULT_MESSAGE else fault.message
            document = {**document, "data": _with_status(document.get("data"), status)}
        elif fault.kind == "foreign_signature":
            key = make_private_key(FOREIGN_KEY_BITS)
            document = {**document, "sign": sign(key, str(document["timestamp"]).encode())}
    answer = encode(document)
    for fault in chosen:
        answer = _spoil_bytes(answer, fault)
    return answer


def _spoil_bytes(answer: Answer, fault: Fault) -> Answer:
    match fault.kind:
        case "lost_answer":
            return CUT
        case "broken_json":
            return replace(answer, body=answer.body[: max(1, len(answer.body) * 2 // 3)])
        case "garbage":
            return replace(answer, body=b"\xff\xfe\x00<html>" + bytes(range(128, 256)))
        case "huge_answer":
            padding = b',"padding":"' + b"x" * fault.size + b'"}'
            return replace(answer, body=answer.body[:-1] + padding)
        case "delay_after":
            return replace(answer, delay_seconds=answer.delay_seconds + fault.seconds)
    return answer


def _without(data: Any, names: frozenset[str]) -> Any:
    if isinstance(data, dict):
        return {name: _without(value, names) for name, value in data.items() if name not in names}
    if isinstance(data, list):
        return [_without(item, names) for item in data]
    return data


def _with(data: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(data, dict):
        return {name: values[name] if name in values else _with(value, values) for name, value in data.items()}
    if isinstance(data, list):
        return [_with(item, values) for item in data]
    return data


def _with_status(data: Any, status: str) -> Any:
    if isinstance(data, dict):
        return {
            name: status if name == "status" and isinstance(value, str) else _with_status(value, status)
            for name, value in data.items()
        }
    if isinstance(data, list):
        return [_with_status(item, status) for item in data]
    return data
