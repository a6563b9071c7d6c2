"""The secrets of a gateway that its settings hold."""

from collections.abc import Iterable, Iterator

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.settings import Credential, Settings
from app.storage.addresses import SECRET


def list_known_secrets(settings: Settings, secrets: Iterable[bytes]) -> list[str]:
    """Return what must stand in no row: the gateway's secrets, passwords in addresses, what credentials sign with.

    Tokens change; those are known by their looks.
    """
    found = [secret.decode(errors="replace") for secret in secrets]
    for address in (settings.gateway.database_url, settings.limits.storage_url):
        found += _list_passwords(address)
    for credential in settings.credentials:
        found += _list_of(credential)
    return found


def _list_of(credential: Credential) -> Iterator[str]:
    if credential.secret_key:
        yield credential.secret_key
    yield from (line.strip() for line in credential.private_key.splitlines() if not line.startswith("-----"))


def _list_passwords(address: str) -> Iterator[str]:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        return
    if url.password:
        yield str(url.password)
    for name, value in url.query.items():
        if SECRET.search(name):
            yield from (value,) if isinstance(value, str) else value
