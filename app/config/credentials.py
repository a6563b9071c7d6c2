"""Read Tiger credentials: the folders with Tiger's own properties files, as ``[[credentials]]`` names them."""

import base64
import binascii
import re
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from jproperties import ParseError, Properties

from app.settings import Account, AccountType, Credential

PROPERTIES_FILE = "tiger_openapi_config.properties"
ACCOUNT_TYPES: tuple[AccountType, ...] = ("live", "demo")


class ConfigurationError(Exception):
    """Say in one line which setting is wrong and what to write instead."""


def load_credentials(tables: Any, file: Path | None, instance: Path) -> tuple[Credential, ...]:
    """Return the credentials that ``[[credentials]]`` tables describe; paths are relative to the file that holds them.

    Raises:
        ConfigurationError: A table, folder, file or key is missing or wrong, or an account is listed twice.
    """
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigurationError(f"{file or 'settings'}: write each credential under its own [[credentials]]")
    if not tables:
        _refuse_unlisted(instance)
        return ()
    base = file.parent if file else instance
    credentials = tuple(_load_credential(table, index, base) for index, table in enumerate(tables, start=1))
    _refuse_repeats("credentials.name", [credential.name for credential in credentials])
    accounts = [account.account for credential in credentials for account in credential.accounts]
    _refuse_repeats("credentials.accounts.account", accounts)
    return credentials


def _refuse_unlisted(instance: Path) -> None:
    """Refuse to fall back to the simulator while credentials lie in the instance folder."""
    unlisted = sorted(instance.glob(f"credentials/*/{PROPERTIES_FILE}"))
    if unlisted:
        raise ConfigurationError(
            f"{unlisted[0].parent} holds Tiger credentials that no [[credentials]] names: "
            f"list it in {instance / 'tiger-rest.toml'} or move it away"
        )


def _load_credential(table: dict[str, Any], index: int, base: Path) -> Credential:
    where = f"credentials[{index}]"
    _refuse_unknown(where, table, ("name", "path", "accounts"))
    name = _text(where, table, "name")
    folder = (base / Path(_text(where, table, "path")).expanduser()).resolve()
    if not folder.is_dir():
        raise ConfigurationError(f"{where}.path: there is no folder {folder}: put Tiger's properties files there")
    properties = _read_properties(where, folder / PROPERTIES_FILE)
    tiger_id = properties.get("tiger_id", "").strip()
    if not tiger_id:
        raise ConfigurationError(f"{where}: {folder / PROPERTIES_FILE} has no tiger_id: copy it from Tiger's page")
    # Older files name none, and the SDK then keeps to the common servers.
    license_name = properties.get("license", "").strip()
    accounts = table.get("accounts")
    if not isinstance(accounts, list) or not accounts or not all(isinstance(item, dict) for item in accounts):
        raise ConfigurationError(f"{where}.accounts: list at least one account under [[credentials.accounts]]")
    return Credential(
        name=name,
        path=folder,
        tiger_id=tiger_id,
        license=license_name,
        private_key=_read_private_key(where, folder, properties),
        secret_key=properties.get("secret_key", "").strip() or None,
        server_url=properties.get("server_url", "").strip() or None,
        socket_host_port=_read_push_address(where, folder, properties),
        accounts=tuple(_load_account(where, item, tiger_id, license_name, name) for item in accounts),
    )


def _read_push_address(where: str, folder: Path, properties: dict[str, str]) -> str | None:
    written = properties.get("socket_host_port", "").strip()
    if written and not re.fullmatch(r"(?i)(ssl|tcp)\s*,\s*[\w.:-]+\s*,\s*\d{1,5}", written):
        raise ConfigurationError(
            f"{where}: socket_host_port in {folder / PROPERTIES_FILE} is no address: write ssl,HOST,PORT"
        )
    return written or None


def _load_account(where: str, table: dict[str, Any], tiger_id: str, license_name: str, credential: str) -> Account:
    where = f"{where}.accounts"
    _refuse_unknown(where, table, ("account", "type"))
    account = table.get("account")
    if isinstance(account, int) and not isinstance(account, bool):
        account = str(account)
    if not isinstance(account, str) or not re.fullmatch(r"[A-Za-z0-9]{1,32}", account):
        raise ConfigurationError(f'{where}.account must be the account number as a string, such as "67686635"')
    kind = table.get("type", "live")
    for known in ACCOUNT_TYPES:
        if kind == known:
            return Account(account=account, tiger_id=tiger_id, type=known, license=license_name, credential=credential)
    raise ConfigurationError(f"{where}.type must be one of {', '.join(ACCOUNT_TYPES)}")


def _read_properties(where: str, file: Path) -> dict[str, str]:
    properties = Properties()
    try:
        properties.load(file.read_bytes(), "utf-8")
    except FileNotFoundError as error:
        raise ConfigurationError(f"{where}: {file} is missing: download it from Tiger's developer page") from error
    except (OSError, ParseError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{where}: {file} cannot be read: this user needs a properties file there") from error
    return {key: str(value.data) for key, value in properties.items()}


def _read_private_key(where: str, folder: Path, properties: dict[str, str]) -> str:
    """Return the RSA key as one line of base64 DER, whichever of Tiger's spellings the file uses."""
    for name in ("private_key", "private_key_pk8", "private_key_pk1"):
        if text := properties.get(name, "").strip():
            break
    else:
        raise ConfigurationError(
            f"{where}: {folder / PROPERTIES_FILE} has no private key: add private_key_pk1=<base64 on one line>"
        )
    body = re.sub(r"-----(BEGIN|END)[A-Z ]*-----|\s|\\n", "", text)
    try:
        key = load_der_private_key(base64.b64decode(body, validate=True), password=None)
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(
            f"{where}: {name} in {folder / PROPERTIES_FILE} is no RSA key: "
            "paste the base64 between the BEGIN and END lines as one line"
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationError(f"{where}: {name} in {folder / PROPERTIES_FILE} is no RSA key: make one at Tiger")
    return body


def _text(where: str, table: dict[str, Any], name: str) -> str:
    value = table.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f'{where}.{name} is missing: write {name} = "…"')
    return value.strip()


def _refuse_unknown(where: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
    for name in table:
        if name not in known:
            raise ConfigurationError(f"{where}: unknown setting {name}: known are {', '.join(known)}")


def _refuse_repeats(where: str, values: list[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise ConfigurationError(f"{where}: {value} is listed twice: each may stand once")
