"""Encrypt tokens for the database: readable to gateways that share a secret, and to nobody who copies the rows."""

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


class Encryption:
    """AES-256-GCM under a key derived from the gateway's secret; a token decrypts for its own tiger_id only."""

    def __init__(self, secret: bytes, *older: bytes) -> None:
        """Take the secret to encrypt with, and those that what is stored may have been encrypted with before."""
        self._ciphers = [
            AESGCM(HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(each)) for each in (secret, *older)
        ]

    def encrypt(self, text: str, tiger_id: str) -> str:
        """Return the encrypted text."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        raw = nonce + self._ciphers[0].encrypt(nonce, text.encode(), tiger_id.encode())
        return MARK + base64.b64encode(raw).decode()

    def decrypt(self, encrypted: str | None, tiger_id: str) -> str | None:
        """Return the text, or None where it was encrypted with an unknown secret or has been changed."""
        if encrypted is None or not encrypted.startswith(MARK):
            return None
        try:
            raw = base64.b64decode(encrypted.removeprefix(MARK), validate=True)
        except (binascii.Error, ValueError):
            return None
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], tiger_id.encode()).decode()
            except (InvalidTag, ValueError):
                continue
        return None
