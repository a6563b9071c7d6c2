"""The commands beside ``flask run``: ``keys`` and ``config``."""

import dataclasses
import re
import time
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from app.access.keys import ApiKeys, KeyNameError, KeyRecord
from app.access.permissions import ANY_ACCOUNT, Permission
from app.certify.command import build_command as build_certify_command
from app.config.loader import SECTIONS, load_settings_with_provenance
from app.gateway import EXTENSION, get_gateway
from app.openapi.documentation_commands import build_commands as build_description_commands
from app.openapi.documentation_commands import build_current_document
from app.operations.doctor.command import doctor
from app.orders.commands import build_commands as build_journal_commands
from app.orders.journal import Journal
from app.quote_permission.permission_commands import build_commands as build_permission_commands
from app.storage.addresses import HIDDEN, describe_address
from app.tokens.commands import build_commands as build_token_commands

ADDRESSES = frozenset({"database_url", "storage_url"})
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

keys = AppGroup("keys", help="Create, list, rotate and revoke API keys.")


def register(group: click.Group) -> None:
    """Offer our commands in a group: in ``flask`` itself, or in one that a host application has."""
    group.add_command(keys)
    group.add_command(config)
    group.add_command(doctor)
    group.add_command(build_journal_commands(_get_journal))
    group.add_command(build_token_commands(lambda: get_gateway(current_app).tokens))
    group.add_command(build_permission_commands(lambda: get_gateway(current_app).quote_permissions))
    group.add_command(build_certify_command(lambda: build_current_document(EXTENSION)))
    for command in build_description_commands(EXTENSION, register):
        group.add_command(command)


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


@keys.command("create")
@click.option("--name", required=True, help="What the key is called in lists and logs.")
@click.option("--accounts", required=True, help="Account numbers, separated by commas; * for all.")
@click.option("--permissions", required=True, help="Of read, trade and admin, separated by commas.")
@click.option("--expires", type=Span(least=1), help="When it ends, such as 90d; never unless given.")
@click.option("--require-idempotency", is_flag=True, help="Refuse its order commands without an Idempotency-Key.")
def create_key(name: str, accounts: str, permissions: str, expires: int | None, require_idempotency: bool) -> None:
    """Create a key and print it, once; nothing else goes to standard output."""
    if not re.fullmatch(r"[\w][\w .@-]{0,99}", name):
        raise click.BadParameter("use letters, digits, spaces and . @ _ -, at most 100", param_hint="--name")
    granted = _split(permissions)
    if unknown := [word for word in granted if word not in set(Permission)]:
        raise click.BadParameter(f"{unknown[0]} is none of read, trade, admin", param_hint="--permissions")
    allowed = _split(accounts)
    if unreadable := [word for word in allowed if word != ANY_ACCOUNT and not re.fullmatch(r"[A-Za-z0-9]{1,32}", word)]:
        raise click.BadParameter(f"{unreadable[0]} is no account number", param_hint="--accounts")
    if not granted or not allowed:
        raise click.UsageError("a key needs at least one account and one permission")
    expires_at = None if expires is None else time.time_ns() // 1_000_000 + expires * 1_000
    try:
        key = _gateway_keys().create(
            name, allowed, map(Permission, granted), expires_at=expires_at, requires_idempotency=require_idempotency
        )
    except KeyNameError as error:
        raise click.ClickException(str(error)) from error
    served = {account.account for credential in get_gateway(current_app).credentials for account in credential.accounts}
    if unserved := [account for account in allowed if account not in {*served, ANY_ACCOUNT}]:
        click.echo(f"no credential serves {', '.join(unserved)} yet; served are: {', '.join(sorted(served))}", err=True)
    click.echo(key)


@keys.command("list")
def list_keys() -> None:
    """List every key, never the key itself."""
    for record in _gateway_keys().list():
        click.echo(_describe(record))


@keys.command("revoke")
@click.argument("name")
def revoke_key(name: str) -> None:
    """End a key now; every worker refuses it within five seconds."""
    try:
        _gateway_keys().revoke(name)
    except KeyNameError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"revoked {name}", err=True)


@keys.command("rotate")
@click.argument("name")
@click.option("--overlap", type=Span(), default="24h", show_default=True, help="How long the old key stays valid.")
def rotate_key(name: str, overlap: int) -> None:
    """Print a new key for the same client, once; the old one ends after the overlap."""
    try:
        key = _gateway_keys().rotate(name, overlap)
    except KeyNameError as error:
        raise click.ClickException(str(error)) from error
    click.echo(key)


@click.command("config")
def config() -> None:
    """Print the settings in force and where each value came from, secrets masked."""
    settings, provenance = load_settings_with_provenance()
    click.echo(f"instance = {settings.instance}")
    click.echo(f"mode = {settings.mode}")
    for section in SECTIONS:
        values = getattr(settings, section)
        for item in dataclasses.fields(values):
            value = getattr(values, item.name)
            if item.metadata["secret"] and value:
                value = describe_address(value) if item.name in ADDRESSES else HIDDEN
            click.echo(f"{section}.{item.name} = {value!r}  # {provenance.sources[f'{section}.{item.name}']}")
    for credential in settings.credentials:
        accounts = ", ".join(f"{account.account} ({account.type})" for account in credential.accounts)
        click.echo(f"credential {credential.name}: tiger_id {credential.tiger_id}, accounts {accounts}")


def _get_journal() -> tuple[Journal, float]:
    gateway = get_gateway(current_app)
    return gateway.orders.journal, gateway.settings.orders.journal_days


def _gateway_keys() -> ApiKeys:
    return get_gateway(current_app).keys


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
    return f"{identity.name}\t{accounts}\t{permissions}\tcreated {_show(record.created_at)}\t{state}"


def _show(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1_000, UTC).isoformat(timespec="seconds")
