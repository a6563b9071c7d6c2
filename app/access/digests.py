"""Make API keys, and the keyed digests by which they are stored."""

import hashlib
import hmac
import secrets

from app.config.credentials import ConfigurationError
from app.durable_file import create_file
from app.settings import Settings
from app.settings.service import LEAST_SECRET_CHARACTERS

PREFIX = "trk_"
SECRET_FILE = "secret_key"  # noqa: S105 - a file's name.


def make_key() -> str:
    """Return a new API key with 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def get_digest(secret: bytes, key: str) -> str:
    """Return the keyed digest (HMAC-SHA-256, hex) under which a key is stored and looked up."""
    return hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()


def get_secret_id(secret: bytes) -> str:
    """Return a name for a secret that says nothing about it."""
    return hmac.new(secret, b"tiger-rest secret id", hashlib.sha256).hexdigest()[:8]


def load_secrets(settings: Settings) -> tuple[bytes, ...]:
    """Return the gateway's secret and, after it, those that it had before.

    The first is the setting, else the one made once and kept in the instance folder.

    Raises:
        ConfigurationError: What the file holds is too short for a secret.
    """
    older = (secret.encode() for secret in settings.gateway.older_secret_keys)
    return (settings.gateway.secret_key.encode() or _load_own_secret(settings), *older)


def _load_own_secret(settings: Settings) -> bytes:
    file = settings.instance / SECRET_FILE
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Of many workers that start together one wins.
        create_file(file, secrets.token_hex(32) + "\n")
    secret = file.read_bytes().strip()
    if len(secret) < LEAST_SECRET_CHARACTERS:
        raise ConfigurationError(
            f"{file} must hold at least {LEAST_SECRET_CHARACTERS} characters: put back what it held, or, where no key "
            "and no token was stored with it, delete it and a new one is made"
        )
    return secret
