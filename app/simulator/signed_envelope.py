"""Reads the envelope of a wire request and proves who sent it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.simulator.credentials import Credential
from app.simulator.signatures import is_signed_by
from app.simulator.wire import COMMON_PARAMETER_ERROR, WireRefusal

REQUIRED_FIELDS = ("tiger_id", "method", "charset", "version", "sign_type", "timestamp", "sign")
VERSIONS = ("1.0", "2.0", "3.0")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_TIMESTAMP_FORMAT = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Hold a request whose signature is good; ``account`` is the business field, where it has one."""

    method: str
    version: str
    tiger_id: str
    biz: Any
    lang: str
    account: str | None
    device_id: str


class UnreadableEnvelope(WireRefusal):
    """Refuse a request whose envelope is wrong, with as much of it as could be read."""

    def __init__(self, message: str, method: str = "", tiger_id: str = "", *, signature_checked: bool = False) -> None:
        super().__init__(COMMON_PARAMETER_ERROR, f"common param error({message})")
        self.method = method
        self.tiger_id = tiger_id
        self.signature_checked = signature_checked


def open_envelope(body: bytes, credentials: Mapping[str, Credential]) -> Envelope:
    """Check the form, the developer and the signature of a request, in Tiger's order.

    The timestamp carries no zone, so only its form is checked; a repeat of an earlier request is as good as
    the first, because the SDK's retries are identical.
    """
    fields = _read_object(body)
    for name in REQUIRED_FIELDS:
        if not isinstance(fields.get(name), str) or not fields[name]:
            raise UnreadableEnvelope(
                f"field '{name}' cannot be empty",
                _get_text(fields, "method"),
                _get_text(fields, "tiger_id"),
            )
    method, tiger_id = fields["method"], fields["tiger_id"]
    problem = _find_problem(fields)
    if problem:
        raise UnreadableEnvelope(problem, method, tiger_id)
    credential = credentials.get(tiger_id)
    if credential is None:
        raise UnreadableEnvelope(f"failed to get developer {tiger_id}", method, tiger_id)
    if not is_signed_by(credential.public_key, fields):
        raise UnreadableEnvelope(
            "failed to verify signature, please make sure you use the correct rsa private key, "
            "if you use python sdk, the private key is in pkcs#1 format",
            method,
            tiger_id,
            signature_checked=True,
        )
    biz = _read_biz(fields.get("biz_content"), method, tiger_id)
    keyed = biz if isinstance(biz, dict) else {}
    account = keyed.get("account")
    return Envelope(
        method=method,
        version=fields["version"],
        tiger_id=tiger_id,
        biz=biz,
        lang=str(keyed.get("lang") or "en_US"),
        account=None if account is None else str(account),
        device_id=_get_text(fields, "device_id"),
    )


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        message = "request body is not valid json"
        raise UnreadableEnvelope(message) from error
    if not isinstance(fields, dict):
        message = "request body is not a json object"
        raise UnreadableEnvelope(message)
    return fields


def _get_text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _find_problem(fields: Mapping[str, str]) -> str | None:
    if fields["charset"].upper() != "UTF-8":
        return "charset is not supported"
    if fields["sign_type"] != "RSA":
        return "sign_type is not supported"
    if fields["version"] not in VERSIONS:
        return "version is not supported"
    if not _is_timestamp(fields["timestamp"]):
        return "timestamp must have the format yyyy-MM-dd HH:mm:ss"
    return None


def _is_timestamp(text: str) -> bool:
    if not _TIMESTAMP.fullmatch(text):
        return False
    try:
        # The wire's timestamp has no zone to give it.
        datetime.strptime(text, _TIMESTAMP_FORMAT)  # noqa: DTZ007
    except ValueError:
        return False
    return True


def _read_biz(content: Any, method: str, tiger_id: str) -> Any:
    """Decode ``biz_content``, a JSON text; a few methods have none, one sends an array."""
    if content is None or content == "":
        return {}
    if not isinstance(content, str):
        message = "biz_content must be a json string"
        raise UnreadableEnvelope(message, method, tiger_id, signature_checked=True)
    try:
        biz = json.loads(content)
    except (ValueError, RecursionError) as error:
        message = "biz_content is not valid json"
        raise UnreadableEnvelope(message, method, tiger_id, signature_checked=True) from error
    if biz is None:
        return {}
    if not isinstance(biz, dict | list):
        message = "biz_content must hold an object"
        raise UnreadableEnvelope(message, method, tiger_id, signature_checked=True)
    return biz
