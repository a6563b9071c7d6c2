"""The keys of the trail, each made of one secret of the gateway: all machines that share the secret have the same."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ROWS: Final = b"tiger-rest audit rows"
CHECKPOINTS: Final = b"tiger-rest audit checkpoints"
KEY_BYTES: Final = 32
ID_BYTES: Final = 4
ID_CHARACTERS: Final = 2 * ID_BYTES
"""So many characters at the beginning of a row's code say which key it was made with."""


@dataclass(frozen=True)
class AuditKey:
    """What rows and checkpoints are authenticated with while one secret is the gateway's; ``id`` tells it from others.

    ``row_key`` stays secret; of the pair that signs checkpoints the public half is for everybody.
    """

    id: str
    row_key: bytes
    seed: bytes

    @classmethod
    def of(cls, secret: bytes) -> "AuditKey":
        """Return the key that follows from a secret of the gateway."""
        derived = HKDF(SHA256(), length=ID_BYTES + KEY_BYTES, salt=None, info=ROWS).derive(secret)
        seed = HKDF(SHA256(), length=KEY_BYTES, salt=None, info=CHECKPOINTS).derive(secret)
        return cls(derived[:ID_BYTES].hex(), derived[ID_BYTES:], seed)

    @cached_property
    def mac(self) -> hmac.HMAC:
        """Return HMAC-SHA-256 of nothing yet: a copy of it costs a row a fraction of what a new one does."""
        return hmac.new(self.row_key, digestmod=hashlib.sha256)

    @cached_property
    def signing(self) -> Ed25519PrivateKey:
        """Return the private half of the pair that signs checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def public(self) -> str:
        """Return the public half, in hex."""
        return self.signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


class AuditKeys:
    """The key in force, and those of the secrets before."""

    def __init__(self, secret: bytes, *older: bytes) -> None:
        """Take the secret to write with, and those that what is there may have been written with before."""
        self.current = AuditKey.of(secret)
        self.all: Mapping[str, AuditKey] = {key.id: key for key in map(AuditKey.of, (secret, *older))}
