"""Seal tokens for the database: readable to gateways that share the secret, and to nobody who copies the rows."""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"tiger-rest user tokens"
MARK = "v1:"
NONCE_BYTES = 12


class Seal:
    """AES-256-GCM under a key derived from the gateway's secret; a sealed token opens for its own tiger_id only."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(secret))

    def close(self, text: str, tiger_id: str) -> str:
        """Return the sealed text."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return MARK + base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), tiger_id.encode())).decode()

    def open(self, sealed: str | None, tiger_id: str) -> str | None:
        """Return the text, or None where it was sealed with another secret or has been changed."""
        if sealed is None or not sealed.startswith(MARK):
            return None
        try:
            raw = base64.b64decode(sealed.removeprefix(MARK), validate=True)
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], tiger_id.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            return None
