"""RSA as Tiger's wire uses it: PKCS#1 v1.5 with SHA-1 over the request's sorted fields."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_PADDING = padding.PKCS1v15()
# The protocol prescribes SHA-1; nothing here relies on its collision resistance.
_HASH = hashes.SHA1()  # noqa: S303


def make_private_key(bits: int) -> rsa.RSAPrivateKey:
    """Make a key pair of ``bits`` bits; 2048 take a fraction of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def load_private_key(der: bytes) -> rsa.RSAPrivateKey:
    """Read a PKCS#8 DER private key that ``dump_pkcs8`` wrote."""
    key = serialization.load_der_private_key(der, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        message = "not an RSA key"
        raise TypeError(message)
    return key


def dump_pkcs8(key: rsa.RSAPrivateKey) -> bytes:
    """Return the key as PKCS#8 DER."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def dump_pkcs1(key: rsa.RSAPrivateKey) -> bytes:
    """Return the key as PKCS#1 DER, the form Tiger hands out for Python."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def get_signed_content(fields: Mapping[str, Any]) -> bytes:
    """Return what is signed: ``k=v`` joined by ``&`` over all fields but ``sign``, sorted by name.

    Values that are no strings are written as JSON with non-ASCII kept (SDK: ``signature_utils``).
    """
    parts = []
    for name in sorted(fields):
        if name != "sign":
            value = fields[name]
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            parts.append(f"{name}={text}")
    return "&".join(parts).encode()


def is_signed_by(key: rsa.RSAPublicKey, fields: Mapping[str, Any]) -> bool:
    """Say whether the field ``sign`` is this key's signature over the other fields."""
    return "sign" in fields and is_signature(key, str(fields["sign"]), get_signed_content(fields))


def is_signature(key: rsa.RSAPublicKey, text: str, content: bytes) -> bool:
    """Say whether a text is this key's signature over ``content``, in base64."""
    try:
        key.verify(base64.b64decode(text, validate=True), content, _PADDING, _HASH)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def sign(key: rsa.RSAPrivateKey, content: bytes) -> str:
    """Return the base64 signature over ``content``."""
    return base64.b64encode(key.sign(content, _PADDING, _HASH)).decode()
