"""What rows and checkpoints say, as the bytes that codes, hashes and signatures are made of.

docs/audit.md writes it down for those who check an export by other means.
"""

import hashlib
import json
from typing import Final

from app.audit.audit_keys import AuditKey

CONTENT: Final = ("writer", "number", "at", "event", "actor", "account", "subject", "details")
"""The columns that are content, in this order."""
START: Final = "0" * 64
"""What the first row of a chain follows."""

write_json: Final = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode
"""Write a value as JSON: always the same for the same value, in ASCII, in one line, without spaces."""


def get_content(
    writer: str, number: int, at: int, event: str, actor: str, account: str | None, subject: str | None, details: str
) -> bytes:
    """Return what a row says: a list in JSON, a line feed, and the details as they are."""
    return f"{write_json([writer, number, at, event, actor, account, subject])}\n{details}".encode()


def get_head_content(chain: str, position: int, linked: str, checkpoints: int, at: int) -> bytes:
    """Return what the chain's head says."""
    return write_json(["head", chain, position, linked, checkpoints, at]).encode()


def get_checkpoint_content(chain: str, number: int, position: int, linked: str, at: int) -> bytes:
    """Return what the signature of a checkpoint is of."""
    return write_json(["checkpoint", chain, number, position, linked, at]).encode()


def get_code(key: AuditKey, content: bytes) -> str:
    """Return the code that nobody makes without the secret: the key's id, then HMAC-SHA-256 of the content."""
    code = key.mac.copy()
    code.update(content)
    return key.id + code.hexdigest()


def get_hash(previous: str, position: int, code: str, content: bytes) -> str:
    """Return the hash of a row at its place in the chain: of what comes before it, and all of itself."""
    return hashlib.sha256(f"{previous}\n{position}\n{code}\n".encode() + content).hexdigest()
