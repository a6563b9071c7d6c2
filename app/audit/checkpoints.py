"""Checkpoints: places of the chain that are signed."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.audit.content import get_checkpoint_content


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed place of the chain."""

    number: int
    position: int
    hash: str
    at: int
    public_key: str
    signature: str


def is_signed(chain: str, checkpoint: Checkpoint) -> bool:
    """Return whether the signature of a checkpoint is right under the key that it names itself."""
    content = get_checkpoint_content(chain, checkpoint.number, checkpoint.position, checkpoint.hash, checkpoint.at)
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint.public_key))
        public.verify(bytes.fromhex(checkpoint.signature), content)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
