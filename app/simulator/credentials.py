"""The developer ids that the simulator knows, their keys, and the folders that clients read them from."""

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from app.simulator import signatures
from app.simulator.state import StateFile
from app.simulator.tokens import TokenRegister

TOKEN_LICENSE = "TBHK"  # noqa: S105 - the name of a licence.
CONFIG_FILE = "tiger_openapi_config.properties"
TOKEN_FILE = "tiger_openapi_token.properties"  # noqa: S105 - the name of a file.
GATEWAY_FILE = "credentials.toml"


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """Name one account of a developer id; ``kind`` is STANDARD, PAPER or GLOBAL as on the wire."""

    account: str
    kind: str


@dataclass(frozen=True, slots=True)
class CredentialSpec:
    """Name one developer id and its accounts; the first account is the configured default."""

    name: str
    tiger_id: str
    accounts: tuple[AccountSpec, ...]


@dataclass(frozen=True, slots=True)
class Credential:
    """Hold one developer id with its keys; ``secret_key`` is that of an institution's trader, or empty."""

    spec: CredentialSpec
    license: str
    private_key: rsa.RSAPrivateKey
    public_key: rsa.RSAPublicKey
    secret_key: str = ""


FIRST = CredentialSpec("simulator-one", "20154747", (AccountSpec("67686635", "STANDARD"),))
SECOND = CredentialSpec(
    "simulator-two",
    "20153921",
    (AccountSpec("66804149", "STANDARD"), AccountSpec("20240830213609658", "PAPER")),
)
GLOBAL_ACCOUNT = AccountSpec("U1234567", "GLOBAL")


def get_specs(global_account: bool) -> tuple[CredentialSpec, ...]:
    """Return the developer ids to serve, with the legacy global account under the first when wanted."""
    if not global_account:
        return (FIRST, SECOND)
    return (CredentialSpec(FIRST.name, FIRST.tiger_id, (*FIRST.accounts, GLOBAL_ACCOUNT)), SECOND)


def load_credentials(
    state: StateFile, specs: tuple[CredentialSpec, ...], key_bits: int, secret_key: str
) -> dict[str, Credential]:
    """Return the credentials by tiger_id, with the keys of earlier starts; missing ones are made and kept."""
    rows = state.connection.execute("SELECT tiger_id, license, private_key FROM credentials").fetchall()
    kept = {tiger_id: (license_name, der) for tiger_id, license_name, der in rows}
    credentials = {}
    for spec in specs:
        if spec.tiger_id in kept:
            license_name, der = kept[spec.tiger_id]
            key = signatures.load_private_key(der)
        else:
            license_name, key = TOKEN_LICENSE, signatures.make_private_key(key_bits)
            with state.transaction() as connection:
                connection.execute(
                    "INSERT INTO credentials (tiger_id, license, private_key) VALUES (?, ?, ?)",
                    (spec.tiger_id, license_name, signatures.dump_pkcs8(key)),
                )
        credentials[spec.tiger_id] = Credential(spec, license_name, key, key.public_key(), secret_key)
    return credentials


def write_private_file(path: Path, text: str) -> None:
    """Write ``text`` so that readers see the old or the new file, whole, and only the owner can read it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)


def read_token(path: Path) -> str | None:
    """Return the token of a token file, or None; the SDK escapes ``=`` with a backslash when it writes."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    tokens = [line.partition("=")[2].strip().replace("\\", "") for line in lines if line.startswith("token=")]
    return tokens[-1] if tokens else None


def write_folders(
    folder: Path, credentials: dict[str, Credential], tokens: TokenRegister, server_url: str, push_address: str
) -> None:
    """Write one SDK folder per credential and the list of all in the gateway's own format.

    A token file that still opens the door is left alone: another process may be about to replace it.
    """
    entries = []
    for credential in credentials.values():
        target = get_folder(folder, credential)
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private_file(target / CONFIG_FILE, get_config_text(credential, server_url, push_address))
        token_path = target / TOKEN_FILE
        if not tokens.is_valid(credential.spec.tiger_id, read_token(token_path)):
            write_token(folder, credential, tokens.issue(credential.spec.tiger_id).token)
        entries.append(get_gateway_entry(credential, target))
    write_private_file(folder / GATEWAY_FILE, "\n".join(entries))


def get_folder(folder: Path, credential: Credential) -> Path:
    """Return the SDK folder of a credential, below the simulator's ``folder``."""
    return folder / "credentials" / credential.spec.name


def write_token(folder: Path, credential: Credential, token: str) -> None:
    """Write a user token where the SDK looks for it."""
    write_private_file(get_folder(folder, credential) / TOKEN_FILE, f"token={token}\n")


def get_config_text(credential: Credential, server_url: str, push_address: str) -> str:
    """Return the properties file as Tiger hands it out, plus the simulator's addresses.

    The SDK reads that of the push service as protocol, host and port, and takes ``ssl`` alone for TLS.
    """
    pkcs1 = base64.b64encode(signatures.dump_pkcs1(credential.private_key)).decode()
    pkcs8 = base64.b64encode(signatures.dump_pkcs8(credential.private_key)).decode()
    return (
        f"private_key_pk1={pkcs1}\n"
        f"private_key_pk8={pkcs8}\n"
        f"tiger_id={credential.spec.tiger_id}\n"
        f"account={credential.spec.accounts[0].account}\n"
        f"license={credential.license}\n"
        + (f"secret_key={credential.secret_key}\n" if credential.secret_key else "")
        + f"server_url={server_url}\n"
        + f"socket_host_port={push_address}\n"
    )


def get_gateway_entry(credential: Credential, target: Path) -> str:
    """Return one ``[[credentials]]`` table of the gateway's settings file."""
    lines = [
        "[[credentials]]",
        f"name = {json.dumps(credential.spec.name)}",
        f"path = {json.dumps(str(target.absolute()))}",
    ]
    for account in credential.spec.accounts:
        kind = "demo" if account.kind == "PAPER" else "live"
        lines += ["[[credentials.accounts]]", f"account = {json.dumps(account.account)}", f'type = "{kind}"']
    return "\n".join(lines) + "\n"
