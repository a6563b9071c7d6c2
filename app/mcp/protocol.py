"""Read a message of the protocol: its era and version, and what makes it no message.

Up to 2025-11-25 a client begins with a handshake; from 2026-07-28 on each request says its version itself, in its body
and, mirrored, in headers [modelcontextprotocol.io/specification, Versioning and Streamable HTTP].
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from werkzeug.datastructures import Headers

PATH = "/mcp"
HANDSHAKE_VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
STATELESS_VERSIONS = ("2026-07-28",)
VERSIONS = (*STATELESS_VERSIONS, *reversed(HANDSHAKE_VERSIONS))
ASSUMED = "2025-03-26"
"""Of a client that names no version: the header is younger than this one."""

VERSION_HEADER = "MCP-Protocol-Version"
METHOD_HEADER = "Mcp-Method"
NAME_HEADER = "Mcp-Name"
META = "io.modelcontextprotocol/"
VERSION_KEY = f"{META}protocolVersion"
CAPABILITIES_KEY = f"{META}clientCapabilities"
NAMED_BY: Mapping[str, str] = MappingProxyType({"tools/call": "name", "prompts/get": "name", "resources/read": "uri"})
"""Method → the parameter that Mcp-Name repeats."""

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022
_BAD_REQUEST = 400
STATUSES: Mapping[int, int] = MappingProxyType({METHOD_NOT_FOUND: 404})
"""Error code → HTTP status, of the stateless era; all others are 400."""

MessageId = str | int


class ProtocolError(Exception):
    """What a client is answered in place of a result; ``status`` is the answer's in HTTP."""

    def __init__(self, code: int, message: str, *, status: int = _BAD_REQUEST, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.data = data


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or where it has no id a notification."""

    method: str
    params: Mapping[str, Any]
    message_id: MessageId | None
    version: str
    is_answer: bool = False

    @property
    def is_request(self) -> bool:
        """Return whether somebody waits for an answer."""
        return self.message_id is not None

    @property
    def is_stateless(self) -> bool:
        """Return whether it belongs to the era without a handshake."""
        return self.version in STATELESS_VERSIONS


def find_id(body: Mapping[str, Any]) -> MessageId | None:
    """Return the id of a message, or None where it has none that could be answered to."""
    found = body.get("id")
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def read_message(body: Mapping[str, Any], headers: Headers) -> Message:
    """Return the message of a body.

    Raises:
        ProtocolError: It is no message, of a version that is not spoken, or its headers say something else.
    """
    if body.get("jsonrpc") != "2.0" or ("id" in body and find_id(body) is None):
        raise ProtocolError(INVALID_REQUEST, "Send one JSON-RPC 2.0 request or notification.")
    params, method = body.get("params") or {}, body.get("method")
    header = headers.get(VERSION_HEADER)
    if not isinstance(params, Mapping):
        raise ProtocolError(INVALID_PARAMS, "params must be an object.")
    if method is None and ("result" in body or "error" in body) and header not in STATELESS_VERSIONS:
        # In the older era a server could ask; nothing was asked, so that nothing waits for this.
        return Message("", params, None, header or ASSUMED, is_answer=True)
    if not isinstance(method, str):
        raise ProtocolError(INVALID_REQUEST, "Send one JSON-RPC 2.0 request or notification.")
    meta = params.get("_meta")
    is_stateless = isinstance(meta, Mapping) and VERSION_KEY in meta
    if header in HANDSHAKE_VERSIONS or (header is None and not is_stateless):
        return Message(method, params, find_id(body), header or ASSUMED)
    version = _check_version(method, params, meta if isinstance(meta, Mapping) else {}, headers, "id" in body)
    return Message(method, params, find_id(body), version)


def _check_version(
    method: str, params: Mapping[str, Any], meta: Mapping[str, Any], headers: Headers, is_request: bool
) -> str:
    """Return the version of a message of the stateless era, whose headers repeat what the body says."""
    header = headers.get(VERSION_HEADER)
    if is_request and header in STATELESS_VERSIONS:
        missing = [key for key in (VERSION_KEY, CAPABILITIES_KEY) if key not in meta]
        if missing:
            raise ProtocolError(INVALID_PARAMS, f"params._meta needs {' and '.join(missing)}.")
    if is_request and VERSION_KEY in meta:
        _compare(VERSION_HEADER, header, meta[VERSION_KEY])
        _compare(METHOD_HEADER, headers.get(METHOD_HEADER), method)
        if method in NAMED_BY and NAMED_BY[method] in params:
            _compare(NAME_HEADER, _decode(headers.get(NAME_HEADER)), params[NAMED_BY[method]])
    if header not in STATELESS_VERSIONS:
        known = {"supported": list(VERSIONS), "requested": header}
        raise ProtocolError(UNSUPPORTED_VERSION, "Unsupported protocol version", data=known)
    return header


def _compare(name: str, header: str | None, value: object) -> None:
    if header is None or header != value:
        raise ProtocolError(HEADER_MISMATCH, f"The header {name} must repeat what the body says.")


def _decode(header: str | None) -> str | None:
    """Return a header's value, which a client may have sent as base64 where it is more than plain ASCII."""
    if header is None or not (header.startswith("=?base64?") and header.endswith("?=")):
        return header
    try:
        return base64.b64decode(header[9:-2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
