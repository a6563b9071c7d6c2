"""The commands ``flask keys``."""

import contextlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.access.keys import ApiKeys, KeyNameError, KeyRecord
from app.access.permissions import ANY_ACCOUNT, Permission
from app.settings import Credential

UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Span(click.ParamType):  # type: ignore[type-arg] # Generic from click 8.4 on, which no older one has to know.
    """A length of time such as 90d, 12h, 30m or 45s, as seconds."""

    name = "time"

    def __init__(self, least: int = 0) -> None:
        self._least = least

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the seconds."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d{1,6})([smhd])", str(value))
        if match is None:
            self.fail(f"{value!r} is no length of time: write 90d, 12h, 30m or 45s", param, ctx)
        seconds = int(match[1]) * UNITS[match[2]]
        if seconds < self._least:
            self.fail(f"{value!r} is over at once: write 90d, 12h, 30m or 45s", param, ctx)
        return seconds


def build_commands(get_keys: Callable[[], ApiKeys], get_credentials: Callable[[], Iterable[Credential]]) -> AppGroup:
    """Return the commands, which get the keys and the credentials of their gateway from these."""
    group = AppGroup("keys", help="Create, list, rotate and revoke API keys.")

    @group.command("create")
    @click.option("--name", required=True, help="What the key is called in lists and logs.")
    @click.option("--accounts", required=True, help="Account numbers, separated by commas; * for all.")
    @click.option("--permissions", required=True, help="Of read, trade and admin, separated by commas.")
    @click.option("--expires", type=Span(least=1), help="When it ends, such as 90d; never unless given.")
    @click.option("--require-idempotency", is_flag=True, help="Refuse its order commands without an Idempotency-Key.")
    @click.option("--require-confirmation", is_flag=True, help="Let it place only what it has previewed.")
    def create_key(
        name: str,
        accounts: str,
        permissions: str,
        expires: int | None,
        require_idempotency: bool,
        require_confirmation: bool,
    ) -> None:
        """Create a key and print it, once; nothing else goes to standard output."""
        allowed, granted = _read_grant(name, accounts, permissions)
        expires_at = None if expires is None else time.time_ns() // 1_000_000 + expires * 1_000
        with _reporting():
            key = get_keys().create(
                name,
                allowed,
                granted,
                expires_at=expires_at,
                requires_idempotency=require_idempotency,
                requires_confirmation=require_confirmation,
            )
        served = {account.account for credential in get_credentials() for account in credential.accounts}
        if unserved := [account for account in allowed if account not in {*served, ANY_ACCOUNT}]:
            known = ", ".join(sorted(served))
            click.echo(f"no credential serves {', '.join(unserved)} yet; served are: {known}", err=True)
        click.echo(key)

    @group.command("list")
    def list_keys() -> None:
        """List every key, never the key itself."""
        for record in get_keys().list():
            click.echo(_describe(record))

    @group.command("revoke")
    @click.argument("name")
    def revoke_key(name: str) -> None:
        """End a key now; every worker refuses it within five seconds."""
        with _reporting():
            get_keys().revoke(name)
        click.echo(f"revoked {name}", err=True)

    @group.command("rotate")
    @click.argument("name")
    @click.option("--overlap", type=Span(), default="24h", show_default=True, help="How long the old key stays valid.")
    def rotate_key(name: str, overlap: int) -> None:
        """Print a new key for the same client, once; the old one ends after the overlap."""
        with _reporting():
            click.echo(get_keys().rotate(name, overlap))

    return group


def _read_grant(name: str, accounts: str, permissions: str) -> tuple[list[str], list[Permission]]:
    """Return the accounts and permissions of a key to be made."""
    if not re.fullmatch(r"[\w][\w .@-]{0,99}", name):
        raise click.BadParameter("use letters, digits, spaces and . @ _ -, at most 100", param_hint="--name")
    granted = _split(permissions)
    if unknown := [word for word in granted if word not in set(Permission)]:
        raise click.BadParameter(f"{unknown[0]} is none of read, trade, admin", param_hint="--permissions")
    allowed = _split(accounts)
    for word in allowed:
        if word != ANY_ACCOUNT and not re.fullmatch(r"[A-Za-z0-9]{1,32}", word):
            raise click.BadParameter(f"{word} is no account number", param_hint="--accounts")
    if not granted or not allowed:
        raise click.UsageError("a key needs at least one account and one permission")
    return allowed, [Permission(word) for word in granted]


@contextlib.contextmanager
def _reporting() -> Iterator[None]:
    """Report a name that fits no key, or that one has already, as the command's error."""
    try:
        yield
    except KeyNameError as error:
        raise click.ClickException(str(error)) from error


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _describe(record: KeyRecord) -> str:
    identity = record.identity
    now = time.time_ns() // 1_000_000
    if record.revoked_at is not None:
        state = f"revoked {_show(record.revoked_at)}"
    elif identity.expires_at is not None:
        state = f"{'expired' if identity.expires_at <= now else 'expires'} {_show(identity.expires_at)}"
    else:
        state = "valid"
    accounts, permissions = ",".join(sorted(identity.accounts)), ",".join(p for p in Permission if identity.has(p))
    confirms = "\tconfirmation" if identity.requires_confirmation else ""
    return f"{identity.name}\t{accounts}\t{permissions}\tcreated {_show(record.created_at)}\t{state}{confirms}"


def _show(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1_000, UTC).isoformat(timespec="seconds")
